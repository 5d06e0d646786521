import { ENTRY_DOCUMENT, readerPublicKey, sealDraft } from '@tanlian/evidence'
import {
  logStatement,
  memoryOutbox,
  openClient,
  openReaders,
  openSubmitter,
  platformGate,
  readerKeyStatement,
  signIn,
} from '@tanlian/sdk'
import { describe, expect, it } from 'vitest'
import { expectAccessible, shoot, type Window } from './browser.ts'
import { openFront } from './front.ts'
import { FROM, METER, sendInstruments } from './instruments.ts'
import { signInAs } from './member.ts'
import type { Service } from './service.ts'

const front = openFront(sendSealed)
const { inWindow } = front

/** The instruments' batch, shared: sealed for the plant and the platform. */
async function sendSealed(service: Service): Promise<void> {
  const { client, steel, url } = service
  const { chainId, contracts } = await client.wellKnown()
  const log = { chainId, verifyingContract: contracts.EvidenceLog }
  const { id: organization, keys } = steel
  const gate = platformGate(client)
  const submitter = openSubmitter({
    ...{ gate, outbox: memoryOutbox(), log, organization, kind: ENTRY_DOCUMENT, key: keys.documents },
  })
  const key = readerPublicKey(crypto.getRandomValues(new Uint8Array(32)))
  await logStatement(submitter, organization, readerKeyStatement([key]), 'reader-key')
  const { token } = await signIn(client, organization, keys.documents)
  const owner = openClient({ base: url, headers: () => ({ authorization: `Bearer ${token}` }) })
  const rules = [{ prefix: new Uint8Array(0), mode: 'shared' }] as const
  const readersOf = await openReaders({ client: owner, gate, log, organization }, rules)
  if (readersOf === undefined) throw new Error('Nothing is sealed.')
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  await sendInstruments(service, (draft) => sealDraft(draft, organization, readersOf, random))
}

/** The newest batch of the plant, which is the sealed one. */
async function sealedBatch(): Promise<string> {
  const path = `/v1/organizations/${front.service.steel.id}/entries?kind=1&order=newest&limit=1`
  const { items } = await front.service.client.http.json<{ items: { cid: string; sealed: boolean }[] }>(path)
  const [entry] = items
  if (entry?.sealed !== true) throw new Error('The newest batch is not sealed.')
  return entry.cid
}

/** That a page has said what it has to: nothing failed in a citizen's eyes but a refusal behind it. */
async function expectPlain({ page, complaints }: Window) {
  expect(await page.locator('.note.failed').count()).toBe(0)
  expect(await page.getByText(/E_CONFIDENTIAL/).count()).toBe(0)
  await expectAccessible(page)
  expect(complaints.splice(0).filter((one) => !/403/.test(one))).toEqual([])
}

describe('S32 sealed readings', () => {
  it.each([
    ['en', 'desktop', 'The owner has not made these readings public', 'What is public all the same', /Batch \d+/],
    ['zh-CN', 'phone', '数据所有者未公开这些读数', '仍然公开、可以核对的内容', /批次 \d+/],
  ] as const)(
    'a citizen (%s, %s) is told in plain words what is withheld, and shown what is public',
    async (language, screen, title, open, batch) => {
      const id = front.service.steel.id
      await inWindow({ language, screen }, async (window) => {
        const { page } = window
        await page.goto(`/trace?organization=${id}&type=02&stream=${METER.stream}&from=2026-11-20&through=2026-11-20`)
        await page.getByText(title).waitFor()
        await page.getByRole('heading', { name: open }).waitFor()
        await page.getByRole('link', { name: batch }).first().waitFor()
        await shoot(page, `withheld-trace-${language}`)
        await expectPlain(window)
        // Before anything is asked, too: the form can name no time of what is sealed.
        await page.goto(`/trace?organization=${id}`)
        await page.getByText(title).waitFor()
        await expectPlain(window)
        for (const path of [`/batches/${await sealedBatch()}`, `/organizations/${id}/streams/${METER.stream}`]) {
          await page.goto(path)
          await page.getByText(title).waitFor()
          await expectPlain(window)
        }
      })
    },
  )

  it('whoever may read follows one reading from its raw message to the chain', async () => {
    const { steel } = front.service
    const path = `/organizations/${steel.id}/devices/${METER.device}?stream=${METER.stream}&batch=${await sealedBatch()}&at=${FROM}`
    await inWindow({ language: 'en' }, async ({ page }) => {
      await signInAs(page, front.service, 'reader')
      await page.goto(path)
      await page.getByTestId('reading-steps').locator('li').nth(3).waitFor()
      await page.getByText('40 Wh').first().waitFor()
      await page.getByText('modbus-tcp').first().waitFor()
      expect(await page.getByTestId('reading-steps').locator('.status.failed').count()).toBe(0)
      await shoot(page, 'sealed-reading')
    })
  })
})
