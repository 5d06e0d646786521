import type { AskedInput } from '@tanlian/sdk'
import { describe, expect, it } from 'vitest'
import { expectAccessible, shoot } from './browser.ts'
import { openFront, VIEWS } from './front.ts'
import { signInAs } from './member.ts'
import { publishMethodology, submitMonth } from './reporting.ts'

const UNIT = '一号机组 unit 1'
const KILN = '熟料生产线 clinker line 1'

const front = openFront(async (service) => {
  await publishMethodology(service, ['cn.power', 'cn.cement'])
  await submitMonth(service, UNIT, '2024-01', 'cn.power', coalMonth('100000', '40000'))
  await submitMonth(service, UNIT, '2024-02', 'cn.power', coalMonth('90000', '37000'))
  await submitMonth(service, KILN, '2025-01', 'cn.cement', KILN_MONTH)
})
const board = () => `/organizations/${front.service.steel.id}/board`

const origin = { kind: 'manual', reason: '台账' } as const
const chosen = { kind: 'choice' } as const
/** A month of a kiln. */
const KILN_MONTH: readonly AskedInput[] = [
  { name: 'clinkerType', group: null, row: 0, value: 'portland', origin: chosen },
  { name: 'clinker', group: null, row: 0, value: '100000', origin },
  { name: 'fuel', group: 'fuels', row: 0, value: 'bituminous', origin: chosen },
  { name: 'fuelUsed', group: 'fuels', row: 0, value: '13000', origin },
]

/** A month of one coal, everything entered by hand. */
function coalMonth(electricity: string, coal: string): readonly AskedInput[] {
  const one = (name: string, group: string | null, value: string): AskedInput => ({
    name,
    group,
    row: 0,
    value,
    origin,
  })
  return [
    one('electricityMade', null, electricity),
    one('coalUsed', 'coals', coal),
    one('coalNcv', 'coals', '20'),
    one('coalCarbon', 'coals', '0.5'),
  ]
}

