import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { closeBrowser, expectAccessible, openWindow, shoot } from './browser.ts'
import { packetOf } from './instruments.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 150_000, hookTimeout: 60_000 })

const ROOT = join(import.meta.dirname, '../..')
const PLANT = `# the plant of the test; no platform answers it
format: tanlian/plant/1
organization: 7
platform: http://127.0.0.1:1
zone: Asia/Shanghai
listen:
  http: { host: 127.0.0.1, port: 0 }
devices:
  - { id: feeder-1, model: feeder-http, address: { token: "0123456789abcdef" }, points: { power: 1 } }
`

let folder = ''
let gateway: ChildProcess
let url = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-gateway-page-'))
  const plant = join(folder, 'plant.yaml')
  await writeFile(plant, PLANT)
  const data = join(folder, 'data')
  const args = ['gateway/src/main.ts', '--plant', plant, '--data', data, '--port', '0', '--web', 'web/dist']
  gateway = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  if (gateway.stdout === null) throw new Error('The gateway has no output.')
  for await (const line of createInterface({ input: gateway.stdout })) {
    const said = JSON.parse(line) as { step: string; page?: string; message?: string }
    if (said.step === 'failed') throw new Error(`The gateway did not start: ${said.message}`)
    if (said.step !== 'ready' || said.page === undefined) continue
    url = said.page
    break
  }
  gateway.stdout.resume()
})
afterAll(async () => {
  await closeBrowser()
  const ended = new Promise((resolve) => gateway.once('exit', resolve))
  gateway.kill('SIGTERM')
  await ended
  await rm(folder, { recursive: true, force: true })
})

describe('the gateway’s own page', () => {
  it('选驱动 → 测试连接 → 看到实时值: a stack that speaks HJ 212 is added in under two minutes', async () => {
    const port = await freePort()
    const { page, complaints, close } = await openWindow({ url, language: 'zh-CN' })
    const stack = speakEverySecond(port)
    try {
      const began = performance.now()
      // The gateway's only page is where its address leads.
      await page.goto('/')
      await page.getByText('feeder-1').first().waitFor()
      await page.getByRole('button', { name: '添加设备' }).click()
      await page.getByLabel('驱动').selectOption('cems-stack')
      await page.getByLabel('设备名称').fill('stack-1')
      await page.getByLabel('MN（24 位）').fill('010000A8900016F000169DC0')
      await page.getByLabel('密码（PW）').fill('123456')
      await page.getByLabel('监听端口').fill(String(port))
      await page.getByRole('button', { name: '测试连接' }).click()
      const wizard = page.getByTestId('wizard')
      await wizard.getByText('内收到应答').waitFor({ timeout: 40_000 })
      await wizard.getByRole('cell', { name: '12.2' }).first().waitFor()
      await expectAccessible(page)
      await shoot(page, 'gateway-wizard')
      await wizard.getByRole('button', { name: '添加', exact: true }).click()
      await page.getByText('stack-1 · co2').waitFor({ timeout: 40_000 })
      await page.getByRole('cell', { name: '12.2 %' }).waitFor()
      expect(performance.now() - began).toBeLessThan(120_000)
      await expectAccessible(page)
      await shoot(page, 'gateway')
      expect(complaints).toEqual([])
    } finally {
      stack.stop()
      await close()
    }
  })

  it('is whole on a phone, in English and in the dark, and says that no key signs its batches', async () => {
    const { page, complaints, close } = await openWindow({ url, language: 'en', screen: 'phone', dark: true })
    try {
      await page.goto('/gateway')
      await page.getByText('closed windows wait as unsigned drafts').waitFor()
      await expectAccessible(page)
      await shoot(page, 'gateway-phone-dark')
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  })

  it('says in words what a device file cannot be', async () => {
    const { page, close } = await openWindow({ url, language: 'en' })
    try {
      await page.goto('/gateway')
      await page.getByRole('button', { name: 'Add a device' }).click()
      await page.getByLabel('Driver').selectOption('meter-modbus')
      await page.getByLabel('Name of the device').fill('feeder-1')
      await page.getByRole('button', { name: 'Test the connection' }).click()
      await page.getByText('has the id feeder-1 of an earlier device').waitFor()
    } finally {
      await close()
    }
  })
})

/** An analyser that sends a packet every second, on a new connection whenever the old one went. */
function speakEverySecond(port: number): { stop(): void } {
  const timer = setInterval(() => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.end(packetOf(Math.floor(Date.now() / 1000) - 60))
    socket.resume()
  }, 1000)
  return { stop: () => clearInterval(timer) }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
