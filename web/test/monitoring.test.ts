import { join } from 'node:path'
import { addressOf, signHash, toHex0x, typedDataHash } from '@tanlian/evidence'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { closeBrowser, expectAccessible, LANGUAGES, openWindow, SCREENS, shoot, type Window } from './browser.ts'
import { FROM, METER, STACK, sendInstruments } from './instruments.ts'
import { type Service, startService } from './service.ts'

// A whole platform starts, and a browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 150_000, hookTimeout: 150_000 })

let service: Service
let cid = ''

beforeAll(async () => {
  service = await startService()
  await sendInstruments(service)
  const until = Date.now() + 30_000
  while (cid === '') {
    if (Date.now() > until) throw new Error('The instruments did not get into the figures.')
    const path = `/v1/organizations/${service.steel.id}/streams/${STACK.stream}/series?from=${FROM}&to=${FROM + 60}`
    const answer = await fetch(`${service.url}${path}`)
    if (answer.ok) cid = ((await answer.json()) as { points: { cid: string }[] }).points[0]?.cid ?? ''
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
})
afterAll(async () => {
  await closeBrowser()
  await service?.stop()
})

async function inWindow(
  options: Omit<Parameters<typeof openWindow>[0], 'url'>,
  story: (window: Window) => Promise<void>,
) {
  const window = await openWindow({ url: service.url, ...options })
  try {
    await story(window)
    expect(window.complaints).toEqual([])
  } catch (error) {
    await window.page.screenshot({ path: join(import.meta.dirname, 'screenshots', `broken-${Date.now()}.png`) })
    throw error
  } finally {
    await window.close()
  }
}

const streamPath = (stream: number, query = '') => `/organizations/${service.steel.id}/streams/${stream}${query}`
const readingPath = (device: string, stream: number, at: number) =>
  `/organizations/${service.steel.id}/devices/${device}?stream=${stream}&batch=${cid}&at=${at}`

describe('every page', () => {
  const pages = (): readonly (readonly [name: string, path: string, ready: string])[] => [
    ['monitoring', '/monitoring', 'tbody tr'],
    ['monitoring-wall', `/monitoring?organization=${service.steel.id}`, '.tile'],
    ['monitoring-quality', `/monitoring?organization=${service.steel.id}&tab=quality`, 'tbody tr'],
    ['monitoring-alerts', `/monitoring?organization=${service.steel.id}&tab=alerts`, '.note'],
    ['monitoring-complaints', '/monitoring?tab=complaints', '.sheet'],
    ['stream', streamPath(1), '.chart svg'],
    ['stream-readings', streamPath(METER.stream), '.chart svg'],
    ['device', readingPath(STACK.device, STACK.stream, FROM), '[data-testid=reading-steps]'],
    ['device-signed', readingPath(METER.device, METER.stream, FROM), '[data-testid=reading-steps]'],
  ]
  for (const screen of Object.keys(SCREENS) as (keyof typeof SCREENS)[])
    for (const language of LANGUAGES)
      it(`is whole, accessible and without complaint in ${language} on a ${screen}`, async () => {
        await inWindow({ language, screen }, async ({ page, complaints }) => {
          for (const [name, path, ready] of pages()) {
            await page.goto(path)
            await page.locator(ready).first().waitFor()
            expect(await page.locator('html').getAttribute('lang')).toBe(language)
            if ((language === 'en') === (screen === 'phone')) await expectAccessible(page)
            await shoot(page, `${name}-${language}-${screen}`)
            expect(complaints.splice(0), path).toEqual([])
          }
        })
      })

  it('follows the system into the dark', async () => {
    await inWindow({ dark: true }, async ({ page }) => {
      for (const [name, path, ready] of pages()) {
        await page.goto(path)
        await page.locator(ready).first().waitFor()
        await expectAccessible(page)
        await shoot(page, `${name}-dark`)
      }
    })
  })
})

describe('a point of a chart', () => {
  it('leads down to the raw message, and everything on the way is checked in this browser', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(streamPath(STACK.stream, `?from=${FROM}&to=${FROM + 3600}&step=reading`))
      await page.getByRole('link', { name: 'raw message' }).last().click()
      await page.getByText('The batch’s tree holds exactly this reading').waitFor()
      await page.getByText('The log’s root is the contract’s, in block').waitFor()
      expect(await page.locator('.status.verified', { hasText: 'verified' }).count()).toBe(1)
      await page.getByText(/CRC [0-9A-F]{4}, computed here/).waitFor()
      await page.getByText('not signed by the device; the gateway vouches for it').waitFor()
      await page.getByText('a05001-Rtd', { exact: true }).waitFor()
      await page.getByText('All bytes').click()
      await page.getByText('23 23 30 31').first().waitFor()

      await page.goto(readingPath(METER.device, METER.stream, FROM))
      await page.getByText('signed by the device, with the key that its stream declares').waitFor()
      await page.getByText('FC04 @ 0').waitFor()
    })
  })

  it('of hours leads to its readings, and of days to the trace that proves it', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(streamPath(1, '?step=3600'))
      await page.getByRole('link', { name: 'its readings' }).first().click()
      await page.getByRole('link', { name: 'raw message' }).first().waitFor()
      expect(await page.getByRole('link', { name: 'raw message' }).count()).toBe(4)
      await page.goto(streamPath(1, '?step=86400'))
      await page.getByRole('link', { name: 'prove it' }).first().click()
      await page.locator('[data-verdict]').waitFor()
    })
  })

  it('S12 says unavailable where the batch holds no such reading, and claims nothing', async () => {
    await inWindow({ language: 'en' }, async ({ page, complaints }) => {
      await page.goto(readingPath(STACK.device, STACK.stream, FROM + 50 * 60))
      await page.getByText('unavailable').first().waitFor()
      expect(await page.locator('.status.verified').count()).toBe(0)
      complaints.splice(0)
    })
  })
})

