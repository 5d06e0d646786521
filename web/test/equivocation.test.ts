import { type Entry, encodeEquivocation, signEntry } from '@tanlian/evidence'
import { describe, expect, it } from 'vitest'
import { expectAccessible, shoot } from './browser.ts'
import { openFront } from './front.ts'

const front = openFront()

describe('a proof of equivocation on the public page', () => {
  it('S9 says what it proves and against whom, and a changed one proves nothing', async () => {
    const key = new Uint8Array(32).fill(5)
    const log = { chainId: 31337, verifyingContract: `0x${'ab'.repeat(20)}` } as const
    const entry = (fill: number): Entry => ({
      ...{ kind: 1, organization: 7, sequence: 12 },
      digest: new Uint8Array(32).fill(fill),
    })
    const entries = [entry(1), entry(2)] as const
    const signatures = [signEntry(entries[0], log, key), signEntry(entries[1], log, key)] as const
    const proof = Buffer.from(encodeEquivocation({ kind: 'entries', log, entries, signatures }))
    await front.inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto('/check')
      await page
        .locator('#file')
        .setInputFiles({ name: 'proof.cbor', mimeType: 'application/octet-stream', buffer: proof })
      await page.locator('[data-equivocation=entries]').waitFor()
      await page.getByText('Organization 7 has two digests signed for batch 12.').waitFor()
      await shoot(page, 'check-equivocation')
      await expectAccessible(page)
      const same = Buffer.from(
        encodeEquivocation({
          kind: 'entries',
          log,
          entries: [entries[0], entries[0]],
          signatures: [signatures[0], signatures[0]],
        }),
      )
      await page.getByText('Check another file').click()
      await page
        .locator('#file')
        .setInputFiles({ name: 'same.cbor', mimeType: 'application/octet-stream', buffer: same })
      await page.getByText('E_EQUIVOCATION_NONE').waitFor()
      expect(await page.locator('[data-equivocation]').count()).toBe(0)
    })
  })
})