describe('the board of an enterprise in the national market', () => {
  it('takes a plant onto the calendar, tells what it may expect of the year, and why', async () => {
    await front.inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await signInAs(page, front.service, 'editor')
      await page.goto(board())
      await page.getByText('没有属于配额分配行业').waitFor()
      await page.getByLabel('厂区或机组（与报告中的名称一致）').fill(UNIT)
      await page.getByLabel('行业').selectOption('power')
      await page.getByLabel('全年负荷（出力）系数（%）').fill('60')
      await page.getByRole('button', { name: '列入日历' }).click()
      // Without its class there is no benchmark, and the page says what is missing.
      const card = page.getByTestId('allowance-power')
      await card.getByText('E_INPUT_MISSING').waitFor()
      await page.getByRole('button', { name: '更改' }).click()
      await page.getByLabel('机组类别').selectOption('coalLarge')
      await page.getByRole('button', { name: '保存' }).click()
      await card.getByText('+118,544.00 tCO2').first().waitFor()
      await card.getByText('估算', { exact: true }).waitFor()
      await card.getByText('由 12 个月中的 2 个月推算至年末').waitFor()
      await card.getByText('19,757.00 tCO2', { exact: true }).waitFor()

      // Of a kiln a range is all that can be told until the sector's balance value is published: 12 × 82,824.27 t less and more 3 %.
      await page.getByLabel('厂区或机组（与报告中的名称一致）').fill(KILN)
      await page.getByLabel('行业').selectOption('cement')
      await page.getByRole('button', { name: '列入日历' }).click()
      const kiln = page.getByTestId('allowance-cement')
      await kiln.getByText('−29,817.24 … +29,815.76 tCO2').waitFor()
      await kiln.getByText('只能给出排放量正负 3% 的区间').waitFor()
      await kiln.getByText('盈余或缺口：尚不能进一步确定').waitFor()

      // The deadlines of the plants are on the board now.
      await page.locator('tr', { hasText: UNIT }).first().waitFor()

      await card.locator('tr', { hasText: '预计配额' }).getByRole('button').first().click()
      const why = card.locator('.why')
      await why.locator('summary', { hasText: '各机组配额合计' }).click()
      await why.locator('summary', { hasText: '机组配额 ·' }).click()
      await why.locator('summary', { hasText: '供电配额' }).click()
      await why.locator('.why-head', { hasText: '供电基准值' }).getByText('0.791 tCO2/MWh').waitFor()
      expect(await why.getByText('× 12 ÷ 2，缺少的月份按平均值计').count()).toBeGreaterThan(0)
      // Heat that was not given leaves an equation that reads nothing, which is shown as one all the same.
      await why.locator('code.equation', { hasText: 'given(heat)' }).waitFor()
      await shoot(page, 'allowances-why')
      await why.getByRole('link', { name: '2024-02' }).first().click()
      await page.waitForURL(/\/reports\//)
    })
  })

  it.each(VIEWS)(
    'is whole and accessible with its allowances in $language on a $screen',
    async ({ language, screen }) => {
      await front.inWindow({ language, screen }, async ({ page, complaints }) => {
        await signInAs(page, front.service, 'reader')
        await page.goto(board())
        await page.getByTestId('allowance-power').locator('tbody tr').first().waitFor()
        await expectAccessible(page)
        await shoot(page, `allowances-${language}-${screen}`)
        // A reader sees what an editor enters, and enters nothing.
        expect(await page.getByRole('button', { name: /列入日历|Put on the calendar/ }).count()).toBe(0)
        expect(complaints.splice(0)).toEqual([])
      })
    },
  )

  it('follows the system into the dark', async () => {
    await front.inWindow({ dark: true, language: 'en' }, async ({ page }) => {
      await signInAs(page, front.service, 'editor')
      await page.goto(board())
      await page.getByTestId('allowance-power').locator('tbody tr').first().waitFor()
      await expectAccessible(page)
      await shoot(page, 'allowances-dark')
    })
  })

  it('is light: what tells why travels only when somebody asks', async () => {
    await front.inWindow({ language: 'en' }, async ({ page }) => {
      await signInAs(page, front.service, 'reader')
      await page.goto(board(), { waitUntil: 'networkidle' })
      await page.getByTestId('allowance-power').waitFor()
      const scripts = () =>
        page.evaluate(() =>
          performance
            .getEntriesByType('resource')
            .filter((one): one is PerformanceResourceTiming => 'encodedBodySize' in one && one.name.endsWith('.js'))
            .map(({ name, encodedBodySize }) => [name, encodedBodySize] as const),
        )
      const before = new Map(await scripts())
      const bytes = [...before.values()].reduce((sum, size) => sum + size, 0)
      expect(bytes).toBeGreaterThan(10_000)
      expect(bytes).toBeLessThanOrEqual(245_000)
      await page.getByRole('button', { name: 'Why this number' }).first().click()
      await page.locator('.why').waitFor()
      expect((await scripts()).length).toBeGreaterThan(before.size)
    })
  })

  it('leads to its rule, which is in the list and is tried on its examples', async () => {
    await front.inWindow({ language: 'zh-CN' }, async ({ page }) => {
      await signInAs(page, front.service, 'reader')
      await page.goto(board())
      const name = '发电行业配额（2023、2024 年度）'
      await page.getByRole('link', { name }).click()
      await page.getByTestId('dry-run').locator('tbody tr').first().waitFor()
      await page.goto('/methodologies')
      await page.getByRole('heading', { name: '配额分配规则' }).waitFor()
      await page.getByRole('link', { name }).waitFor()
    })
  })

  it('shows no expectation to whoever is not concerned', async () => {
    await front.inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(board())
      await page.locator('.board-steps').waitFor()
      expect(await page.getByText('Allowances').count()).toBe(0)
    })
  })

  it('takes a plant off the calendar', async () => {
    await front.inWindow({ language: 'en' }, async ({ page }) => {
      await signInAs(page, front.service, 'editor')
      await page.goto(board())
      for (const left of [1, 0]) {
        await page.getByRole('button', { name: 'Take off' }).first().click()
        await expect.poll(() => page.getByRole('button', { name: 'Take off' }).count()).toBe(left)
      }
      await page.getByText('No plant is on the calendar yet. One that is').waitFor()
    })
  })
})
