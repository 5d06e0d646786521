import { ed25519PublicKey, signEd25519 } from '@tanlian/evidence'
import { describe, expect, test } from 'vitest'
import { createFaultDisk } from '../../platform/test/fault-disk.ts'
import type { Arrival } from './arrival.ts'
import type { Device } from './device.ts'
import { encodeFrame } from './frame.ts'
import { openIntake } from './intake.ts'
import { openJournal } from './journal.ts'

const text = new TextEncoder()
const SECRET = new Uint8Array(32).fill(7)
const NEXT = new Uint8Array(32).fill(6)

function device(id: string, keys?: NonNullable<Device['keys']>): Device {
  return {
    id,
    model: 'test',
    protocol: 'http',
    address: {},
    points: [],
    zone: 'Asia/Shanghai',
    ...(keys === undefined ? {} : { keys }),
  }
}

async function gateway(segmentBytes = 1e6) {
  const disk = createFaultDisk()
  const journal = await openJournal({ disk, directory: '/journal', budgetBytes: 1e9, segmentBytes })
  const proof = new Uint8Array(64)
  const ended = { lastCounter: 20, stream: 2 }
  const old = { publicKey: ed25519PublicKey(SECRET), proof, firstCounter: 10, stream: undefined, ended }
  const next = { publicKey: ed25519PublicKey(NEXT), proof, firstCounter: 30, stream: 3, ended: undefined }
  const devices = new Map(['plain', 'other'].map((id) => [id, device(id)]))
  devices.set('signs', device('signs', [old, next]))
  let salts = 0
  let nowMs = 1_780_000_000_000
  const clock = { now: () => nowMs, after: () => () => {} }
  const intake = openIntake(journal, devices, clock, () => new Uint8Array(16).fill(++salts))
  return {
    disk,
    journal,
    intake,
    pass(ms: number) {
      nowMs += ms
    },
  }
}

function arrival(name: string, says: string, rank: number, more: Partial<Arrival> = {}): Arrival {
  return {
    device: 'plain',
    protocol: 'http',
    bytes: text.encode(says),
    receivedMs: 1_780_000_000_000,
    name,
    rank,
    ...more,
  }
}

async function entries(journal: Awaited<ReturnType<typeof openJournal>>) {
  const reader = journal.read(1)
  const kinds: string[] = []
  for (let placed = await reader.next(); placed !== undefined; placed = await reader.next())
    kinds.push(...placed.map(({ entry }) => entry.kind))
  return kinds
}

