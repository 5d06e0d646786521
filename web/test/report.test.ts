import { readFileSync } from 'node:fs'
import { addressOf } from '@tanlian/evidence'
import { relayAct } from '@tanlian/sdk'
import { describe, expect, it } from 'vitest'
import { expectAccessible, shoot } from './browser.ts'
import { bringKey, lookAt, lookInTheDark, openFront, PASSPHRASE, type Shown, VIEWS } from './front.ts'
import { signInAs } from './member.ts'
import { BESIDE, METHODOLOGY, publishMethodology, submitMarch } from './reporting.ts'
import type { Party } from './service.ts'

let report: string

const front = openFront(async (service) => {
  await publishMethodology(service)
  report = await submitMarch(service)
})
const { inWindow } = front

describe('pages of reports', () => {
  const pages = (): readonly Shown[] => [
    ['reports', '/reports?type=month', 'tbody tr'],
    ['report', `/reports/${report}`, '[data-verdict]'],
    ['check-report', `/check?package=/v1/reports/${report}/package`, '[data-report]'],
    ['methodologies', '/methodologies', 'tbody tr'],
    ['methodology', `/methodologies/${METHODOLOGY}`, '[data-step=chain]'],
    ['methodology-edit', `/methodologies/edit?id=${METHODOLOGY}`, '[data-testid=compiled]'],
    ['factors', '/methodologies/cn.electricity', 'tbody tr'],
    ['checks', '/methodologies/checks.cn.power', '[data-rule]'],
    ['board', `/organizations/${front.service.steel.id}/board`, '.board-steps'],
    ['own-reports', `/organizations/${front.service.steel.id}/reports`, 'tbody tr'],
    ['samples', `/organizations/${front.service.steel.id}/samples`, '.note'],
    ['verification', '/verification', '.note'],
  ]

  it.each(VIEWS)('are whole, accessible and without complaint in $language on a $screen', async (view) => {
    const titles = await lookAt(front, pages(), view)
    expect(new Set(titles).size).toBe(pages().length)
  })

  it('follow the system into the dark', async () => {
    await lookInTheDark(
      front,
      pages().filter(([name]) => ['report', 'check-report', 'methodology', 'board'].includes(name)),
    )
  })
})

it('a set of cross-checks calls what it compares by the words of its methodology', async () => {
  await inWindow({ language: 'en' }, async ({ page }) => {
    await page.goto('/methodologies/checks.cn.power')
    await page.locator('[data-rule=coal-balance] dd', { hasText: 'As-fired coal' }).waitFor()
    expect(await page.locator('main').innerText()).not.toContain('coalUsed')
  })
})

describe('a report for everybody', () => {
  it('is done again in the browser, and its total opens down to the proven electricity', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(`/reports/${report}`)
      await page.locator('[data-verdict=verified]').waitFor({ timeout: 30_000 })
      await page.getByText('Done again here, and the same to the last digit').waitFor()
      const row = page.locator('tr', { hasText: 'Total, by location' })
      await row.getByRole('button', { name: 'Why this number' }).click()
      const why = page.locator('.why')
      await why.locator('summary', { hasText: 'Electricity, by location' }).click()
      await why.getByRole('link', { name: 'proven total: trace it' }).click()
      await page.waitForURL(/\/trace\?/)
      await page.locator('[data-verdict=verified]').waitFor({ timeout: 30_000 })
    })
  })
})

describe('a locked period', () => {
  it('is opened again by a regulator alone, with a reason, and not signed for where another has opened it since', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      const { regulator } = front.service
      await addDocumentKey(regulator)
      let locked = true
      await page.route(`**/v1/reports/${report}`, async (route) => {
        const answer = await route.fetch()
        await route.fulfill({ response: answer, json: { ...(await answer.json()), stage: 'accepted', locked } })
      })
      const title = page.locator('summary', { hasText: 'Open this period again' })
      await page.goto(`/reports/${report}`)
      await page.locator('[data-verdict]').waitFor({ timeout: 30_000 })
      expect(await title.count()).toBe(0)
      await signInAs(page, front.service, 'editor', regulator)
      await bringKey(page, regulator.keys.documents)
      await page.goto(`/reports/${report}`)
      await title.click()
      expect(await page.getByLabel('Passphrase').count()).toBe(0)
      await page.getByLabel('Why it is opened again (everybody sees it)').fill('a meter was changed')
      await page.getByLabel('Passphrase').fill(PASSPHRASE)
      await page.getByRole('button', { name: 'Open the key' }).click()
      await page.getByText('for the reason: a meter was changed').waitFor()
      await expectAccessible(page)
      locked = false
      await page.getByRole('button', { name: 'Sign and open it again' }).click()
      await page.getByText('The period has been reopened already.').waitFor()
    })
  })
})

