import {
  batchCar,
  checkPackage,
  cidFromDigest,
  decodePackage,
  draftBatch,
  ed25519PublicKey,
  encodeBlock,
  keyEndItem,
  keyItem,
  numberBatch,
  proveEnrolment,
  type StreamItem,
  signEd25519,
  signEntry,
} from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../test/ask.ts'
import { send } from '../../test/batch.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../../test/party.ts'
import { startTestPlatform, type TestPlatform } from '../../test/platform.ts'

const OLD = new Uint8Array(32).fill(3)
const NEW = new Uint8Array(32).fill(4)
const DEVICE = 'meter-1'
const measured: StreamItem = { stream: 1, type: 0x020100, device: DEVICE, interval: 60, key: ed25519PublicKey(OLD) }

let platform: TestPlatform
let plant: TestParty
let head: { sequence: number; digest: Uint8Array } | undefined

beforeAll(async () => {
  platform = await startTestPlatform()
  plant = await bindEnterprise(platform, 'plant', await register(platform, newParty('platform', 'the platform')))
}, 120_000)
afterAll(() => platform?.close(), 60_000)

/** Sends one message of the device as the organization's next batch. @returns 201, or the code of the refusal */
async function sealed(counter: number, seed: Uint8Array, changes: readonly StreamItem[] = []) {
  const plain = {
    bytes: Uint8Array.of(counter),
    device: DEVICE,
    protocol: 'test',
    received: 9,
    salt: new Uint8Array(16),
    counter,
  }
  const frame = encodeBlock({ ...plain, signature: signEd25519(encodeBlock(plain).bytes, seed) })
  const reading = { type: 0x020100, stream: 1, start: counter * 60, seconds: 60, quantity: 5, flag: 'N' } as const
  const draft = draftBatch({
    readings: [{ ...reading, source: frame.cid }],
    streams: [measured, ...changes],
    seed: () => new Uint8Array(32).fill(counter),
    frames: [frame],
  })
  const sequence = (head?.sequence ?? 0) + 1
  const previous = head === undefined ? null : cidFromDigest(head.digest)
  const { header, entry } = numberBatch(draft, { organization: plant.id, sequence, previous })
  const signature = signEntry(entry, platform.instance.chain.domain, plant.batches)
  const answer = await send(platform, { entry, signature, car: new Uint8Array(batchCar(header, draft.blocks)) })
  if (answer.status === 201) head = entry
  return answer.status === 201 ? 201 : answer.json.code
}

test('R12 S13 a rotated key: refused once it is ended, and told apart in a package that is checked offline', async () => {
  const enrolment = { organization: plant.id, device: DEVICE, publicKey: ed25519PublicKey(NEW), firstCounter: 4 }
  const begins = keyItem(21, enrolment, proveEnrolment(enrolment, NEW))
  const ends = keyEndItem(20, DEVICE, ed25519PublicKey(OLD), 3)
  expect(await sealed(1, OLD)).toBe(201)
  expect(await sealed(4, NEW, [begins])).toBe('E_DEVICE_KEY_CHANGE')
  expect(await sealed(4, NEW, [begins, ends])).toBe(201)
  expect(await sealed(5, OLD)).toBe('E_DEVICE_KEY_ENDED')
  expect(await sealed(3, OLD)).toBe(201)
  expect(await sealed(5, NEW)).toBe(201)

  await until('the batches are in the log', () => platform.instance.log.size === 4)
  const trace = `/v1/organizations/${plant.id}/trace?type=02&from=0&to=3600&mode=readings&frames=true`
  const answer = await platform.app.inject(trace)
  expect(answer.statusCode).toBe(200)
  const verdict = checkPackage(decodePackage(new Uint8Array(answer.rawPayload)))
  expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
  expect(verdict.frames).toEqual({ signed: 4, unsigned: 0, absent: 0 })
})
