import { describe, expect, it, vi } from 'vitest'
import { expectAccessible, shoot } from './browser.ts'
import { lookAt, lookInTheDark, openFront, type Shown, VIEWS } from './front.ts'
import { FROM, METER, STACK, sendInstruments } from './instruments.ts'
import { signInAs } from './member.ts'
import type { Service } from './service.ts'

let cid = ''

const front = openFront(async (service) => {
  await sendInstruments(service)
  cid = await vi.waitUntil(() => batchOfStack(service), { timeout: 30_000, interval: 200 })
})
const { inWindow } = front

/** The batch of the stack's first reading, once it is in the figures. */
async function batchOfStack({ url, steel }: Service): Promise<string> {
  const path = `/v1/organizations/${steel.id}/streams/${STACK.stream}/series?from=${FROM}&to=${FROM + 60}`
  const answer = await fetch(`${url}${path}`)
  return answer.ok ? (((await answer.json()) as { points: { cid: string }[] }).points[0]?.cid ?? '') : ''
}

const streamPath = (stream: number, query = '') => `/organizations/${front.service.steel.id}/streams/${stream}${query}`
const readingPath = (device: string, stream: number, at: number) =>
  `/organizations/${front.service.steel.id}/devices/${device}?stream=${stream}&batch=${cid}&at=${at}`

describe('every page of monitoring', () => {
  const pages = (): readonly Shown[] => [
    ['monitoring', '/monitoring', 'tbody tr'],
    ['monitoring-wall', `/monitoring?organization=${front.service.steel.id}`, '.tile'],
    ['monitoring-quality', `/monitoring?organization=${front.service.steel.id}&tab=quality`, 'tbody tr'],
    ['monitoring-alerts', `/monitoring?organization=${front.service.steel.id}&tab=alerts`, '.note'],
    ['monitoring-complaints', '/monitoring?tab=complaints', '.sheet'],
    ['stream', streamPath(1), '.chart svg'],
    ['stream-readings', streamPath(METER.stream), '.chart svg'],
    ['device', readingPath(STACK.device, STACK.stream, FROM), '[data-testid=reading-steps]'],
    ['device-signed', readingPath(METER.device, METER.stream, FROM), '[data-testid=reading-steps]'],
  ]

  it.each(VIEWS)('is whole, accessible and without complaint in $language on a $screen', async (view) => {
    await lookAt(front, pages(), view)
  })

  it('follows the system into the dark', async () => {
    await lookInTheDark(front, pages())
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
      await page.getByText('signed by the device, with a key that is declared for it').waitFor()
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
      await page.goto(`/monitoring?organization=${front.service.steel.id}&tab=quality`)
      const row = page.locator('tbody tr', { hasText: METER.device })
      await row.waitFor()
      expect((await row.locator('td').allTextContents()).slice(-3)).toEqual(['6', '0', '6'])
    })
  })

  it('shows an alert to the enterprise’s people, who act on it; and takes a rule, and refuses a wrong one in words', async () => {
    await inWindow({ language: 'en' }, async ({ page, complaints }) => {
      await signInAs(page, front.service, 'editor')
      await page.goto(`/monitoring?organization=${front.service.steel.id}&tab=alerts`)
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
