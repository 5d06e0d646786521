import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { addressOf } from '@tanlian/evidence'
import { type Client, encryptKey, newPrivateKey, openClient, phraseOf, tracePath } from '@tanlian/sdk'
import { periodWindow } from '@tanlian/units'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { applyFor } from '../src/organization/act.ts'
import { closeBrowser, expectAccessible, LANGUAGES, openWindow, SCREENS, shoot, type Window } from './browser.ts'
import { loadCurve, type Service, startService } from './service.ts'

// A whole platform starts, and a browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 150_000, hookTimeout: 150_000 })

const MARCH = 'from=2018-03-01&through=2018-03-31'
const PASSPHRASE = 'correct horse battery'
const DIST = join(import.meta.dirname, '../dist')

let service: Service
let traced: string
let batch: string

beforeAll(async () => {
  service = await startService()
  traced = `/trace?organization=${service.steel.id}&type=02&${MARCH}`
  for await (const entry of service.client.entries(service.steel.id, 1)) batch ??= entry.cid
})
afterAll(async () => {
  await closeBrowser()
  await service?.stop()
})

/** One window for one story; its own complaints end the test. */
async function inWindow(
  options: Omit<Parameters<typeof openWindow>[0], 'url'>,
  story: (window: Window) => Promise<void>,
) {
  const window = await openWindow({ url: service.url, ...options })
  try {
    await story(window)
    expect(window.complaints).toEqual([])
  } catch (error) {
    // What the page showed when the story broke, for whoever has to find out why.
    await window.page.screenshot({ path: join(import.meta.dirname, 'screenshots', `broken-${Date.now()}.png`) })
    throw error
  } finally {
    await window.close()
  }
}

describe('every page', () => {
  const pages = (): readonly (readonly [name: string, path: string, ready: string])[] => [
    ['home', '/', '[data-testid=live-age]'],
    ['trace', traced, '[data-verdict]'],
    ['trace-readings', `${traced}&mode=readings`, '[data-verdict]'],
    ['batch', `/batches/${batch}`, 'svg.tree'],
    ['organizations', '/organizations', 'tbody tr'],
    ['organization', `/organizations/${service.steel.id}`, 'tbody tr'],
    ['datasets', '/datasets', 'main .sheet'],
    ['dataset', `/datasets/${service.dataset}`, '[data-verdict]'],
    ['apply', '/apply', 'form'],
    ['upload', '/upload', '.note'],
    ['review', '/review', '.note'],
    ['keys', '/keys', 'form'],
    ['sign-in', '/sign-in', 'form'],
    ['status', '/status', '.sheet'],
    ['tamper', `/tamper?organization=${service.steel.id}&type=020100&from=2018-03-02&through=2018-03-02`, '.lab'],
    ['check', '/check', '.drop'],
    ['check-link', `/check?package=${encodeURIComponent(marchPackage())}`, '[data-verdict]'],
    ['not-found', '/nowhere', 'h1'],
  ]
  for (const screen of Object.keys(SCREENS) as (keyof typeof SCREENS)[]) {
    for (const language of LANGUAGES) {
      it(`is whole, accessible and without complaint in ${language} on a ${screen}`, async () => {
        await inWindow({ language, screen }, async ({ page, complaints }) => {
          const titles = new Set<string>()
          for (const [name, path, ready] of pages()) {
            await page.goto(path)
            await page.locator(ready).first().waitFor()
            expect(await page.locator('html').getAttribute('lang')).toBe(language)
            titles.add(await page.title())
            // What a machine can see of accessibility is the same in both languages.
            if ((language === 'en') === (screen === 'phone')) await expectAccessible(page)
            await shoot(page, `${name}-${language}-${screen}`)
            expect(complaints.splice(0), path).toEqual([])
          }
          // Tabs are told apart by their names; a page that is shown twice has one name.
          expect(titles.size).toBe(pages().length - 2)
          expect([...titles].filter((title) => !title.endsWith(language === 'en' ? ' · Tanlian' : ' · 碳链'))).toEqual(
            [],
          )
        })
      })
    }
  }

  it('follows the system into the dark', async () => {
    await inWindow({ dark: true }, async ({ page }) => {
      for (const [name, path, ready] of pages().filter(([one]) =>
        ['home', 'trace', 'batch', 'dataset', 'check-link'].includes(one),
      )) {
        await page.goto(path)
        await page.locator(ready).first().waitFor()
        await expectAccessible(page)
        await shoot(page, `${name}-dark`)
      }
    })
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

  it('says in the demo who you are', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto('/')
      await page.getByLabel('演示：您现在是').selectOption({ label: '核查员' })
      await page.getByRole('heading', { level: 1, name: '溯源' }).waitFor()
    })
  })
})

