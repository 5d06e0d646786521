import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { expectAccessible, shoot } from './browser.ts'
import { bringKey, openFront, PASSPHRASE } from './front.ts'
import { loadCurve } from './service.ts'

let traced: string

const front = openFront(async ({ steel }) => {
  traced = `/trace?organization=${steel.id}&type=02&from=2018-03-01&through=2018-03-31`
})
const { inWindow } = front

describe('the trace page', () => {
  it('locates, retrieves and checks against the chain, line by line, and labels the platform’s own audit as not independent', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(traced)
      await page.locator('[data-verdict=verified]').waitFor()
      const lines = await page
        .locator('[data-step]')
        .evaluateAll((items) =>
          items.map((item) => `${item.getAttribute('data-step')} ${item.getAttribute('data-ok')}`),
        )
      expect(lines).toEqual([
        'log true',
        'entries true',
        'signatures true',
        'inclusion true',
        'proofs true',
        'complete true',
        'bodies null',
        'restatements true',
        'witnesses null',
      ])
      await page.getByText("0 outside witnesses; the platform's own audit is not independent").waitFor()
      expect(await page.getByTestId('total').innerText()).toBe(`${expectedKWh()} MWh`)
      // The bytes of all batches are asked for after the answer stands.
      await page.getByTestId('moved').getByText('in all its').waitFor()
      expect(await page.getByTestId('moved').innerText()).toMatch(
        /^[\d.]+ kB of [\d.]+ kB in all its \d+ batches \([\d.]+ %\)$/,
      )
    })
  })

  it('exports a package that the public page verifies, also offline, and refuses with one byte changed', async () => {
    await inWindow({ language: 'en' }, async ({ page, context, complaints }) => {
      await page.goto(traced)
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download the evidence package' }).click(),
      ])
      const path = await download.path()
      const bytes = readFileSync(path)
      await page.goto('/check')
      await page.locator('#file').setInputFiles(path)
      await page.locator('[data-verdict=verified]').waitFor()
      await shoot(page, 'check-verified')
      await expectAccessible(page)

      await page.locator('#offline[data-ready=true]').waitFor()
      await context.setOffline(true)
      await page.reload()
      await page.locator('#offline[data-ready=true]').waitFor()
      await page.locator('#file').setInputFiles(path)
      await page.locator('[data-verdict=unchecked]').waitFor()
      await page.getByText('Holds against the checkpoint in the package; chain not asked').waitFor()
      await shoot(page, 'check-offline')
      await context.setOffline(false)

      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      await page
        .locator('#file')
        .setInputFiles({ name: 'altered.car', mimeType: 'application/vnd.ipld.car', buffer: bytes })
      await page.getByRole('alert').waitFor()
      // Without a network the browser itself complains of what it could not load.
      complaints.length = 0
    })
  })

  it('takes a question by its form into the address, and back', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto('/trace')
      await page.getByRole('combobox', { name: '组织' }).selectOption(String(front.service.steel.id))
      await page.getByLabel(/电力/).first().check()
      await page.getByRole('button', { name: '溯源' }).click()
      await page.locator('[data-verdict=verified]').waitFor()
      const address = new URL(page.url())
      expect(address.searchParams.get('type')).toBe('02')
      expect(address.searchParams.get('from')).toBe('2018-03-01')
      await page.reload()
      await page.locator('[data-verdict=verified]').waitFor()
    })
  })
})

describe('the tamper lab', () => {
  it('has every way of cheating caught by the check that should', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(`/tamper?organization=${front.service.steel.id}&type=020100&from=2018-03-02&through=2018-03-07`)
      await page.getByRole('button', { name: /Leave it alone/ }).click()
      await page.locator('[data-verdict=verified]').waitFor()
      const caught: Record<string, string | null> = {}
      for (const way of [
        'Alter a quantity',
        'Drop a reading',
        'Reorder',
        'Move a time',
        'Forge a signature',
        'Answer from an old root',
        'Hide a batch',
      ]) {
        await page.getByRole('button', { name: new RegExp(way) }).click()
        await page.locator('h2', { hasText: way }).waitFor()
        await page.locator('[data-caught]').waitFor()
        caught[way] = await page.locator('[data-caught]').getAttribute('data-caught')
      }
      expect(caught).toEqual({
        'Alter a quantity': 'proofs',
        'Drop a reading': 'proofs',
        Reorder: 'proofs',
        'Move a time': 'proofs',
        'Forge a signature': 'signatures',
        'Answer from an old root': 'entries',
        'Hide a batch': 'entries',
      })
      await shoot(page, 'tamper-caught')
      await expectAccessible(page)
    })
  })
})

