import { createHash } from 'node:crypto'
import { ENTRY_DOCUMENT, encodeValue, readerPublicKey } from '@tanlian/evidence'
import { logStatement, memoryOutbox, openSubmitter, platformGate, readerKeyStatement } from '@tanlian/sdk'
import { describe, expect, it } from 'vitest'
import { expectAccessible, shoot, type Window } from './browser.ts'
import { bringKey, lookAt, lookInTheDark, openFront, PASSPHRASE, type Shown, VIEWS } from './front.ts'
import { signInAs } from './member.ts'
import type { Service } from './service.ts'

/** With which the other organization, here the platform's own, opens what it is granted. */
const READER = new Uint8Array(createHash('sha256').update('the buyer’s reader').digest())

const front = openFront(publishReader)
const { inWindow } = front

/** Every reading of the meter has this: Wh as sealed, kWh as in the file. */
const CANARY_WH = 7_654_321
const CANARY_TEXT = '7654.321'
/** What only the owner may see of a closed type: the number as the file has it and as a chunk has it. */
const CANARIES = [Buffer.from(CANARY_TEXT), Buffer.from(encodeValue(CANARY_WH))]

/** A day of quarter hours, all with the marked value. */
function markedDay(day: string): string {
  const rows = Array.from({ length: 96 }, (_, at) => {
    const time = new Date(at * 900_000).toISOString().slice(11, 16)
    return `${day} ${time},${CANARY_TEXT}`
  })
  return `time,energy_kWh\n${rows.join('\n')}\n`
}

async function publishReader({ client, platform }: Service): Promise<void> {
  const { chainId, contracts } = await client.wellKnown()
  const submitter = openSubmitter({
    gate: platformGate(client),
    outbox: memoryOutbox(),
    log: { chainId, verifyingContract: contracts.EvidenceLog },
    organization: platform.id,
    kind: ENTRY_DOCUMENT,
    key: platform.keys.documents,
  })
  await logStatement(submitter, platform.id, readerKeyStatement([readerPublicKey(READER)]), 'test')
}

const of = () => `/organizations/${front.service.steel.id}/privacy`
const entries = async () => {
  const found = []
  for await (const entry of front.service.client.entries(front.service.steel.id, 1)) found.push(entry)
  return found
}

/** Opens the one key that fits, where the page asks for it. */
async function unlock(page: Window['page']): Promise<void> {
  await page.locator('[autocomplete=current-password]:visible').last().fill(PASSPHRASE)
  await page.locator('button:visible', { hasText: 'Open the key' }).last().click()
}

/** Sends one marked day through the page, and gives everything that went to the server meanwhile. */
async function upload(page: Window['page'], day: string, way: string): Promise<Buffer> {
  const sent: Buffer[] = []
  const listen = (request: { postDataBuffer(): Buffer | null; url(): string }) =>
    sent.push(Buffer.from(request.url()), request.postDataBuffer() ?? Buffer.alloc(0))
  page.context().on('request', listen)
  await page.goto('/upload')
  await unlock(page)
  await page
    .getByLabel(/CSV, tab-separated/)
    .setInputFiles({ name: 'day.csv', mimeType: 'text/csv', buffer: Buffer.from(markedDay(day)) })
  await page.getByLabel('Device (meter)').fill('meter M-77')
  await page.getByLabel("A stamp is its interval's").selectOption('start')
  await page.getByRole('button', { name: 'Check every row' }).click()
  await expect.poll(() => page.locator('[data-privacy]').evaluateAll(privacies)).toEqual([way])
  await page.getByRole('button', { name: /Sign and send 96 readings/ }).click()
  const done = page.getByText('All sent, and receipts are here.')
  await done.or(page.locator('[role=alert]')).first().waitFor({ timeout: 60_000 })
  expect(await page.locator('[role=alert]').allInnerTexts()).toEqual([])
  page.context().off('request', listen)
  await expect.poll(async () => (await entries()).every(({ index }) => index !== null), { timeout: 60_000 }).toBe(true)
  return Buffer.concat(sent)
}

/** In the page: how each type on show is kept. */
function privacies(shown: readonly Element[]): (string | undefined)[] {
  return shown.map((one) => (one as HTMLElement).dataset.privacy)
}

describe('pages of confidential data', () => {
  const pages = (): readonly Shown[] => [
    ['privacy', of(), 'tbody tr'],
    ['granted', `/organizations/${front.service.platform.id}/granted`, '.note'],
  ]

  it.each(VIEWS)('are whole, accessible and without complaint in $language on a $screen', async (view) => {
    const titles = await lookAt(front, pages(), view)
    expect(new Set(titles).size).toBe(pages().length)
  })

  it('follow the system into the dark', async () => {
    await lookInTheDark(front, pages())
  })
})

