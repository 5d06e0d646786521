import { describe, expect, test } from 'vitest'
import { createPlant, quarterHours } from '../test/plant.ts'
import { type DeviceKeys, declareKeys, keyEndItem, keyItem, proveEnrolment } from './device-key.ts'
import { ed25519PublicKey } from './ed25519.ts'
import type { StreamItem } from './form.ts'
import { decodePackage, encodePackage } from './package.ts'
import { checkPackage } from './verdict.ts'

const DAY = 86_400
const OLD = new Uint8Array(32).fill(3)
const NEW = new Uint8Array(32).fill(4)
const DEVICE = 'meter-1'

const measured: StreamItem = { stream: 1, type: 0x020100, device: DEVICE, interval: 900, key: ed25519PublicKey(OLD) }
const ends = (lastCounter = 100) => keyEndItem(20, DEVICE, ed25519PublicKey(OLD), lastCounter)
const begins = (firstCounter = 101, organization = 7, seed = NEW) => {
  const enrolment = { organization, device: DEVICE, publicKey: ed25519PublicKey(seed), firstCounter }
  return keyItem(21, enrolment, proveEnrolment(enrolment, seed))
}
const rotation = [ends(), begins()]

/** What an answer about one day says, checked from its bytes alone as someone offline would: batches of one day each, in the order given. */
function verdictOf(
  batches: readonly { signs: Uint8Array; counter: number; changes?: readonly StreamItem[] }[],
  asked: number,
) {
  const plant = createPlant()
  const frames = batches.map(({ signs, counter, changes = [] }, at) => {
    const device = { signs, declared: OLD, counter }
    return plant.append(quarterHours(at * DAY), { device, changes }).frame
  })
  const pack = plant.answer({ types: [Uint8Array.of(2)], from: asked * DAY, to: (asked + 1) * DAY, mode: 'readings' })
  const bytes = encodePackage({ ...pack, frames: [frames[asked] as (typeof frames)[number]] })
  const verdict = checkPackage(decodePackage(bytes), plant.chain(pack))
  return [verdict.status, verdict.lines.find(({ ok }) => ok === false)?.code ?? verdict.frames.signed]
}

describe("R12 S13 a device's key is rotated within its stream", () => {
  const before = { signs: OLD, counter: 90 }
  const rotating = { signs: NEW, counter: 101, changes: rotation }
  test.each([
    ['an old signature stays good', [before, rotating], 0, ['verified', 1]],
    ['the new key signs from its own batch on', [before, rotating], 1, ['verified', 1]],
    [
      'the new key signs later, where the change is not repeated',
      [before, rotating, { signs: NEW, counter: 102 }],
      2,
      ['verified', 1],
    ],
    [
      'late data of the old key, up to its last good counter, is good',
      [before, rotating, { signs: OLD, counter: 100 }],
      2,
      ['verified', 1],
    ],
    [
      'the old key beyond it fails',
      [before, rotating, { signs: OLD, counter: 101 }],
      2,
      ['failed', 'E_VERDICT_DEVICE_KEY'],
    ],
    [
      'the new key below its first counter fails',
      [before, rotating, { signs: NEW, counter: 100 }],
      2,
      ['failed', 'E_VERDICT_DEVICE_KEY'],
    ],
    [
      "a stranger's key fails",
      [before, rotating, { signs: new Uint8Array(32).fill(9), counter: 102 }],
      2,
      ['failed', 'E_VERDICT_DEVICE_SIGNATURE'],
    ],
    [
      'the new key before its declaration fails',
      [{ signs: NEW, counter: 101 }, rotating],
      0,
      ['failed', 'E_VERDICT_DEVICE_SIGNATURE'],
    ],
    [
      'what was sealed before the end stays signed: it is answered by restatement',
      [{ signs: OLD, counter: 500 }, rotating],
      0,
      ['verified', 1],
    ],
    [
      'after a revocation without a successor nothing new is good',
      [before, { signs: OLD, counter: 101, changes: [ends()] }],
      1,
      ['failed', 'E_VERDICT_DEVICE_KEY'],
    ],
  ] as const)('%s', (_, batches, asked, expected) => {
    expect(verdictOf(batches, asked)).toEqual(expected)
  })
})

describe('a change that does not fit changes nothing, and says why', () => {
  const first = declareKeys(new Map(), 7, [measured], 1)
  const faults = (keys: DeviceKeys, items: readonly StreamItem[]) => {
    const said: string[] = []
    const after = declareKeys(keys, 7, items, 2, (_, why) => said.push(why))
    return { said, same: after.get(DEVICE) === keys.get(DEVICE) }
  }
  test.each([
    ['a second key beside the first', [begins()], /still has a key in use/],
    ['an end of another key', [{ ...ends(), ends: ed25519PublicKey(NEW) }], /does not have in use/],
    ['an end below the beginning', [ends(-2)], /cannot be its last good one/],
    ['a counter that is a fraction', [ends(1.5)], /cannot be its last good one/],
    ['neither key nor end', [{ ...begins(), key: 'text' }], /neither a key/],
    ['no proof', [{ ...begins(), proof: undefined }], /neither a key/],
  ] as const)('%s', (_, items, why) => {
    const { said, same } = faults(first, items as readonly StreamItem[])
    expect([said.join(), same]).toEqual([expect.stringMatching(why), true])
  })
  const ended = declareKeys(first, 7, [ends()], 2)
  test.each([
    ['a proof for another organization', begins(101, 8), /not by the key/],
    ['a proof for another counter', { ...begins(), firstCounter: 200 }, /not by the key/],
    ['a counter that the old key signed', begins(100), /cannot begin at 100/],
    ['a key of small order', { ...begins(), key: new Uint8Array(32).fill(0, 1) }, /none that can be trusted/],
  ] as const)('after the end: %s', (_, item, why) => {
    const { said, same } = faults(ended, [item])
    expect([said.join(), same]).toEqual([expect.stringMatching(why), true])
  })
  test('an ended key does not come back, and a repeated block changes nothing', () => {
    const after = declareKeys(first, 7, [measured, ...rotation], 2)
    expect(faults(after, [measured, ...rotation])).toEqual({ said: [], same: true })
    expect(after.get(DEVICE)).toMatchObject([
      { since: 1, ended: { since: 2, lastCounter: 100 } },
      { since: 2, firstCounter: 101, ended: undefined },
    ])
  })
})