describe('upload', () => {
  it('reads a file in a worker, names bad rows, signs in the browser, and what it sent can be traced', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await bringKey(page, front.service.steel.keys.batches)
      await page.goto('/upload')
      // The plant's streams come late: the page must wait for them before it numbers a new one.
      await page.route('**/v1/organizations/*/streams*', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 2000))
        await route.continue()
      })
      await page.getByLabel('Passphrase').fill(PASSPHRASE)
      await page.getByRole('button', { name: 'Open the key' }).click()
      const rows = loadCurve(2).replaceAll('2018-03', '2018-05').replace('2018-05-01 03:00,', '2018-05-01 03:00,x')
      await page
        .getByLabel(/CSV, tab-separated/)
        .setInputFiles({ name: 'may.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) })
      await page.getByLabel('Device (meter)').fill('meter M-09')
      await page.getByLabel("A stamp is its interval's").selectOption('start')
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Check every row' }).click()
      await page.getByText('E_TABLE_NUMBER').waitFor()
      await shoot(page, 'upload-plan')
      await page.getByRole('button', { name: /Sign and send 191 readings/ }).click()
      const sent = page.getByText('All sent, and receipts are here.')
      await sent.or(page.locator('[role=alert]')).first().waitFor({ timeout: 60_000 })
      expect(await page.locator('[role=alert]').allInnerTexts()).toEqual([])
      await sent.waitFor()
      // A trace is as of the log: it counts what was sent once that stands on the chain.
      await expect.poll(waitingForTheChain, { timeout: 60_000 }).toEqual([])
      await page.goto(`/trace?organization=${front.service.steel.id}&type=020100&from=2018-05-01&through=2018-05-02`)
      await page.locator('[data-verdict]').waitFor()
      await page.getByText('191', { exact: true }).first().waitFor()
    })
  })
})

describe('a data set', () => {
  it('is found, chosen from, sorted and summed, and its view can be shared', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto('/datasets')
      await page.getByRole('link', { name: 'EU ETS installations' }).click()
      await page.getByText('5,457 of 5,457 rows').waitFor()
      await page.locator('[data-verdict=verified]').waitFor()
      await page.getByRole('combobox', { name: 'Country', exact: true }).selectOption('AT')
      await page.getByRole('combobox', { name: 'Sector', exact: true }).selectOption('24')
      await page.getByRole('combobox', { name: 'Year', exact: true }).selectOption('2021')
      await page.getByText(/of 5,457 rows/).waitFor()
      const first = page.locator('tbody tr').first()
      expect(await first.innerText()).toMatch(/^Voestalpine Stahl Linz/)
      const address = new URL(page.url())
      expect(Object.fromEntries(address.searchParams)).toEqual({ country: 'AT', activity: '24', year: '2021' })
      await page.getByRole('button', { name: /^Verified emissions/ }).click()
      await page.locator('th[aria-sort=ascending]', { hasText: 'Verified emissions (tCO2e, 2021)' }).waitFor()
      await page.getByLabel('Find by name').fill('donawitz')
      await page.getByText('1 of 5,457 rows').waitFor()
      await page.reload()
      await page.getByText('1 of 5,457 rows').waitFor()
      await expectAccessible(page)
    })
  })

  it('is unavailable where the bytes that come are not those that were signed', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.route(/\/ipfs\//, async (route) => {
        const response = await route.fetch()
        const body = await response.body()
        body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1
        await route.fulfill({ response, body })
      })
      await page.goto(`/datasets/${front.service.dataset}`)
      await page.getByRole('alert').waitFor()
      await page.getByText('E_TRACE_BLOCK').waitFor()
      expect(await page.locator('tbody tr').count()).toBe(0)
    })
  })
})

/** Sequences of the plant that are accepted and not in the log yet. */
async function waitingForTheChain(): Promise<readonly number[]> {
  const waiting: number[] = []
  for await (const { sequence, index } of front.service.client.entries(front.service.steel.id, 1))
    if (index === null) waiting.push(sequence)
  return waiting
}

/** What the week's curve adds up to, by the shortest way. */
function expectedKWh(): string {
  const sum = loadCurve(7)
    .split('\n')
    .slice(1, -1)
    .reduce((total, row) => total + BigInt((row.split(',')[1] ?? '').replace('.', '')) * 10n, 0n)
  return (Number(sum) / 1e6).toLocaleString('en', { maximumFractionDigits: 6 })
}
