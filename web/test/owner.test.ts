import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createAuthority } from '../../gateway/simulator/certificate.ts'
import { expectAccessible, shoot, type Window } from './browser.ts'
import { openFront } from './front.ts'
import { METER, sendInstruments } from './instruments.ts'
import { signInAs } from './member.ts'

const front = openFront(sendInstruments)
const { inWindow } = front

/** A device's key as the device has it: the page sees its public half and what it signs. */
const deviceKey = () => generateKeyPairSync('ed25519')

/** Brings the public key, has the statement signed as the device would, and brings the signature. */
async function prove(page: Window['page'], { publicKey, privateKey }: ReturnType<typeof deviceKey>) {
  await page
    .getByLabel('The device’s Ed25519 public key')
    .fill(publicKey.export({ format: 'pem', type: 'spki' }).toString())
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download the statement' }).click(),
  ])
  const signature = sign(null, await readFile(await download.path()), privateKey)
  await page.getByLabel('The device’s signature').fill(signature.toString('base64'))
}

describe('a device', () => {
  it('R7 is enrolled by a key that it proves to hold; the key is rotated and revoked with its last good counter', async () => {
    const [first, second] = [deviceKey(), deviceKey()]
    await inWindow({ language: 'en' }, async ({ page, complaints }) => {
      await signInAs(page, front.service, 'editor')
      await page.goto(`/organizations/${front.service.steel.id}`)
      await page.getByLabel('Enrol a new device: its name').fill('kiln-1')
      await page.getByRole('button', { name: 'Enrol its key or certificate' }).click()
      await page.getByText('neither enrolled nor declared').waitFor()
      await page.getByRole('button', { name: 'Enrol or rotate' }).click()
      const publicKey = page.getByLabel('The device’s Ed25519 public key')
      await publicKey.fill('not a key')
      await page.getByText('This is no Ed25519 public key').waitFor()
      await prove(page, first)
      await expectAccessible(page)
      await shoot(page, 'device-enrol')
      await page.getByRole('button', { name: 'Enrol', exact: true }).click()
      const keys = page.getByRole('group', { name: 'Keys and certificates' })
      await keys.getByText('in use').waitFor()

      await page.getByRole('button', { name: 'Enrol or rotate' }).click()
      await page.getByText(/^In use: .* Give the last good counter/).waitFor()
      await page.getByLabel('Last good counter of the old key').fill('41')
      await page.getByLabel('First counter of the new key').fill('40')
      await prove(page, second)
      await page.getByRole('button', { name: 'Replace' }).click()
      await page.getByText('The counters do not fit').waitFor()
      await page.getByLabel('First counter of the new key').fill('42')
      await prove(page, second)
      await page.getByRole('button', { name: 'Replace' }).click()
      await keys.getByRole('row', { name: /0 to 41.*revoked: rotation/ }).waitFor()
      await keys.getByRole('row', { name: /42 to ….*in use/ }).waitFor()

      await keys.getByRole('button', { name: 'Revoke' }).click()
      const form = page.getByTestId('revoke')
      await form.getByLabel('Last good counter').fill('77')
      await form.getByLabel('Reason').fill('The box was opened.')
      await expectAccessible(page)
      await shoot(page, 'device-revoke')
      await form.getByRole('button', { name: 'Revoke it' }).click()
      await keys.getByRole('row', { name: /42 to 77.*revoked: The box was opened/ }).waitFor()
      await shoot(page, 'device-keys')
      // The device was not there at first, and the counters that did not fit were refused: both as they should be.
      expect(complaints.splice(0).every((one) => /40[49]|422/.test(one))).toBe(true)
    })
  })

  it('R24 is enrolled by its certificate, in Chinese on a phone; others see how it is known and cannot change it', async () => {
    const { certificate } = createAuthority('plant', Date.now()).forDevice(METER.device)
    const der = Buffer.from(certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
    const devices = `/organizations/${front.service.steel.id}`
    await inWindow({ language: 'zh-CN', screen: 'phone' }, async ({ page }) => {
      await signInAs(page, front.service, 'owner')
      await page.goto(devices)
      await page.getByRole('group', { name: '设备' }).getByRole('link', { name: METER.device }).click()
      await page.getByRole('button', { name: '登记或轮换' }).click()
      await page.getByLabel('证书', { exact: true }).check()
      const file = { name: 'notes.pem', mimeType: 'text/plain', buffer: Buffer.from('nothing') }
      await page.getByLabel('设备的证书文件').setInputFiles(file)
      await page.getByText('文件中没有证书').waitFor()
      await page
        .getByLabel('设备的证书文件')
        .setInputFiles({ ...file, name: 'meter.pem', buffer: Buffer.from(certificate) })
      await page.getByText(createHash('sha256').update(der).digest('hex')).waitFor()
      await expectAccessible(page)
      await shoot(page, 'device-certificate-phone')
      await page.getByRole('button', { name: '登记', exact: true }).click()
      await page.getByRole('group', { name: '密钥与证书' }).getByText('使用中').waitFor()
    })
    await inWindow({ language: 'en' }, async ({ page }) => {
      await page.goto(devices)
      await page.getByRole('row', { name: new RegExp(`${METER.device}.*its certificate`) }).waitFor()
      expect(await page.getByRole('button', { name: 'Enrol its key or certificate' }).count()).toBe(0)
      await page.goto(`${devices}/devices/${METER.device}`)
      await page.getByText('in use').waitFor()
      expect(await page.getByRole('button', { name: /Enrol|Revoke/ }).count()).toBe(0)
    })
  })
})

describe('notices', () => {
  it('an owner adds an address, sees why another is refused, and what became of each message', async () => {
    const receiver = await openReceiver()
    await inWindow({ language: 'en' }, async ({ page, complaints }) => {
      await signInAs(page, front.service, 'owner')
      await page.goto(`/monitoring?organization=${front.service.steel.id}`)
      await page.getByRole('link', { name: 'Notices' }).click()
      await page.getByText('Hosts that the operator allows: 127.0.0.1').waitFor()
      const address = page.getByRole('textbox', { name: 'Address' })
      await address.fill('https://evil.example/in')
      await page.getByRole('button', { name: 'Add an address' }).click()
      await page.getByText('the operator does not list evil.example').waitFor()
      await expectAccessible(page)
      await shoot(page, 'channels-refused')
      await address.fill(receiver.url)
      await page.getByRole('button', { name: 'Add an address' }).click()
      await page.getByTestId('webhooks').getByText(receiver.url).waitFor()

      await page.evaluate(watchForSilence, front.service.steel.id)
      const sent = page.getByTestId('deliveries')
      await sent
        .getByText(/waiting, next try/)
        .first()
        .waitFor({ timeout: 40_000 })
      await sent.getByText('answered with 500').first().waitFor()
      await sent.getByText('arrived').first().waitFor()
      const before = receiver.taken()
      await sent.getByRole('button', { name: 'Send again' }).first().click()
      await expect.poll(receiver.taken, { timeout: 20_000 }).toBeGreaterThan(before)
      await expectAccessible(page)
      await shoot(page, 'channels')
      await page.getByRole('button', { name: `Remove ${receiver.url}` }).click()
      await page.getByText('No address yet').waitFor()
      // The refused address was answered with an error, as it should be.
      expect(complaints.splice(0).every((one) => one.includes('422'))).toBe(true)
    }).finally(() => receiver.server.close())
  })

  it('nobody else sees them, and a phone shows them whole', async () => {
    const path = `/monitoring?organization=${front.service.steel.id}&tab=channels`
    await inWindow({ language: 'en' }, async ({ page }) => {
      await signInAs(page, front.service, 'editor')
      await page.goto(path)
      await page.getByRole('link', { name: 'Rules' }).waitFor()
      expect(await page.getByRole('link', { name: 'Notices' }).count()).toBe(0)
    })
    await inWindow({ language: 'zh-CN', screen: 'phone', dark: true }, async ({ page }) => {
      await signInAs(page, front.service, 'owner')
      await page.goto(path)
      await page.getByText('运营方尚未设置邮件服务器').waitFor()
      await page.getByTestId('deliveries').locator('tbody tr').first().waitFor()
      await expectAccessible(page)
      await shoot(page, 'channels-phone-dark')
    })
  })
})

/** A receiver of webhooks that is out of order once. */
async function openReceiver(): Promise<{ readonly server: Server; readonly url: string; taken(): number }> {
  let calls = 0
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(calls++ === 0 ? 500 : 204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}/in`, taken: () => calls - 1 }
}

/** In the page: a rule that the plant breaks within seconds, since its instruments have sent all that they will. */
async function watchForSilence(organization: number): Promise<void> {
  const rule = { name: 'Silence', kind: 'silence', severity: 'critical', settings: { seconds: 10 } }
  await fetch(`/v1/organizations/${organization}/alert-rules`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID().replaceAll('-', '') },
    body: JSON.stringify(rule),
  })
}