describe('monitoring', () => {
  it('缺漏采集: six lost minutes are six missing readings of each instrument', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await page.goto(`/monitoring?organization=${service.steel.id}&tab=quality`)
      const row = page.locator('tbody tr', { hasText: METER.device })
      await row.waitFor()
      expect((await row.locator('td').allTextContents()).slice(-3)).toEqual(['6', '0', '6'])
    })
  })

  it('shows an alert to the enterprise’s people, who act on it; and takes a rule, and refuses a wrong one in words', async () => {
    const invitation = await invite(service)
    await inWindow({ language: 'en' }, async ({ page, complaints }) => {
      await page.goto('/sign-in')
      await page.evaluate(acceptAsNewPerson, invitation)
      await page.goto(`/monitoring?organization=${service.steel.id}&tab=alerts`)
      await page.getByRole('button', { name: '缺漏采集 gap' }).first().click()
      const alert = page.getByTestId('alert')
      await alert.getByText('Gaps: 1; the last was 360 s long.').waitFor()
      await alert.getByRole('button', { name: 'Acknowledge' }).click()
      await alert.getByText('acknowledged').first().waitFor()
      await alert.getByRole('textbox').fill('Cable replaced.')
      await alert.getByRole('button', { name: 'Resolve' }).click()
      await alert.getByText('Cable replaced.').waitFor()
      expect(await alert.getByRole('button', { name: 'Acknowledge' }).count()).toBe(0)
      await expectAccessible(page)
      await shoot(page, 'monitoring-alert')

      await page.getByRole('link', { name: 'Rules' }).click()
      await page.getByLabel('Name').fill('Load too high')
      await page.getByLabel('at least', { exact: true }).fill('5')
      await page.getByLabel('at most', { exact: true }).fill('4')
      await page.getByRole('button', { name: 'Add a rule' }).click()
      await page.getByText('These are not the settings of a threshold rule').waitFor()
      await page.getByLabel('at most', { exact: true }).fill('4000')
      await page.getByRole('button', { name: 'Add a rule' }).click()
      await page.locator('tbody tr', { hasText: 'Load too high' }).waitFor()
      await page.getByRole('checkbox', { name: 'Load too high' }).click()
      await page.getByRole('checkbox', { name: 'Load too high', checked: false }).waitFor()
      await expectAccessible(page)
      await shoot(page, 'monitoring-rules')
      // The refused rule was answered with an error, as it should be.
      expect(complaints.splice(0).every((one) => one.includes('422'))).toBe(true)
    })
  })
})

/** An invitation to the steel plant, given by its own key. */
async function invite({ steel, url }: Service): Promise<string> {
  const post = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const key = crypto.randomUUID().replaceAll('-', '')
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      body: JSON.stringify(body),
    })
    return (await answer.json()) as Record<string, string> & { message: { nonce: string }; types: never; domain: never }
  }
  const key = addressOf(steel.keys.acts)
  const asked = await post('/v1/sessions/challenge', { organization: steel.id, key })
  const types = (asked.types as Record<string, Parameters<typeof typedDataHash>[2]>).SignIn
  if (types === undefined) throw new Error('The challenge has no SignIn.')
  const hash = typedDataHash(asked.domain, 'SignIn', types, asked.message as never)
  const signature = toHex0x(signHash(hash, steel.keys.acts))
  const { token } = await post('/v1/sessions', { with: 'key', nonce: asked.message.nonce, signature })
  const path = `/v1/organizations/${steel.id}/invitations`
  const { token: invitation = '' } = await post(path, { role: 'editor' }, { authorization: `Bearer ${token}` })
  return invitation
}

/** In the page: a new person who accepts an invitation. */
async function acceptAsNewPerson(invitation: string): Promise<void> {
  const post = (path: string, body: unknown) =>
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID().replaceAll('-', '') },
      body: JSON.stringify(body),
    })
  await post('/v1/people', { login: 'duty', name: '值班员', password: 'a long enough one' })
  await post('/v1/invitations/accept', { token: invitation })
}
