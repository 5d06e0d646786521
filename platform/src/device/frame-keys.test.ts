import {
  batchCar,
  declareKeys,
  decodeHeader,
  draftBatch,
  ed25519PublicKey,
  emptyState,
  encodeBlock,
  keyEndItem,
  keyItem,
  NOTHING_SEALED,
  numberBatch,
  openCar,
  proveEnrolment,
  type StreamItem,
  signEd25519,
} from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { requireDeviceKeys } from './frame-keys.ts'

const OLD = new Uint8Array(32).fill(3)
const NEW = new Uint8Array(32).fill(4)
const DEVICE = 'meter-1'
const measured: StreamItem = { stream: 1, type: 0x020100, device: DEVICE, interval: 60, key: ed25519PublicKey(OLD) }
const ends = keyEndItem(20, DEVICE, ed25519PublicKey(OLD), 100)
const enrolment = { organization: 7, device: DEVICE, publicKey: ed25519PublicKey(NEW), firstCounter: 101 }
const begins = keyItem(21, enrolment, proveEnrolment(enrolment, NEW))

/** Puts one message of the device before the platform, as the batch after those that declared these items. */
function taken(given: { before: StreamItem[]; declares?: StreamItem[]; counter: number; seed?: Uint8Array }) {
  const { before, declares = [], counter, seed } = given
  const plain = {
    bytes: Uint8Array.of(1),
    device: DEVICE,
    protocol: 'test',
    received: 9,
    salt: new Uint8Array(16),
    counter,
  }
  const frame = encodeBlock(
    seed === undefined ? plain : { ...plain, signature: signEd25519(encodeBlock(plain).bytes, seed) },
  )
  const reading = {
    type: 0x020100,
    stream: 1,
    start: 60,
    seconds: 60,
    quantity: 5,
    flag: 'N',
    source: frame.cid,
  } as const
  const draft = draftBatch({
    readings: [reading],
    streams: [measured, ...declares],
    seed: () => new Uint8Array(32).fill(1),
    frames: [frame],
  })
  const { header } = numberBatch(draft, { organization: 7, sequence: 5, previous: frame.cid })
  const state = { ...emptyState(7), sequence: 4, streams: new Map(before.map((item) => [item.stream, item])) }
  const car = openCar(batchCar(header, draft.blocks))
  return () => requireDeviceKeys(state, car, decodeHeader(header.bytes), NOTHING_SEALED)
}

test.each([
  ['the key in use', { before: [measured], counter: 500, seed: OLD }],
  ['late data of an ended key', { before: [measured, ends, begins], counter: 100, seed: OLD }],
  ['the new key', { before: [measured, ends, begins], counter: 101, seed: NEW }],
  ['a rotation in the batch itself', { before: [measured], declares: [ends, begins], counter: 101, seed: NEW }],
  [
    'a change that is repeated',
    { before: [measured, ends, begins], declares: [begins, ends], counter: 102, seed: NEW },
  ],
  ['an unsigned message, which the verdict calls so', { before: [measured, ends, begins], counter: 103 }],
])('S13 accepted: %s', (_, given) => {
  expect(taken(given)).not.toThrow()
})

test.each([
  ['an ended key beyond its last good counter', { before: [measured, ends, begins], counter: 101, seed: OLD }],
  ['a revoked key without a successor', { before: [measured, ends], counter: 300, seed: OLD }],
  ['the key that the batch itself ends', { before: [measured], declares: [ends], counter: 101, seed: OLD }],
  ['the new key below its first counter', { before: [measured, ends, begins], counter: 99, seed: NEW }],
])('S13 refused: %s', (_, given) => {
  expect(taken(given)).toThrow(
    expect.objectContaining({ code: 'E_DEVICE_KEY_ENDED', values: { device: DEVICE, counter: given.counter } }),
  )
})

test('a change that does not fit is refused with its stream', () => {
  const given = { before: [measured], declares: [begins], counter: 1, seed: OLD }
  expect(taken(given)).toThrow(expect.objectContaining({ code: 'E_DEVICE_KEY_CHANGE' }))
  expect([...declareKeys(new Map(), 7, [measured, begins], 1).values()].flat()).toHaveLength(1)
})