describe('home', () => {
  it('finds an organization, a batch and a meter in one box, and the address can be shared', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto('/')
      for (const [query, shown] of [
        [String(service.steel.id), '示范钢铁厂'],
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
      await page.getByRole('combobox', { name: '组织' }).selectOption(String(service.steel.id))
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
      await page.goto(`/tamper?organization=${service.steel.id}&type=020100&from=2018-03-02&through=2018-03-07`)
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

/** Sequences of the plant that are accepted and not in the log yet. */
async function waitingForTheChain(): Promise<readonly number[]> {
  const waiting: number[] = []
  for await (const { sequence, index } of service.client.entries(service.steel.id, 1))
    if (index === null) waiting.push(sequence)
  return waiting
}

describe('upload', () => {
  it('reads a file in a worker, names bad rows, signs in the browser, and what it sent can be traced', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await bringKey(page, service.steel.keys.batches)
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
      await page.goto(`/trace?organization=${service.steel.id}&type=020100&from=2018-05-01&through=2018-05-02`)
      await page.locator('[data-verdict]').waitFor()
      await page.getByText('191', { exact: true }).first().waitFor()
    })
  })
})

describe('application and binding', () => {
  it('goes from an empty form to a bound enterprise: applied, approved, asked and confirmed, each signed in a browser', async () => {
    let application = ''
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto('/apply')
      await page.getByLabel('名称', { exact: true }).fill('新水泥厂')
      await page.getByLabel('联系人').fill('李工')
      await page.getByRole('button', { name: '下一步' }).click()
      await page.getByLabel(/^口令/).fill(PASSPHRASE)
      await page.getByLabel('再输一次').fill(PASSPHRASE)
      await page.getByRole('button', { name: '生成密钥' }).click()
      await page.getByRole('button', { name: '我已抄好' }).click({ timeout: 60_000 })
      await page.getByRole('button', { name: '签名并提交' }).click()
      await page.getByText('等待监管机构审批').waitFor({ timeout: 40_000 })
      application = new URL(page.url()).searchParams.get('application') ?? ''
      await shoot(page, 'apply-waiting')

      await inWindow({ language: 'zh-CN' }, async ({ page: desk }) => {
        await bringKey(desk, service.regulator.keys.acts)
        await desk.goto('/review')
        await desk.getByLabel('口令').fill(PASSPHRASE)
        await desk.getByRole('button', { name: '打开密钥' }).click()
        const card = desk.locator(`[data-application="${application}"]`)
        await card.getByText('李工').waitFor()
        await shoot(desk, 'review-application')
        await expectAccessible(desk)
        await card.getByRole('button', { name: '批准' }).click()
        await card.waitFor({ state: 'detached', timeout: 40_000 })
      })

      await page.getByText('已批准，组织编号').waitFor({ timeout: 20_000 })
      await page.getByLabel('口令').fill(PASSPHRASE)
      await page.getByRole('button', { name: '打开密钥' }).click()
      await page.getByRole('button', { name: '签名并申请绑定' }).click()
      await page.getByText('等待确认').waitFor({ timeout: 40_000 })

      await inWindow({ language: 'zh-CN' }, async ({ page: desk }) => {
        await bringKey(desk, service.platform.keys.acts)
        await desk.goto('/review')
        await desk.getByLabel('口令').fill(PASSPHRASE)
        await desk.getByRole('button', { name: '打开密钥' }).click()
        await desk.getByRole('heading', { name: '新水泥厂 申请绑定' }).waitFor()
        await desk.getByRole('button', { name: '确认绑定' }).click()
        await desk.getByText('没有待确认的绑定').waitFor({ timeout: 40_000 })
      })
      await page.getByText('已与示范平台绑定').waitFor({ timeout: 20_000 })
      await shoot(page, 'apply-bound')
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
      await page.goto(`/datasets/${service.dataset}`)
      await page.getByRole('alert').waitFor()
      await page.getByText('E_TRACE_BLOCK').waitFor()
      expect(await page.locator('tbody tr').count()).toBe(0)
    })
  })
})

describe('people', () => {
  it('sign in by password, apply, and read there why they were refused; others do not', async () => {
    await inWindow({ language: 'en' }, async ({ page, context }) => {
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'New account' }).click()
      await page.getByLabel('Sign-in name').fill('applicant')
      await page.getByLabel('Name', { exact: true }).fill('Ann Applicant')
      await page.getByLabel(/^Password/).fill(PASSPHRASE)
      await page.getByRole('button', { name: 'Make the account' }).click()
      await page.getByRole('heading', { name: 'Ann Applicant' }).waitFor()
      await expectAccessible(page)
      const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
      const person = openClient({ base: service.url, headers: () => ({ cookie: cookies, origin: service.url }) })
      const application = await applyAs(person, 'Paper mill')

      await inWindow({ language: 'en' }, async ({ page: desk }) => {
        await bringKey(desk, service.regulator.keys.acts)
        await desk.goto('/review')
        await desk.getByLabel('Passphrase').fill(PASSPHRASE)
        await desk.getByRole('button', { name: 'Open the key' }).click()
        const card = desk.locator(`[data-application="${application}"]`)
        expect(await card.getByRole('button', { name: 'Refuse' }).isDisabled()).toBe(true)
        await card.getByLabel(/^Reason/).fill('The credit code belongs to another company.')
        await card.getByRole('button', { name: 'Refuse' }).click()
        await card.waitFor({ state: 'detached', timeout: 40_000 })
        await desk.goto(`/apply?application=${application}`)
        await desk.getByText('sign in with it').waitFor()
      })

      await page.goto(`/apply?application=${application}`)
      await page.getByText('The credit code belongs to another company.').waitFor()
      await shoot(page, 'apply-refused')
      await expectAccessible(page)
    })
  })

  it('sign in with a passkey that their device keeps', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page, context }) => {
      const devtools = await context.newCDPSession(page)
      await devtools.send('WebAuthn.enable')
      await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
        },
      })
      await page.goto('/sign-in')
      await page.getByRole('button', { name: '新建账号' }).click()
      await page.getByLabel('登录名').fill('passkey-person')
      await page.getByLabel('姓名').fill('张三')
      await page.getByRole('button', { name: '用通行密钥新建' }).click()
      await page.getByRole('heading', { name: '张三' }).waitFor()
      await page.getByRole('button', { name: '退出登录' }).click()
      await page.getByRole('button', { name: '用通行密钥登录' }).click()
      await page.getByRole('heading', { name: '张三' }).waitFor()
    })
  })
})