describe('an enterprise', () => {
  it('S33 keeps a type closed: what it uploads is sealed in the browser, and the server never gets a mark', async () => {
    const { steel, platform } = front.service
    await inWindow({ language: 'en' }, async ({ page, complaints }) => {
      await signInAs(page, front.service, 'editor')
      await bringKey(page, steel.keys.batches, 'batches')
      // What is open is sent as it is: the marks are found where they are given.
      const open = await upload(page, '2018-06-01', 'open')
      for (const mark of CANARIES) expect(open.includes(mark)).toBe(true)

      await bringKey(page, steel.keys.documents, 'documents')
      await page.goto(of())
      await page.getByText("Make a reader's key in this browser").click()
      await page.getByLabel(/^Name/).fill('plant reader')
      await page.getByLabel(/^Passphrase \(at least/).fill(PASSPHRASE)
      await page.getByLabel('Again').fill(PASSPHRASE)
      await page.getByRole('button', { name: 'Make the key' }).click()
      await page.getByRole('button', { name: 'I have written them down' }).click({ timeout: 60_000 })
      await page.getByRole('button', { name: 'Publish “plant reader”' }).click()
      await unlock(page)
      await page.getByRole('button', { name: 'Sign: publish the key' }).click()
      await page.getByText(/valid since document/).waitFor()

      await page.getByLabel('How electricity imported is kept').selectOption('closed')
      await shoot(page, 'privacy-choose')
      await unlock(page)
      await page.getByRole('button', { name: 'Sign and log the choice' }).click()
      await page.getByText(/By the signed document/).waitFor()

      const sealed = await upload(page, '2018-06-02', 'closed')
      expect(sealed.includes(Buffer.from('tanlian/sealed/1'))).toBe(true)
      for (const mark of CANARIES) expect(sealed.includes(mark)).toBe(false)
      expect((await entries()).at(-1)).toMatchObject({ sealed: true, audited: false })
      complaints.splice(0)

      await page.goto(of())
      for (const [access, word] of [
        ['read', 'readings'],
        ['day', 'sums by day'],
      ] as const) {
        const form = page.getByRole('form', { name: 'Give a grant' })
        await form.getByLabel('Reader').selectOption(String(platform.id))
        await form.getByLabel('May have').selectOption(access)
        await form.locator('input[type=date]').first().fill('2018-06-01')
        await form.locator('input[type=date]').last().fill('2018-06-30')
        for (const box of await form.locator('fieldset').first().getByRole('checkbox').all()) await box.check()
        if (access === 'read') await unlock(page)
        await page.getByRole('button', { name: 'Sign the grant' }).click()
        await page.getByRole('cell', { name: word, exact: true }).waitFor()
      }
      await expectAccessible(page)
      await shoot(page, 'privacy-grants')
      await upload(page, '2018-06-03', 'closed')

      await page.goto(of())
      await page.getByText(/have no summary yet \(sums by day\): 2/).waitFor()
      await page.getByRole('button', { name: 'Make and hand in the summaries' }).click()
      await unlock(page)
      await page.getByText(/Every batch that the platform cannot read has its summary/).waitFor()
    })
  })

  it('and whoever it granted opens exactly that, in its own browser; what was sealed before is not granted', async () => {
    const { steel, platform } = front.service
    await inWindow({ language: 'en' }, async ({ page }) => {
      await signInAs(page, front.service, 'reader', platform)
      await bringKey(page, READER)
      await page.goto(`/organizations/${platform.id}/granted`)
      await page.getByRole('button', { name: 'Open here' }).click()
      await unlock(page)
      await page.locator('[data-verdict=partial]').waitFor({ timeout: 60_000 })
      await page.getByText('Batches opened whole: 2.').waitFor()
      await page.getByText(/Batches of this enterprise that are not granted to you: 1/).waitFor()
      // The open day and the granted one, each uploaded as a stream of its own.
      const rows = await page.getByRole('row', { name: /^electricity imported \d/ }).allInnerTexts()
      expect(rows).toHaveLength(2)
      for (const row of rows) expect(row).toMatch(/\b96\b[\s\S]*734\.81/)
      await expectAccessible(page)
      await shoot(page, 'granted-opened')

      // Of sums it is answered by the platform itself, from what the owner handed in: for the closed days too.
      const status = await page.evaluate(askTrace, { id: steel.id, from: 1_527_868_800, to: 1_527_955_200 })
      expect(status).toBe(200)
    })
    await inWindow({ language: 'zh-CN', screen: 'phone' }, async ({ page }) => {
      await signInAs(page, front.service, 'editor')
      await page.goto(of())
      await page.getByRole('button', { name: '终止今后的授权' }).first().click()
      await page.getByText(/已于 .* 终止/).waitFor()
      await expectAccessible(page)
      await shoot(page, 'privacy-grants-phone')
    })
  })
})

/** In the page: what the platform answers to whoever is signed in there. */
async function askTrace({ id, from, to }: { id: number; from: number; to: number }): Promise<number> {
  return (await fetch(`/v1/organizations/${id}/trace?type=02&from=${from}&to=${to}`)).status
}