describe('the check page', () => {
  it('does a report again from its file, offline as well, and sees one byte that was changed', async () => {
    await inWindow({ language: 'en' }, async ({ page, context, complaints }) => {
      await page.goto(`/reports/${report}`)
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: /^Download the evidence/ }).click(),
      ])
      const path = await download.path()
      await page.goto('/check')
      await page.locator('#file').setInputFiles(path)
      await page.locator('[data-report][data-verdict=verified]').waitFor()
      await page.getByText('Done again, and the same').waitFor()
      await page.getByText('一号厂房 hall 1, 2018-03-01 – 2018-03-31').waitFor()
      await page.locator('[data-step=outputs][data-ok=true]').waitFor()
      expect(await page.locator('.headline').innerText()).toMatch(/^Total, by location [\d,.]+ t/)
      const [kept] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save the verdict (JSON)' }).click(),
      ])
      const verdict = JSON.parse(readFileSync(await kept.path(), 'utf8')) as Record<string, unknown>
      expect(verdict).toMatchObject({ status: 'verified', cid: report, subject: '一号厂房 hall 1', differences: [] })

      await page.locator('#offline[data-ready=true]').waitFor()
      await context.setOffline(true)
      await page.reload()
      await page.locator('#file').setInputFiles(path)
      await page.locator('[data-report][data-verdict=unchecked]').waitFor()
      await page.getByRole('button', { name: '中文' }).click()
      await page.getByText('文件内部一致；未询问链').waitFor()
      await context.setOffline(false)

      const bytes = readFileSync(path)
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      await page
        .locator('#file')
        .setInputFiles({ name: 'altered.car', mimeType: 'application/vnd.ipld.car', buffer: bytes })
      await page.getByRole('alert').waitFor()
      // Without a network the browser itself complains of what it could not load.
      complaints.splice(0)
    })
  })
})

describe('the editor', () => {
  it('takes a report from the first field to the log: filled from totals, completed, computed, signed', async () => {
    await inWindow({ language: 'zh-CN' }, async ({ page }) => {
      const { steel } = front.service
      await signInAs(page, front.service, 'editor')
      await bringKey(page, steel.keys.documents)
      await page.goto(`/organizations/${steel.id}/reports`)
      await page.getByLabel('工厂或机组').fill('二号厂房')
      await page.getByLabel('期间（2026 或 2026-11）').fill('2018-03')
      await page.getByLabel('方法学').selectOption({ label: '购入电力与热力排放 2025' })
      await page.getByRole('button', { name: '开始' }).click()
      await page.getByText('尚缺：').waitFor()
      // What was measured is there already, and cannot be typed over.
      await expect.poll(() => page.getByLabel(/^购入电量/).inputValue()).toMatch(/^\d/)
      expect(await page.getByLabel(/^购入电量/).getAttribute('readonly')).not.toBeNull()
      const labels = { region: /^地区/, year: /^数据年份/, certified: /^绿证对应电量/, heat: /^购入热量/ }
      for (const { name, value = '', origin } of BESIDE) {
        const field = page.getByLabel(labels[name as keyof typeof labels])
        await (origin.kind === 'choice' ? field.selectOption(value) : field.fill(value))
      }
      for (const field of await page.getByLabel('人工填报理由').all()) await field.fill('无')
      await page.getByRole('button', { name: '保存' }).click()
      await page.getByText('没有缺漏。').waitFor()
      await page.getByText('方法学此版本适用于').waitFor()
      await page.getByRole('heading', { name: '合计的可靠程度' }).waitFor()
      await page.getByRole('button', { name: /次随机抽取复核/ }).click()
      await page.getByTestId('drawn').waitFor()
      await page.getByText('没有上年同期同一对象的报告。').waitFor()
      await expectAccessible(page)
      await shoot(page, 'draft-zh-CN-desktop')
      await page.getByLabel('口令').fill(PASSPHRASE)
      await page.getByRole('button', { name: '打开密钥' }).click()
      await page.getByRole('button', { name: '签名并提交' }).click()
      await page.getByText('报告已签名并写入日志。').waitFor({ timeout: 30_000 })
      await page.getByRole('link', { name: '打开', exact: true }).click()
      await page.locator('[data-verdict=verified]').waitFor({ timeout: 30_000 })
    })
  })
})

