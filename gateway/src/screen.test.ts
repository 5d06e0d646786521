import {
  type DeviceKeys,
  declareKeys,
  decodeFrame,
  decodeHeader,
  decodeStreams,
  ed25519PublicKey,
  openCar,
  proveEnrolment,
  signEd25519,
  signingOf,
} from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { createFaultDisk } from '../../platform/test/fault-disk.ts'
import {
  contentsOf,
  createTestClock,
  createTestOutbox,
  createTestPlatform,
  message,
  meter,
  openTestCore,
  type TestPlatform,
} from '../test/plant.ts'
import type { SigningKey } from './device-key.ts'
import { encodeFrame } from './frame.ts'

const OLD = new Uint8Array(32).fill(3)
const NEW = new Uint8Array(32).fill(4)

function keyOf(seed: Uint8Array, firstCounter: number, more: Partial<SigningKey> = {}): SigningKey {
  const publicKey = ed25519PublicKey(seed)
  const proof = proveEnrolment({ organization: 7, device: 'a', publicKey, firstCounter }, seed)
  return { publicKey, proof, firstCounter, stream: undefined, ended: undefined, ...more }
}

/** A message of meter `a`, signed under its number as counter. */
function signed(number: number, seed: Uint8Array, receivedMs: number) {
  const arrival = message('a', number, 100 + number, receivedMs)
  const own = { salt: new Uint8Array(16).fill(number), received: Math.floor(receivedMs / 1000) }
  const { bytes, device, protocol } = arrival
  const signature = signEd25519(encodeFrame({ bytes, device, protocol, counter: number, ...own }), seed)
  return { ...arrival, rank: number, counter: number, signature, signed: own }
}

/** How the frames of each batch are signed, by what the batches themselves declare. */
function signingIn({ statements }: TestPlatform): string[] {
  let keys: DeviceKeys = new Map()
  return statements.flatMap(({ car, entry: { sequence } }) => {
    const { header, cids, require } = openCar(car)
    const { streams } = decodeHeader(header.bytes)
    keys = declareKeys(keys, 7, decodeStreams(require(streams)).streams, sequence)
    return cids.flatMap((cid) => {
      try {
        const frame = decodeFrame(require(cid))
        return frame.device === 'a' ? [`${frame.counter} ${signingOf(keys, frame, sequence).state}`] : []
      } catch {
        return []
      }
    })
  })
}

const old = keyOf(OLD, 0)
const next = keyOf(NEW, 6, { stream: 21 })
const rotated = [keyOf(OLD, 0, { ended: { lastCounter: 5, stream: 20 } }), next]

test('R12 a plant file with a new key rotates it within its stream, and late messages of the old one still count', async () => {
  const [disk, clock, platform, outbox] = [
    createFaultDisk(),
    createTestClock(),
    createTestPlatform(),
    createTestOutbox(),
  ]
  let core = await openTestCore(disk, clock, platform, outbox, { devices: [meter('a', 1, { keys: [old] })] })
  for (const number of [1, 2, 3, 4]) await core.intake.keep(signed(number, OLD, clock.now()))
  await clock.pass(400_000)
  await core.stop()
  core = await openTestCore(disk, clock, platform, outbox, { devices: [meter('a', 1, { keys: rotated })] })
  await core.intake.keep(signed(6, NEW, clock.now()))
  await core.intake.keep(signed(5, OLD, clock.now()))
  await expect(core.intake.keep(signed(7, OLD, clock.now()))).rejects.toMatchObject({ code: 'E_DEVICE_SIGNATURE' })
  await clock.pass(400_000)
  await core.stop()
  expect(signingIn(platform).sort()).toEqual(['1 signed', '2 signed', '3 signed', '4 signed', '5 signed', '6 signed'])
  expect(contentsOf(platform).readings.every(({ stream }) => stream === 1)).toBe(true)
})

test('S13 what a key signed that another gateway has ended is left out of the batch, kept and told; the rest goes on', async () => {
  const clock = createTestClock()
  const platform = createTestPlatform()
  const mine = { devices: [meter('a', 1, { keys: [old] }), meter('b', 2)] }
  const core = await openTestCore(createFaultDisk(), clock, platform, createTestOutbox(), mine)
  await core.intake.keep(signed(1, OLD, clock.now()))
  await clock.pass(400_000)
  const theirs = { devices: [meter('a', 1, { keys: rotated }), meter('c', 3)] }
  const other = await openTestCore(createFaultDisk(), clock, platform, createTestOutbox(), theirs)
  await other.intake.keep(message('c', 9, 1, clock.now()))
  await other.intake.keep(signed(6, NEW, clock.now()))
  await clock.pass(400_000)
  await other.stop()

  for (const number of [5, 7, 8]) await core.intake.keep(signed(number, OLD, clock.now()))
  await core.intake.keep(message('b', 7, 1, clock.now()))
  await clock.pass(400_000)
  expect(core.state.uplink).toMatchObject({ waiting: 0, problem: undefined, leftOut: 2 })
  expect(core.intake.counts.get('a')).toMatchObject({ kept: 4, refused: 2, problem: 'E_DEVICE_REVOKED' })

  await core.intake.keep(signed(9, OLD, clock.now()))
  const { length } = platform.statements
  await clock.pass(400_000)
  expect(platform.statements.length).toBe(length)
  expect(core.state.uplink).toMatchObject({ waiting: 0, problem: undefined, leftOut: 3 })
  await core.stop()
  expect(signingIn(platform).sort()).toEqual(['1 signed', '5 signed', '6 signed'])
  expect(contentsOf(platform).readings.filter(({ stream }) => stream === 2)).toHaveLength(1)
})

test('changes that contradict those which are there are not signed', async () => {
  const clock = createTestClock()
  const platform = createTestPlatform()
  const first = { devices: [meter('a', 1, { keys: rotated })] }
  const core = await openTestCore(createFaultDisk(), clock, platform, createTestOutbox(), first)
  await clock.pass(400_000)
  await core.intake.keep(signed(6, NEW, clock.now()))
  await clock.pass(400_000)
  await core.stop()
  const third = keyOf(new Uint8Array(32).fill(5), 6, { stream: 23 })
  const other = [keyOf(OLD, 0, { ended: { lastCounter: 5, stream: 22 } }), third]
  const wrong = await openTestCore(createFaultDisk(), clock, platform, createTestOutbox(), {
    devices: [meter('a', 1, { keys: other })],
  })
  await wrong.intake.keep(signed(7, new Uint8Array(32).fill(5), clock.now()))
  await clock.pass(400_000)
  expect(platform.statements).toHaveLength(1)
  expect(wrong.state.uplink).toMatchObject({ waiting: 1, problem: { code: 'E_UPLINK_KEYS' } })
  await wrong.stop()
})
