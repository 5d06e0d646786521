import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { keepKey } from '../cli/src/keys.ts'
import type { PlantName } from '../gateway/simulator/plants/index.ts'
import { bindEnterprise, newParty, register } from '../platform/test/party.ts'
import { startTestPlatform, type TestPlatform } from '../platform/test/platform.ts'
import { auditOutside } from './outside-audit.ts'

const PASSPHRASE = 'a test’s own'
/** A day a minute. */
const SPEED = 1440
const MAIN = join(import.meta.dirname, '../gateway/simulator/live.ts')
/** By which protocols the data of each plant comes; meters on Modbus are asked by the gateway's own clock. */
const PLANTS: Readonly<Record<PlantName, readonly string[]>> = {
  'power-station': ['hj212'],
  'steel-works': ['mqtt'],
  park: ['http'],
  farm: ['mqtt'],
  forest: ['file'],
}

let platform: TestPlatform | undefined
let child: ChildProcess | undefined
let folder = ''
afterAll(async () => {
  child?.kill('SIGKILL')
  await platform?.close()
  if (folder !== '') await rm(folder, { recursive: true, force: true })
}, 60_000)

test('the plants of the demo at work: data over HJ 212, MQTT, Modbus, HTTP and files becomes batches on the chain, at most 48 an organization and plant day', async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-live-'))
  platform = await startTestPlatform()
  const market = await register(platform, newParty('platform', 'the platform'))
  const organizations = new Map<PlantName, number>()
  const home = join(folder, 'home')
  await mkdir(home, { recursive: true, mode: 0o700 })
  for (const plant of Object.keys(PLANTS) as PlantName[]) {
    const party = await bindEnterprise(platform, plant, market)
    await keepKey(home, plant, 'batches', party.batches, PASSPHRASE, 4096)
    organizations.set(plant, party.id)
  }
  const url = `http://127.0.0.1:${platform.config.port}`
  const rpc = `http://127.0.0.1:${platform.config.rpcPort}`
  const flags = ['--platform', url, '--data', join(folder, 'live'), '--home', home, '--speed', String(SPEED)]
  const plants = [...organizations].flatMap(([plant, id]) => ['--plant', `${plant}:${plant}:${id}`])
  // The plants’ clock runs from here: one that is ready before the others closes batches while they start.
  const sinceMs = Date.now()
  child = spawn(process.execPath, [MAIN, ...flags, ...plants], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TANLIAN_PASSPHRASE: PASSPHRASE },
  })
  const pages = new Map<string, string>()
  await new Promise<void>((resolve, reject) => {
    child?.once('exit', (code) => reject(new Error(`the plants ended with ${code}`)))
    createInterface({ input: child?.stdout as NodeJS.ReadableStream }).on('line', (text) => {
      const line = JSON.parse(text) as { step: string; plant?: string; page?: string }
      if (line.step === 'plant') pages.set(line.plant ?? '', line.page ?? '')
      if (line.step === 'ready') resolve()
    })
  })

  for (const [plant, organization] of organizations) {
    const seen = async () => {
      const { entries, frames } = await auditOutside({ url, rpc, organization })
      const protocols = new Set([...frames.values()].map(({ frame }) => frame.protocol))
      return { batches: entries.length, protocols }
    }
    for (let now = await seen(); ; now = await seen()) {
      const days = (Date.now() - sinceMs) / 60_000
      expect([plant, now.batches <= 48 * days + 2]).toEqual([plant, true])
      if (now.batches >= 2 && PLANTS[plant].every((name) => now.protocols.has(name))) break
      if (Date.now() - sinceMs > 180_000)
        throw new Error(`${plant} has ${now.batches} batches by ${[...now.protocols]}`)
      await pause(500)
    }
  }
  for (const [plant, meter] of [
    ['power-station', 'generator-meter'],
    ['steel-works', 'main-meter'],
  ] as const) {
    const state = (await (await fetch(`${pages.get(plant)}/api/state`)).json()) as {
      devices: { id: string; counts: { kept: number } | null }[]
    }
    expect(state.devices.find(({ id }) => id === meter)?.counts?.kept).toBeGreaterThan(0)
  }

  // Whoever started the plants goes: they end by themselves, gateways and all.
  const ended = new Promise((resolve) => child?.once('exit', resolve))
  child.stdin?.end()
  expect(await ended).toBe(0)
  for (const page of pages.values()) await expect(fetch(`${page}/api/state`)).rejects.toThrow()
}, 360_000)