describe('writing a methodology', () => {
  it('says at once where kinds do not go together, and what an example does not show', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(`/methodologies/edit?id=${METHODOLOGY}`)
      await page.locator('[data-testid=compiled]').waitFor()
      const yaml = page.getByLabel('Methodology (YAML)')
      const text = await yaml.inputValue()
      await yaml.fill(text.replace('is: electricity × location', 'is: electricity + location'))
      await page.getByText('E_EXPRESSION_KIND').waitFor()
      await yaml.fill(text)
      await page.locator('[data-testid=compiled]').waitFor()
    })
  })

  it('is published by whoever may, stands in the log, is retired with its reason, and a stranger is told who publishes', async () => {
    await inWindow({ language: 'en' }, async ({ page }) => {
      const { platform } = front.service
      await page.goto(`/methodologies/edit?id=${METHODOLOGY}`)
      await page.getByText('Regulators and platforms publish methodologies.').waitFor()
      await signInAs(page, front.service, 'editor', platform)
      await bringKey(page, platform.keys.documents)
      await page.goto(`/methodologies/edit?id=${METHODOLOGY}`)
      const yaml = page.getByLabel('Methodology (YAML)')
      const text = await yaml.inputValue()
      await yaml.fill(
        text.replace(/^version: .*$/m, "version: 'trial-1'").replace(/(shows: \{ \w+: )'[\d.]+'/, "$1'0.01'"),
      )
      await page.getByText('It can be published once it has worked examples').waitFor()
      await yaml.fill(text.replace(/^version: .*$/m, "version: 'trial-1'"))
      await page.getByLabel('Passphrase').fill(PASSPHRASE)
      await page.getByRole('button', { name: 'Open the key' }).click()
      await page.getByRole('button', { name: 'Publish', exact: true }).click()
      await page.getByText('Signed and on its way into the log.').waitFor()
      await page.getByRole('link', { name: 'Open it' }).click()
      await page.getByText('Version trial-1').waitFor()
      await page.locator('[data-publication=published] [data-step=chain][data-ok=true]').waitFor({ timeout: 30_000 })
      await page.locator('summary', { hasText: 'Retire' }).click()
      await page.getByLabel('Why it is retired (everybody sees it)').fill('only a trial')
      await page.getByLabel('Passphrase').fill(PASSPHRASE)
      await page.getByRole('button', { name: 'Open the key' }).click()
      await page.getByRole('button', { name: 'Retire', exact: true }).click()
      await page.locator('[data-publication=retired]', { hasText: 'only a trial' }).waitFor()
      await expectAccessible(page)
      await page.goto('/methodologies')
      await page.locator('tr', { hasText: 'trial-1' }).getByText('retired').waitFor()
      await page.goto(`/methodologies/${METHODOLOGY}`)
      await page.getByRole('link', { name: /一号厂房 hall 1/ }).waitFor()
    })
  })
})

/** Adds a key for documents to the first regulator: it was deployed with its key for acts alone. */
async function addDocumentKey({ id, keys: { acts, documents } }: Party): Promise<void> {
  const { client } = front.service
  const { chainId, contracts } = await client.wellKnown()
  const registry = { chainId, verifyingContract: contracts.OrganizationRegistry }
  const fields = { organization: id, key: addressOf(documents), purpose: 2, from: 1, to: Number.MAX_SAFE_INTEGER }
  await client.settled(await relayAct(client, registry, 'AddKey', fields, { acting: acts, newKeys: [documents] }))
}
