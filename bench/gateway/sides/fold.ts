import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryOutbox, type SignedStatement } from '@tanlian/sdk'
import { openCore } from '../../../gateway/src/core.ts'
import type { Device, Point } from '../../../gateway/src/device.ts'
import { machineDisk } from '../../../gateway/src/disk.ts'
import { clock, random } from './message.ts'

/*
 * Messages of four values each from the intake to signed batches, with a platform that takes everything at once: prints readings a second
 * from the first message to the last receipt, and the resident bytes.
 */
const messages = Number(process.argv[2])
const POINTS = 4
const DEVICES = 50
const START_S = 1_780_000_000

const folder = mkdtempSync(join(tmpdir(), 'tanlian-fold-'))
const devices = Array.from({ length: DEVICES }, (_, at) => deviceOf(at))
let readings = 0
let head = { sequence: 0, digest: undefined as Uint8Array | undefined }
const gate = {
  head: async () => head,
  async send({ entry, car }: SignedStatement) {
    head = { sequence: entry.sequence, digest: entry.digest }
    const { organization, kind, sequence } = entry
    return {
      organization,
      kind,
      sequence,
      digest: '',
      received: 0,
      size: car.length,
      promise: 60,
      key: '',
      signature: '',
    }
  },
  held: async () => undefined,
  keyValid: async () => true,
}
const core = await openCore({
  disk: machineDisk,
  directory: folder,
  organization: 7,
  devices,
  derived: [],
  checks: [],
  zone: 'Asia/Shanghai',
  window: { seconds: 3600, readings: 20_000 },
  budgetBytes: 1e10,
  samples: (_, bytes, device) => {
    const [stamp, ...values] = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1').split(' ')
    return values.map((value, at) => ({
      point: device.points[at]?.name ?? '',
      stamp: Number(stamp),
      value,
      flag: undefined,
    }))
  },
  clock,
  random,
  chance: Math.random,
  reach: async () => ({
    gate,
    log: { chainId: 31337, verifyingContract: `0x${'10'.repeat(20)}` },
    outbox: { ...memoryOutbox(), receipts: async () => [] },
    key: new Uint8Array(32).fill(9),
    keyChanges: async () => [],
  }),
  onSeen({ judged }) {
    readings += judged.length
  },
})
let next = 0
const one = async () => {
  while (next < messages) {
    const number = next++
    const stamp = START_S + Math.floor(number / DEVICES)
    const device = devices[number % DEVICES]?.id ?? ''
    await core.intake.keep({
      device,
      protocol: 'hj212',
      bytes: Buffer.from(`${stamp} ${number % 997}.5 ${number % 89}.25 17.125 ${number % 7}`, 'latin1'),
      receivedMs: (stamp + 1) * 1000,
      name: String(stamp),
      rank: stamp,
    })
  }
}
const began = performance.now()
await Promise.all(Array.from({ length: 500 }, one))
while (core.state.lag > 0) await new Promise((resolve) => setTimeout(resolve, 5))
await core.closeWindow()
while (core.state.uplink.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5))
console.log(Math.round((readings * 1000) / (performance.now() - began)))
console.log(process.memoryUsage.rss())
if (process.argv[3] !== undefined) console.error(core.state.uplink.sent, readings, process.memoryUsage())
await core.stop()
rmSync(folder, { recursive: true })

function deviceOf(at: number): Device {
  const points = Array.from({ length: POINTS }, (_, point) => pointOf(at * POINTS + point + 1))
  return { id: `stack-${at}`, model: 'bench', protocol: 'hj212', address: {}, zone: 'Asia/Shanghai', points }
}

function pointOf(stream: number): Point {
  return {
    name: `p${stream}`,
    stream,
    type: 0x0b0100,
    unit: '°C',
    value: 'mean',
    scale: '1',
    offset: '0',
    rounding: 'exact',
    interval: 1,
    stamp: 'start',
    source: {},
    limits: { least: '-100', most: '2000' },
    definition: 'made up for a bench',
  }
}