describe('the intake', () => {
  test('S2 the same message again has the same answer and is kept once', async () => {
    const { intake, journal } = await gateway()
    expect(await intake.keep(arrival('a', 'one', 5))).toEqual({ state: 'kept', position: 1 })
    expect(await intake.keep(arrival('a', 'one', 5))).toEqual({ state: 'repeated', position: 1 })
    expect(await intake.keep(arrival('a', 'one', 5, { device: 'other' }))).toEqual({ state: 'kept', position: 2 })
    expect(await entries(journal)).toEqual(['frame', 'frame'])
  })

  test('S2 another message of the same name is a conflict: both are kept, the first stays', async () => {
    const { intake, journal } = await gateway()
    await intake.keep(arrival('a', 'one', 5))
    expect(await intake.keep(arrival('a', 'two', 5))).toEqual({ state: 'conflict', position: 2 })
    expect(await intake.keep(arrival('a', 'two', 5))).toEqual({ state: 'conflict', position: 2 })
    expect(await intake.keep(arrival('a', 'one', 5))).toEqual({ state: 'repeated', position: 1 })
    for (const says of ['three', 'four', 'five', 'six']) await intake.keep(arrival('a', says, 5))
    expect(await entries(journal)).toEqual(['frame', 'conflict', 'conflict', 'conflict'])
  })

  test('what a repeat must say again is what the protocol names, where it names something', async () => {
    const { intake } = await gateway()
    const content = text.encode('DataTime=1;a=2')
    await intake.keep(arrival('a', 'QN=1;DataTime=1;a=2', 5, { content }))
    expect(await intake.keep(arrival('a', 'QN=2;DataTime=1;a=2', 5, { content }))).toMatchObject({ state: 'repeated' })
  })

  test('S2 of messages of one name at the same moment, one is kept', async () => {
    const { intake, journal } = await gateway()
    await intake.keep(arrival('later', 'later', 9))
    const same = [1, 2, 3].map(() => intake.keep(arrival('a', 'one', 5)))
    const states = (await Promise.all([...same, intake.keep(arrival('a', 'two', 5))])).map(({ state }) => state)
    expect(states).toEqual(['kept', 'repeated', 'repeated', 'conflict'])
    expect(await entries(journal)).toEqual(['frame', 'frame', 'conflict'])
  })

  test('S2 F12 a message that comes late is looked up in sealed segments, after a restart too', async () => {
    const { intake, journal, disk } = await gateway(3000)
    for (let rank = 1; rank <= 60; rank++) if (rank !== 17) await intake.keep(arrival(`n${rank}`, `says ${rank}`, rank))
    expect(journal.state.segments).toBeGreaterThan(3)
    expect(await intake.keep(arrival('n3', 'says 3', 3))).toEqual({ state: 'repeated', position: 3 })
    expect(await intake.keep(arrival('n17', 'says 17', 17))).toMatchObject({ state: 'kept' })
    await journal.close()
    const again = await openJournal({ disk, directory: '/journal', budgetBytes: 1e9, segmentBytes: 3000 })
    const reopened = openIntake(
      again,
      new Map([['plain', device('plain')]]),
      { now: () => 0, after: () => () => {} },
      () => new Uint8Array(16),
    )
    expect(await reopened.keep(arrival('n3', 'says 3', 3))).toEqual({ state: 'repeated', position: 3 })
    expect(await reopened.keep(arrival('n17', 'says 17', 17))).toMatchObject({ state: 'repeated' })
    expect(await reopened.keep(arrival('n18', 'says otherwise', 18))).toMatchObject({ state: 'conflict' })
    expect(await reopened.keep(arrival('n61', 'says 61', 61))).toMatchObject({ state: 'kept' })
  })

  test('a message whose group was refused is new when it is sent again', async () => {
    const { intake, disk } = await gateway()
    await intake.keep(arrival('z', 'z', 9))
    disk.room = 10
    await expect(intake.keep(arrival('a', 'one', 5))).rejects.toMatchObject({ code: 'E_JOURNAL_FULL' })
    disk.room = 1e6
    expect(await intake.keep(arrival('a', 'one', 5))).toMatchObject({ state: 'kept' })
  })

  test('S13 a device with a key is believed only what that key signed, for counters that it is good for', async () => {
    const { intake, journal } = await gateway()
    const sign = (counter: number, says: string, secret = SECRET): Arrival => {
      const plain = arrival(String(counter), says, counter, { device: 'signs', counter })
      const signed = { salt: new Uint8Array(16).fill(3), received: 1_779_999_999 }
      const unsigned = { bytes: plain.bytes, device: 'signs', protocol: 'http', counter, ...signed }
      return { ...plain, signed, signature: signEd25519(encodeFrame(unsigned), secret) }
    }
    expect(await intake.keep(sign(10, 'good'))).toMatchObject({ state: 'kept' })
    expect(await intake.keep(sign(20, 'good'))).toMatchObject({ state: 'kept' })
    expect(await intake.keep(sign(30, 'good', NEXT))).toMatchObject({ state: 'kept' })
    expect(await intake.keep(sign(18, 'late, by the old key'))).toMatchObject({ state: 'kept' })
    const { signature, ...unsigned } = sign(11, 'no signature')
    const bad: [Arrival, string][] = [
      [unsigned, 'E_DEVICE_SIGNATURE'],
      [sign(11, 'another key', new Uint8Array(32).fill(8)), 'E_DEVICE_SIGNATURE'],
      [{ ...sign(11, 'altered'), bytes: text.encode('alterd') }, 'E_DEVICE_SIGNATURE'],
      [{ ...sign(11, 'counter'), counter: 12 }, 'E_DEVICE_SIGNATURE'],
      [sign(9, 'before its key'), 'E_DEVICE_REVOKED'],
      [sign(21, 'after its last good counter'), 'E_DEVICE_REVOKED'],
      [sign(29, 'before the next one', NEXT), 'E_DEVICE_REVOKED'],
      [sign(30, 'the old key under a counter of the next'), 'E_DEVICE_SIGNATURE'],
      [sign(19, 'the next key under a counter of the old', NEXT), 'E_DEVICE_SIGNATURE'],
      [arrival('x', 'nobody', 1, { device: 'nobody' }), 'E_DEVICE_UNKNOWN'],
    ]
    for (const [one, code] of bad) await expect(intake.keep(one), code).rejects.toMatchObject({ code })
    await journal.close()
    expect(await entries(journal)).toEqual(['frame', 'frame', 'frame', 'frame', ...bad.map(() => 'refused')])
    expect(intake.counts.get('signs')).toMatchObject({ kept: 4, refused: 9, problem: 'E_DEVICE_SIGNATURE' })
  })

  test('a device that sends rubbish cannot use up the journal of the others', async () => {
    const { intake, journal, pass } = await gateway()
    const rubbish = {
      device: 'plain',
      protocol: 'http',
      bytes: new Uint8Array(1000),
      receivedMs: 0,
      code: 'E_LISTEN',
    } as const
    for (let round = 0; round < 500; round++) intake.refuse(rubbish)
    expect(intake.counts.get('plain')?.refused).toBe(500)
    await intake.keep(arrival('a', 'one', 5, { device: 'other' }))
    expect((await entries(journal)).filter((kind) => kind === 'refused').length).toBe(65)
    pass(61_000)
    intake.refuse(rubbish)
    await intake.keep(arrival('b', 'two', 6, { device: 'other' }))
    expect((await entries(journal)).filter((kind) => kind === 'refused').length).toBe(66)
  })
})
