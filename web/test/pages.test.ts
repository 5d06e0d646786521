import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { tracePath } from '@tanlian/sdk'
import { periodWindow } from '@tanlian/units'
import { describe, expect, it } from 'vitest'
import { expectAccessible } from './browser.ts'
import { lookAt, lookInTheDark, openFront, type Shown, VIEWS } from './front.ts'
import { signInAs } from './member.ts'

const DIST = join(import.meta.dirname, '../dist')

let traced: string
let batch: string

const front = openFront(async ({ client, steel }) => {
  traced = `/trace?organization=${steel.id}&type=02&from=2018-03-01&through=2018-03-31`
  for await (const entry of client.entries(steel.id, 1)) batch ??= entry.cid
})
const { inWindow } = front

describe('every page', () => {
  const pages = (): readonly Shown[] => [
    ['home', '/', '[data-testid=live-age]'],
    ['trace', traced, '[data-verdict]'],
    ['trace-readings', `${traced}&mode=readings`, '[data-verdict]'],
    ['batch', `/batches/${batch}`, 'svg.tree'],
    ['organizations', '/organizations', 'tbody tr'],
    ['organization', `/organizations/${front.service.steel.id}`, 'tbody tr'],
    ['datasets', '/datasets', 'main .sheet'],
    ['dataset', `/datasets/${front.service.dataset}`, '[data-verdict]'],
    ['apply', '/apply', 'form'],
    ['upload', '/upload', '.note'],
    ['review', '/review', '.note'],
    ['keys', '/keys', 'form'],
    ['sign-in', '/sign-in', 'form'],
    ['status', '/status', '.sheet'],
    ['tamper', `/tamper?organization=${front.service.steel.id}&type=020100&from=2018-03-02&through=2018-03-02`, '.lab'],
    ['check', '/check', '.drop'],
    ['check-link', `/check?package=${encodeURIComponent(marchPackage())}`, '[data-verdict]'],
    ['not-found', '/nowhere', 'h1'],
  ]

  it.each(VIEWS)('is whole, accessible and without complaint in $language on a $screen', async (view) => {
    const titles = await lookAt(front, pages(), view)
    // Tabs are told apart by their names; a page that is shown twice has one name.
    expect(new Set(titles).size).toBe(pages().length - 2)
    const brand = view.language === 'en' ? ' · Tanlian' : ' · 碳链'
    expect(titles.filter((title) => !title.endsWith(brand))).toEqual([])
  })

  it('follows the system into the dark', async () => {
    const names = ['home', 'trace', 'batch', 'dataset', 'check-link']
    await lookInTheDark(
      front,
      pages().filter(([name]) => names.includes(name)),
    )
  })
})

describe('the shell', () => {
  it('switches the language of everything without a reload', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto('/')
      await page.evaluate(() => Object.assign(globalThis, { stayed: true }))
      await page.getByRole('button', { name: 'English' }).click()
      await page.getByRole('heading', { level: 1, name: 'Every tonne traces back to signed readings' }).waitFor()
      expect(await page.evaluate(() => 'stayed' in globalThis)).toBe(true)
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
    })
  })

  it('goes anywhere by keyboard: palette, help, skip link', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto('/')
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Go to or look up' }).fill('tamper')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Tamper lab' }).waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'How this works' }).waitFor()
      await page.getByText('The reading is on stable storage; it survives a power cut.').waitFor()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    })
  })

  it('says in the demo who has signed in, and offers no other role then', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await signInAs(page, front.service, 'reader')
      await page.goto('/organizations')
      const banner = page.getByRole('complementary', { name: 'Demo: you are' })
      await banner.getByRole('link', { name: '值班员 · an enterprise' }).waitFor()
      expect(await page.locator('#role').count()).toBe(0)
      await expectAccessible(page)
    })
  })

  it('says in the demo who you are', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto('/')
      await page.getByLabel('演示：您现在是').selectOption({ label: '核查员' })
      await page.getByRole('heading', { level: 1, name: '核查' }).waitFor()
    })
  })
})

describe('home', () => {
  it('finds an organization, a batch and a meter in one box, and the address can be shared', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto('/')
      for (const [query, shown] of [
        [String(front.service.steel.id), '示范钢铁厂'],
        ['钢铁', '示范钢铁厂'],
        [batch, '批次'],
        ['M-07', 'M-07'],
      ] as const) {
        await page.getByRole('searchbox').fill(query)
        await page.getByRole('button', { name: '查询', exact: true }).click()
        await page.locator('.results', { hasText: shown }).waitFor()
        expect(new URL(page.url()).searchParams.get('q')).toBe(query)
      }
      await page.getByRole('searchbox').fill('nothing-like-this')
      await page.keyboard.press('Enter')
      await page.getByText('没有找到“nothing-like-this”').waitFor()
    })
  })
})

describe('the weight of a page', () => {
  // Bytes of script as they travel, before anything is pressed: a phone on a slow network waits for them.
  it.each([
    ['/', 208_000],
    ['/organizations', 208_000],
    ['/datasets', 210_000],
    ['/trace', 225_000],
    ['/status', 208_000],
  ])('of %s is at most %i bytes of script', async (path, most) => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(path, { waitUntil: 'networkidle' })
      // Each file once: the worker that keeps the check page for offline use may ask for its files again.
      const sizes = await page.evaluate(() =>
        performance
          .getEntriesByType('resource')
          .filter(
            (entry): entry is PerformanceResourceTiming => 'encodedBodySize' in entry && entry.name.endsWith('.js'),
          )
          .map(({ name, encodedBodySize }) => [name, encodedBodySize] as const),
      )
      const bytes = [...new Map(sizes).values()].reduce((sum, size) => sum + size, 0)
      expect(bytes).toBeGreaterThan(10_000)
      expect(bytes).toBeLessThanOrEqual(most)
    })
  })
})

describe('the check page', () => {
  const scripts = (folder: string, file: string, pattern: RegExp) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(pattern)].map(([, name]) => `assets/${name}`)
  const weigh = (files: Iterable<string>) =>
    [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0)

  it('carries at most 80 kB of script, gzipped; what reports and proofs need comes after it, at most 40 kB', () => {
    const named = scripts(DIST, 'check.html', /(?:src|href)="\/assets\/([^"]+\.js)"/g)
    const first = new Set(named)
    const later = new Set<string>()
    for (const file of first) {
      for (const other of scripts(DIST, file, /(?:from|import)\s*["'`]\.\/([\w-]+\.js)["'`]/g)) first.add(other)
      for (const other of scripts(DIST, file, /import\(["'`]\.\/([\w-]+\.js)["'`]\)/g)) later.add(other)
    }
    for (const file of later)
      for (const other of scripts(DIST, file, /(?:from|import)\s*["'`]\.\/([\w-]+\.js)["'`]/g))
        if (!first.has(other)) later.add(other)
    expect(readdirSync(join(DIST, 'assets')).length).toBeGreaterThan(0)
    expect(named.length).toBeGreaterThan(0)
    expect(later.size).toBeGreaterThan(0)
    expect(weigh(first)).toBeLessThanOrEqual(80_000)
    expect(weigh(later)).toBeLessThanOrEqual(40_000)
  })
})

/** Where the platform answers for the steel plant's electricity in March: what the code of a trace leads to. */
const marchPackage = () =>
  tracePath(front.service.steel.id, { types: ['02'], ...periodWindow('2018-03', 'Asia/Shanghai') })
