import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createAuthority } from '../../gateway/simulator/certificate.ts'
import { openMeter } from '../../gateway/simulator/wires/modbus.ts'
import { openMqttWire } from '../../gateway/simulator/wires/mqtt.ts'
import { closeBrowser, expectAccessible, openWindow, shoot, type Window } from './browser.ts'
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'
import { packetOf } from './instruments.ts'
import { freePort } from './service.ts'

// A browser on a busy machine takes its time.
vi.setConfig({ testTimeout: 150_000, hookTimeout: 60_000 })

let gateway: GatewayProcess

beforeAll(async () => {
  gateway = await startGatewayProcess()
})
afterAll(async () => {
  await closeBrowser()
  await gateway.stop()
})

/** Opens the wizard with a driver chosen; the whole of it may take a person two minutes. */
async function openWizard(page: Window['page'], driver: string) {
  const began = performance.now()
  await page.goto('/')
  await page.getByText('feeder-1').first().waitFor()
  await page.getByRole('button', { name: '添加设备' }).click()
  await page.getByLabel('驱动').selectOption(driver)
  const wizard = page.getByTestId('wizard')
  return {
    wizard,
    /** Tries the device, sees its first value, adds it, and sees its live value. */
    async tryAndAdd(first: string, live: string) {
      await page.getByRole('button', { name: '测试连接' }).click()
      await wizard.getByText('内收到应答').waitFor({ timeout: 80_000 })
      await wizard.getByRole('cell', { name: first }).first().waitFor()
      await expectAccessible(page)
      await shoot(page, `gateway-wizard-${driver}`)
      await wizard.getByRole('button', { name: '添加', exact: true }).click()
      await page.getByRole('row', { name: live }).first().waitFor({ timeout: 80_000 })
      expect(performance.now() - began).toBeLessThan(120_000)
    },
  }
}

async function inWindow(story: (window: Window) => Promise<void>) {
  const window = await openWindow({ url: gateway.url, language: 'zh-CN' })
  try {
    await story(window)
    expect(window.complaints).toEqual([])
  } finally {
    await window.close()
  }
}

describe('选驱动 → 测试连接 → 看到实时值 in under two minutes', () => {
  it('a stack that speaks HJ 212', async () => {
    const port = await freePort()
    const stack = speakEverySecond(port)
    try {
      await inWindow(async ({ page }) => {
        const { tryAndAdd } = await openWizard(page, 'cems-stack')
        await page.getByLabel('设备名称').fill('stack-1')
        await page.getByLabel('MN（24 位）').fill('010000A8900016F000169DC0')
        await page.getByLabel('监听端口').fill(String(port))
        await tryAndAdd('12.2 %', 'stack-1 · co2 12.2 %')
        await expectAccessible(page)
        await shoot(page, 'gateway')
      })
    } finally {
      stack.stop()
    }
  })

  it('a meter that is asked over Modbus: its register in kWh, read at once', async () => {
    const show = () => [{ point: 'imported', count: 1_234_567n, digits: 2, register: true }]
    const places = [{ point: 'imported', address: 0, words: 2 }] as const
    const meter = await openMeter({ host: '127.0.0.1', port: await freePort(), unit: 1, places, show })
    try {
      await inWindow(async ({ page }) => {
        const { tryAndAdd } = await openWizard(page, 'meter-modbus')
        await page.getByLabel('端口', { exact: true }).fill(String(meter.port))
        await tryAndAdd('12345.67 kWh', 'meter-modbus-1 · imported 12345.67 kWh')
      })
    } finally {
      await meter.close()
    }
  })

  it('a sub-meter that publishes over MQTT with a certificate', async () => {
    const port = await freePort()
    const authority = await writeCertificates()
    const identity = { ...authority.forDevice('submeter-mqtt-1'), authority: authority.certificate }
    const wire = openMqttWire(
      {
        url: `mqtts://127.0.0.1:${port}`,
        clientId: 'submeter-mqtt-1',
        topic: 'tanlian/submeter-mqtt-1/telemetry',
        identity,
        timeoutMs: 5000,
      },
      ({ atMs, counter }) =>
        new TextEncoder().encode(`{"ts":${atMs},"seq":${counter},"metrics":{"imported":${1000 + counter}.5}}`),
      (bytes) => bytes,
    )
    let counter = 0
    const publish = () =>
      // What is refused while it is tried, or comes before the gateway listens, is sent again with the next one.
      wire
        .send({ device: 'submeter-mqtt-1', counter: ++counter, atMs: Date.now(), values: [] }, 0)
        .catch(() => undefined)
    const timer = setInterval(publish, 1000)
    try {
      await inWindow(async ({ page }) => {
        const { wizard, tryAndAdd } = await openWizard(page, 'submeter-mqtt')
        await wizard.getByText('向主题 tanlian/submeter-mqtt-1/telemetry 发布').waitFor()
        await page.getByLabel('监听端口').fill(String(port))
        await tryAndAdd('kWh', 'submeter-mqtt-1 · imported')
      })
    } finally {
      clearInterval(timer)
      await wire.close()
    }
  })
})

/** The gateway's and its authority's certificates, where the wizard looks for them unless told otherwise. */
async function writeCertificates() {
  const folder = join(gateway.folder, 'certificates')
  await mkdir(folder, { recursive: true })
  const authority = createAuthority('plant', Date.now())
  const own = authority.forServer(['127.0.0.1'])
  await writeFile(join(folder, 'authority.pem'), authority.certificate)
  await writeFile(join(folder, 'gateway.pem'), own.certificate)
  await writeFile(join(folder, 'gateway.key'), own.key)
  return authority
}

describe('the gateway’s own page', () => {
  it('重复采集: what came twice is counted beside the stream, and says what it means', async () => {
    const send = () =>
      fetch(`${gateway.http()}/v1/devices/feeder-1/readings`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', authorization: 'Bearer 0123456789abcdef' },
        body: `{"ts":${at},"metrics":{"power":12.5}}\n`,
      })
    const at = Math.floor(Date.now() / 600_000) * 600_000 - 1_200_000
    expect([(await send()).status, (await send()).status]).toEqual([200, 200])
    await inWindow(async ({ page }) => {
      await page.goto('/')
      const device = page.getByRole('group', { name: '设备' }).getByRole('row', { name: 'feeder-1' })
      await device.getByRole('cell').nth(4).getByText('1', { exact: true }).waitFor()
      await page.getByRole('columnheader', { name: '缺漏' }).waitFor()
      await page.getByText('这些数字的含义').first().click()
      await page.getByText('同一时刻、同一数值再次到达的次数').first().waitFor()
      await expectAccessible(page)
      await shoot(page, 'gateway-quality')
    })
  })

  it('is whole on a phone, in English and in the dark, and says that no key signs its batches', async () => {
    const window = await openWindow({ url: gateway.url, language: 'en', screen: 'phone', dark: true })
    const { page, complaints, close } = window
    try {
      await page.goto('/gateway')
      await page.getByText('closed windows wait as unsigned drafts').waitFor()
      await expectAccessible(page)
      await shoot(page, 'gateway-phone-dark')
      await page.getByRole('button', { name: 'Add a device' }).click()
      for (const driver of ['meter-sparkplug', 'water-meter-csv', 'weather-http', 'teros-12-mqtt']) {
        await page.getByLabel('Driver').selectOption(driver)
        await page.getByTestId('guide').waitFor()
        await shoot(page, `gateway-wizard-${driver}-phone-dark`)
      }
      await expectAccessible(page)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  })

  it('says in words what a device file cannot be', async () => {
    const { page, close } = await openWindow({ url: gateway.url, language: 'en' })
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
