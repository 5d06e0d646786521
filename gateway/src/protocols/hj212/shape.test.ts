import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Device } from '../../device.ts'
import { createPacketReader, encodePacket } from './packet.ts'
import { recordOf, samplesOf } from './record.ts'
import { readPacket } from './segment.ts'
import { learnShape, shapeLike } from './shape.ts'

const CODES = ['a05001', 'a19001', 'a01011']
let devices = 0

/** A device whose shapes nobody has learned yet. */
function device(): Device {
  const points = CODES.map((code, at) => ({
    ...{ name: code, stream: at + 1, source: { command: '2011', code, field: 'Rtd' }, type: 0x0b0400, unit: '%' },
    ...{ value: 'mean', scale: '1', offset: '0', rounding: 'exact', interval: 60, stamp: 'end', limits: {} },
    definition: 'test',
  })) as unknown as Device['points']
  const address = { mn: '010000A8900016F000169DC0', password: '123456' }
  return { id: `stack-${devices++}`, model: 'cems', protocol: 'hj212', address, points, zone: 'Asia/Shanghai' }
}

const time = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map(stampOf),
  },
  fc.constantFrom(
    '20260230120000',
    '20261301000000',
    '20260101240000',
    '20260101126000',
    '20260101125960',
    '2026010112',
  ),
)
const number = fc.oneof(
  { weight: 10, arbitrary: fc.stringMatching(/^-?\d{1,6}(\.\d{1,4})?$/) },
  fc.constantFrom('0', '-0.5', '007', '1.', '.5', '-', '1e3', '1234567890123456', '1.1234567890123', ''),
)
/** Packets of the same factors and flags, as one logger sends them; now and then one that no reader takes. */
const pair = fc
  .tuple(fc.subarray([...CODES, 'w00000']), fc.constantFrom('N', 'N', 'N', 'F', 'X'))
  .chain(([codes, flag]) => {
    const packet = fc.record({
      qn: time,
      milliseconds: fc.constantFrom('000', '123', '456', '12a', '12'),
      stamp: time,
      password: fc.constantFrom('123456', '123456', '123456', '654321'),
      factors: fc.tuple(...codes.map((code) => number.map((value) => [code, value, flag] as const))),
    })
    return fc.tuple(packet, packet)
  })
type Said = typeof pair extends fc.Arbitrary<[infer Packet, unknown]> ? Packet : never

/** The segment of a packet as a sender would frame it. */
function segmentOf({ qn, milliseconds, stamp, password, factors }: Said) {
  const items = factors.map(([code, value, flag]) => `${code}-Rtd=${value},${code}-Flag=${flag}`)
  const bytes = encodePacket({
    ...{ QN: `${qn}${milliseconds}`, ST: '31', CN: '2011', PW: password, MN: '010000A8900016F000169DC0', Flag: 5 },
    CP: [`DataTime=${stamp}`, ...items].join(';'),
  })
  const [cut] = createPacketReader().push(bytes)
  if (cut?.ok !== true) throw new Error('a packet of our own does not cut')
  return cut
}

describe('the shape of a packet', () => {
  test('says of any other packet what the reader says, or nothing', () => {
    let like = 0
    fc.assert(
      fc.property(pair, ([first, second]) => {
        const record = recordOf(device())
        const one = segmentOf(first)
        const before = readPacket(one, () => record)
        if (before.ok) learnShape(one.segment, before.packet, record)
        const other = segmentOf(second)
        const shape = shapeLike(other.segment, record)
        if (shape === undefined) return
        like++
        const read = readPacket(other, () => record)
        if (!read.ok) throw new Error(read.code)
        const packet = shape.packet(other.segment)
        expect({ ...packet, items: packet.items }).toEqual(read.packet)
        expect(shape.samples(other.segment, record)).toEqual(samplesOf(read.packet, record))
      }),
      { numRuns: 1000 },
    )
    expect(like).toBeGreaterThan(20)
  })

  test('takes the next packet of a logger', () => {
    const record = recordOf(device())
    const say = (minute: string, value: string) =>
      segmentOf({
        ...{ qn: `202601011${minute}`, milliseconds: '000', stamp: `202601011${minute}`, password: '123456' },
        factors: CODES.map((code) => [code, value, 'N']),
      })
    const first = say('20000', '5.10')
    const read = readPacket(first, () => record)
    if (read.ok) learnShape(first.segment, read.packet, record)
    const next = say('20100', '15.1')
    expect(
      shapeLike(next.segment, record)
        ?.samples(next.segment, record)
        .map(({ value }) => value),
    ).toEqual([...['15.1', '15.1', '15.1']])
  })
})

function stampOf(date: Date): string {
  return date.toISOString().replace(/\D/g, '').slice(0, 14)
}
