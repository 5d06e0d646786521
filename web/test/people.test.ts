import { addressOf } from '@tanlian/evidence'
import { type Client, newPrivateKey, openClient, phraseOf } from '@tanlian/sdk'
import { describe, expect, it } from 'vitest'
import { applyFor } from '../src/organization/act.ts'
import { expectAccessible, shoot } from './browser.ts'
import { bringKey, openFront, PASSPHRASE } from './front.ts'

const front = openFront()
const { inWindow } = front

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
        await bringKey(desk, front.service.regulator.keys.acts)
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
        await bringKey(desk, front.service.platform.keys.acts)
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
      const person = openClient({
        base: front.service.url,
        headers: () => ({ cookie: cookies, origin: front.service.url }),
      })
      const application = await applyAs(person, 'Paper mill')

      await inWindow({ language: 'en' }, async ({ page: desk }) => {
        await bringKey(desk, front.service.regulator.keys.acts)
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
      await page.getByLabel('24 words, separated by spaces').fill(phraseOf(front.service.steel.keys.batches))
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
      expect(stored).not.toContain(Buffer.from(front.service.steel.keys.batches).toString('hex'))
    })
  })
})

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