describe('keys', () => {
  it('comes back from its 24 words, and only encrypted keys are stored', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto('/keys')
      await page.getByText('With the recovery phrase of 24 words').click()
      await page.getByLabel('24 words, separated by spaces').fill(phraseOf(service.steel.keys.batches))
      await page
        .getByLabel(/^Passphrase/)
        .last()
        .fill(PASSPHRASE)
      await page.getByRole('button', { name: 'Bring it back' }).click()
      await page.getByRole('heading', { name: 'Recovered key' }).waitFor({ timeout: 40_000 })
      const stored = await page.evaluate(async () => {
        const database = await new Promise<IDBDatabase>((resolve) => {
          const opening = indexedDB.open('tanlian')
          opening.onsuccess = () => resolve(opening.result)
        })
        const reading = database.transaction('keys').objectStore('keys').getAll()
        return new Promise<string>((resolve) => {
          reading.onsuccess = () => resolve(JSON.stringify(reading.result))
        })
      })
      expect(stored).toContain('"cipher":"aes-128-ctr"')
      expect(stored).not.toContain(Buffer.from(service.steel.keys.batches).toString('hex'))
    })
  })
})

describe('the weight of a page', () => {
  // Bytes of script as they travel, before anything is pressed: a phone on a slow network waits for them.
  it.each([
    ['/', 205_000],
    ['/organizations', 205_000],
    ['/datasets', 210_000],
    ['/trace', 225_000],
    ['/status', 205_000],
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
  it('carries at most 80 kB of script, gzipped', () => {
    const html = readFileSync(join(DIST, 'check.html'), 'utf8')
    const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file ?? '')
    const all = new Set(named)
    for (const file of all)
      for (const [, other] of readFileSync(join(DIST, file), 'utf8').matchAll(/["']\.\/([\w-]+\.js)["']/g))
        all.add(`assets/${other}`)
    expect(readdirSync(join(DIST, 'assets')).length).toBeGreaterThan(0)
    const size = [...all].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0)
    expect(named.length).toBeGreaterThan(0)
    expect(size).toBeLessThanOrEqual(80_000)
  })
})

/** Where the platform answers for the steel plant's electricity in March: what the code of a trace leads to. */
const marchPackage = () => tracePath(service.steel.id, { types: ['02'], ...periodWindow('2018-03', 'Asia/Shanghai') })

/** Hands in an application with keys of its own. @returns its digest */
async function applyAs(client: Client, name: string): Promise<string> {
  const keys = {
    acts: newPrivateKey(),
    batches: newPrivateKey(),
    documents: newPrivateKey(),
    recovery: addressOf(newPrivateKey()),
  }
  const profile = { kind: 'enterprise', name, nameEn: null, region: null, industry: null, website: null } as const
  const hidden = { contact: null, phone: null, email: null, address: null, creditCode: null }
  return (await applyFor(client, profile, hidden, keys)).application
}

/** Puts a key into the window's own keystore by its file, as a person would. */
async function bringKey(page: Window['page'], key: Uint8Array): Promise<void> {
  // A cost of scrypt that a test can wait for; the file says so itself.
  const keystore = await encryptKey(key, PASSPHRASE, { n: 1024 })
  await page.goto('/keys')
  await page.getByLabel(/JSON/).setInputFiles({
    name: 'test-key.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(keystore)),
  })
  await page.getByRole('heading', { name: 'test-key' }).waitFor()
}

/** What the week's curve adds up to, by the shortest way. */
function expectedKWh(): string {
  const sum = loadCurve(7)
    .split('\n')
    .slice(1, -1)
    .reduce((total, row) => total + BigInt((row.split(',')[1] ?? '').replace('.', '')) * 10n, 0n)
  return (Number(sum) / 1e6).toLocaleString('en', { maximumFractionDigits: 6 })
}
