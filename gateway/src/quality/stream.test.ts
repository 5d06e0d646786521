import { encodeBlock, type Flag, type Reading } from '@tanlian/evidence'
import { parseDecimal, toWhole } from '@tanlian/units'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Sample } from '../arrival.ts'
import type { Device, Limits, Point } from '../device.ts'
import { reasonOf } from './rules.ts'
import { createQuality, type Quality } from './stream.ts'

const MINUTE = 60
const T0 = 1_767_225_600

const amountPoint = point({ name: 'energy', stream: 1, type: 0x020100, unit: 'kWh', value: 'delta' })
const levelPoint = point({ name: 'temperature', stream: 2, type: 0x0b0100, unit: '°C', value: 'mean' })
const registerPoint = point({
  name: 'register',
  stream: 3,
  type: 0x020100,
  unit: 'kWh',
  value: 'register',
  stamp: 'end',
})

function point(own: Partial<Point>, limits: Limits = {}): Point {
  return {
    name: 'point',
    stream: 1,
    type: 0x020100,
    unit: 'kWh',
    value: 'delta',
    scale: '1',
    offset: '0',
    rounding: 'half-even',
    interval: MINUTE,
    stamp: 'start',
    source: {},
    definition: 'made for this test',
    limits,
    ...own,
  }
}

function device(...points: Point[]): Device {
  return { id: 'meter', model: 'm', protocol: 'mqtt', address: {}, points, zone: 'Asia/Shanghai' }
}

interface Said {
  readonly stamp: number
  readonly value?: string
  readonly flag?: Sample['flag']
  readonly receivedMs?: number
}

/** Sends samples of one point, each as a message of its own, then settles all that waits. */
function run(of: Point, said: readonly Said[], quality: Quality = createQuality([device(of)])) {
  const judged = said.flatMap((item) => quality.push('meter', [sampleOf(of, item)], messageOf(item)))
  return { judged: [...judged, ...quality.flush(T0 * 1000)], questions: quality.questions(), quality }
}

function sampleOf(of: Point, { stamp, value, flag }: Said): Sample {
  return { point: of.name, stamp, value, flag }
}

function messageOf({ stamp, value, receivedMs }: Said) {
  return { frame: encodeBlock([stamp, value ?? '']).cid, receivedMs: receivedMs ?? (stamp + MINUTE) * 1000 }
}

const rows = (judged: readonly { readonly reading: Reading; readonly rule: string | undefined }[]) =>
  judged.map(({ reading, rule }) => [reading.start - T0, reading.seconds, reading.quantity, reading.flag, rule])

describe('from samples to readings', () => {
  test('an amount, a mean and a register become whole base units over their intervals', () => {
    expect(rows(run(amountPoint, [{ stamp: T0, value: '3.1705' }]).judged)).toEqual([[0, 60, 3170, 'N', undefined]])
    expect(rows(run(levelPoint, [{ stamp: T0, value: '-0.5' }]).judged)).toEqual([
      [0, 60, 272_650 * 60, 'N', undefined],
    ])
    expect(
      rows(
        run(registerPoint, [
          { stamp: T0, value: '100.25' },
          { stamp: T0 + 60, value: '100.75' },
          { stamp: T0 + 180, value: '101' },
        ]).judged,
      ),
    ).toEqual([
      [0, 60, 500, 'N', undefined],
      [60, 120, 250, 'N', undefined],
    ])
  })

  test('a mean of a rate counts for its seconds, and a neighbour that comes early takes some of them', () => {
    const power = point({ name: 'power', unit: 'kW', value: 'mean', rounding: 'half-even' })
    expect(
      rows(
        run(power, [
          { stamp: T0, value: '6' },
          { stamp: T0 + 50, value: '6' },
        ]).judged,
      ),
    ).toEqual([
      [0, 60, 100, 'N', undefined],
      [60, 50, 83, 'N', undefined],
    ])
  })

  test.each<[string, Point, Said, Flag, number, string | undefined]>([
    ['no number', amountPoint, { stamp: T0, value: '1,5' }, 'D', 0, 'number'],
    ['no value', amountPoint, { stamp: T0 }, 'B', 0, 'empty'],
    ['negative', amountPoint, { stamp: T0, value: '-1' }, 'D', 0, 'negative'],
    ['over the range', point({}, { most: '10' }), { stamp: T0, value: '10.001' }, 'T', 0, 'range'],
    ['at the range', point({}, { most: '10' }), { stamp: T0, value: '10.000' }, 'N', 10_000, undefined],
    [
      'under a range with its own flag',
      point({}, { least: '1', outside: 'D' }),
      { stamp: T0, value: '0.9' },
      'D',
      0,
      'range',
    ],
    ['maintenance keeps its number', amountPoint, { stamp: T0, value: '2', flag: 'M' }, 'M', 2000, undefined],
    ['the device’s flag alone', amountPoint, { stamp: T0, flag: 'C' }, 'C', 0, undefined],
    ['out of range in maintenance', point({}, { most: '1' }), { stamp: T0, value: '2', flag: 'M' }, 'M', 0, undefined],
    ['set by hand', amountPoint, { stamp: T0, value: '2', flag: 'S' }, 'S', 2000, undefined],
    ['stopped, whatever number was sent', amountPoint, { stamp: T0, value: '2', flag: 'F' }, 'F', 0, undefined],
  ])('flag: %s', (_, of, said, flag, quantity, rule) => {
    expect(rows(run(of, [said]).judged)).toEqual([[0, 60, quantity, flag, rule]])
  })

  test('a level under F makes no reading, counts as stopped and leaves nothing missing', () => {
    const { judged, quality } = run(levelPoint, [
      { stamp: T0, value: '20' },
      { stamp: T0 + 60, value: '20', flag: 'F' },
      { stamp: T0 + 120, value: '20' },
    ])
    expect(judged).toHaveLength(2)
    expect(quality.scores()[0]).toMatchObject({ complete: 10_000, counts: { stopped: 1, missing: 0, readings: 2 } })
  })

  test('F against an amount above zero is a question (C6)', () => {
    const { questions } = run(amountPoint, [{ stamp: T0, value: '2', flag: 'F' }])
    expect(questions).toMatchObject([{ rule: 'stopped', stream: 1, from: T0, values: { value: '2' } }])
  })
})

describe('rules of sequence', () => {
  test('a change faster than the instrument can sets D and is not what the next is compared with', () => {
    const of = point({ name: 'p', type: 0x0b0100, unit: '°C', value: 'mean', stream: 2 }, { rate: '0.01' })
    const values = ['20', '20.5', '30', '21', '21.6', '22.2']
    const { judged } = run(
      of,
      values.map((value, at) => ({ stamp: T0 + at * 60, value })),
    )
    expect(judged.map(({ rule }) => rule)).toEqual([undefined, undefined, 'rate', undefined, undefined, undefined])
  })

  test('a value that stands still sets D once the model’s time is over, and asks once (C2)', () => {
    const of = point({ name: 'p' }, { stuckAfter: 180 })
    const values = ['5', '5', '5', '5', '6', '6', '0', '0', '0', '0', '0']
    const { judged, questions } = run(
      of,
      values.map((value, at) => ({ stamp: T0 + at * 60, value })),
    )
    expect(judged.map(({ reading }) => reading.flag).join('')).toBe('NNDDNNNNNNN')
    expect(questions).toMatchObject([{ rule: 'stuck', from: T0 }])
  })

  test('a register that goes back is a question, and what follows is counted from where it stands (C7)', () => {
    const { judged, questions } = run(registerPoint, registers('100', '101', '50', '51'))
    expect(rows(judged)).toEqual([
      [0, 60, 1000, 'N', undefined],
      [60, 60, 0, 'D', 'rollback'],
      [120, 60, 1000, 'N', undefined],
    ])
    expect(questions).toMatchObject([{ rule: 'rollback', severity: 'hold', values: { last: 101_000, now: 50_000 } }])
    expect(reasonOf(questions[0] as (typeof questions)[0], 'zh-CN')).toBe('表底倒走：由 101000 变为 50000。')
  })

  test('one stand that fell and rose again was a fault of reading: nothing is lost', () => {
    expect(rows(run(registerPoint, registers('100', '101', '1', '103')).judged).map((row) => row[2])).toEqual([
      1000, 0, 2000,
    ])
  })

  test('a register turns over at its model’s count, and cannot grow faster than rated (C7)', () => {
    const of = point({ ...registerPoint, limits: { rollover: '1000', rate: '0.1' } })
    const { judged, questions } = run(of, registers('998', '999', '2', '60'))
    expect(rows(judged)).toEqual([
      [0, 60, 1000, 'N', undefined],
      [60, 60, 3000, 'N', undefined],
      [120, 60, 0, 'D', 'jump'],
    ])
    expect(questions.map(({ rule }) => rule)).toEqual(['rollover', 'jump'])
  })

  test('a stand that the device calls not valid is spanned by the next good one', () => {
    const { judged } = run(registerPoint, [
      { stamp: T0, value: '1' },
      { stamp: T0 + 60, value: '9', flag: 'D' },
      { stamp: T0 + 120, value: '3' },
    ])
    expect(rows(judged)).toEqual([[0, 120, 2000, 'N', undefined]])
  })

  test('the same again is counted, another value for the same time is a question (C8, S2)', () => {
    const { judged, questions, quality } = run(amountPoint, [
      { stamp: T0, value: '1' },
      { stamp: T0 + 60, value: '2' },
      { stamp: T0 + 60, value: '2.00' },
      { stamp: T0 + 60, value: '3' },
    ])
    expect(judged.map(({ reading }) => reading.quantity)).toEqual([1000, 2000])
    expect(quality.scores()[0]?.counts).toMatchObject({ repeated: 1, conflicts: 1, readings: 2 })
    expect(questions).toMatchObject([{ rule: 'conflict', from: T0 + 60 }])
  })

  test('missing intervals are counted and asked about; one that comes later is taken back (C11)', () => {
    const of = amountPoint
    const quality = createQuality([device(of)], { holdMs: 0 })
    const { questions } = run(
      of,
      [
        { stamp: T0, value: '1' },
        { stamp: T0 + 60, value: '1' },
        { stamp: T0 + 300, value: '1' },
        { stamp: T0 + 360, value: '1' },
      ],
      quality,
    )
    expect(questions).toMatchObject([{ rule: 'gap', from: T0 + 120, to: T0 + 300, values: { missing: 3 } }])
    expect(quality.scores()[0]?.counts.missing).toBe(3)
    const late = run(of, [{ stamp: T0 + 180, value: '7', receivedMs: (T0 + 900) * 1000 }], quality)
    expect(rows(late.judged)).toEqual([[180, 60, 7000, 'N', undefined]])
    expect(quality.scores()[0]?.counts.missing).toBe(2)
  })

  test('a gap of a whole device is one question, not one a stream', () => {
    const quality = createQuality([device(amountPoint, levelPoint)], { holdMs: 0 })
    const push = (minute: number, ...names: string[]) =>
      quality.push(
        'meter',
        names.map((name) => ({ point: name, stamp: T0 + minute * 60, value: '1', flag: undefined })),
        messageOf({ stamp: T0 + minute * 60 }),
      )
    for (const minute of [0, 1, 5, 6]) push(minute, 'energy', 'temperature')
    expect(quality.questions()).toMatchObject([
      { id: `gap:meter:0:${T0 + 120}`, stream: 0, values: { missing: 3, streams: 2 } },
    ])
    for (const minute of [7, 8]) push(minute, 'energy')
    for (const minute of [9, 10]) push(minute, 'energy', 'temperature')
    expect(quality.questions()).toMatchObject([{ stream: 2, values: { missing: 2 } }])
  })

  test('silence is asked about while it lasts, once (C11)', () => {
    const { quality } = run(amountPoint, [{ stamp: T0, value: '1', receivedMs: T0 * 1000 }])
    expect(quality.tick((T0 + 240) * 1000)).toEqual([])
    expect(quality.questions()).toEqual([])
    quality.tick((T0 + 241) * 1000)
    quality.tick((T0 + 300) * 1000)
    expect(quality.questions()).toMatchObject([{ rule: 'silent', values: { seconds: 241 } }])
  })
})

describe('clocks (C8)', () => {
  const live = (shift: number) =>
    Array.from({ length: 20 }, (_, at) => ({
      stamp: T0 + at * 60 + shift,
      value: String(at),
      receivedMs: (T0 + at * 60 + 60 + (at % 3)) * 1000,
    }))

  test('a clock that agrees is not asked about', () => {
    expect(run(amountPoint, live(0)).questions).toEqual([])
  })

  test('one hour ahead: no reading, and the question says by how much', () => {
    const { judged, questions } = run(amountPoint, live(3600))
    expect(judged).toEqual([])
    expect(questions[0]).toMatchObject({ rule: 'ahead', values: { seconds: 3540 } })
    expect(questions.some(({ rule }) => rule === 'clock')).toBe(true)
  })

  test('one hour behind, steadily: the question says by how much', () => {
    const { questions } = run(amountPoint, live(-3600))
    expect(questions).toMatchObject([{ rule: 'clock', values: { seconds: -3601 } }])
  })

  test('put on by an hour where stamps begin their intervals: the habit is broken', () => {
    const hourly = point({ interval: 3600 })
    const said = Array.from({ length: 40 }, (_, at) => ({
      stamp: T0 + at * 3600 + (at < 20 ? 0 : 3600),
      value: String(at),
      receivedMs: (T0 + (at + 1) * 3600) * 1000,
    }))
    expect(run(hourly, said).questions.map(({ rule, values }) => [rule, values])).toEqual([
      ['gap', { missing: 1 }],
      ['clock', { seconds: 3600 }],
    ])
  })

  test('back-fill after an outage is no drift', () => {
    const said = Array.from({ length: 20 }, (_, at) => ({
      stamp: T0 + at * 600,
      value: '1',
      receivedMs: (T0 + 20 * 600 + at) * 1000,
    }))
    expect(run(amountPoint, said).questions.filter(({ rule }) => rule === 'clock')).toEqual([])
  })

  test('a gateway behind the chain is asked about once', () => {
    const quality = createQuality([device(amountPoint)])
    for (const late of [0, 59, 61, 70, 0]) quality.tick(T0 * 1000, (T0 + late) * 1000)
    expect(quality.questions()).toMatchObject([{ rule: 'gateway-clock', values: { seconds: 61 } }])
  })
})

describe('laws', () => {
  /** In order, with losses; values that make every rule of a model take part. */
  const stream = fc
    .array(fc.record({ lost: fc.nat(9), value: fc.integer({ min: 0, max: 99 }), twice: fc.boolean() }), {
      minLength: 2,
      maxLength: 40,
    })
    .map((items) =>
      items.flatMap(({ lost, value, twice }, at) =>
        lost === 0 ? [] : [{ stamp: T0 + at * 60, value: String(value), twice }],
      ),
    )
  const limited = (of: Point): Point => ({ ...of, limits: { rate: '0.5', stuckAfter: 180, most: '95' } })

  test.each([
    ['amount', limited(amountPoint)],
    ['register', { ...registerPoint, limits: { rollover: '128' } }],
  ] as const)(
    'F11 messages that overtake each other within the holding time, or come twice, make the same readings (%s)',
    (_, of) => {
      fc.assert(
        fc.property(stream, fc.array(fc.nat(119), { minLength: 80, maxLength: 80 }), (said, delays) => {
          const holdMs = 240_000
          const sent = said.flatMap(({ stamp, value, twice }, at) =>
            [0, ...(twice ? [1] : [])].map((copy) => ({
              stamp,
              value,
              receivedMs: (stamp + (delays[2 * at + copy] as number)) * 1000,
            })),
          )
          const ordered = said.map(({ stamp, value }) => ({ stamp, value, receivedMs: stamp * 1000 }))
          const arrived = [...sent].sort((a, b) => a.receivedMs - b.receivedMs)
          const one = run(of, ordered, createQuality([device(of)], { holdMs }))
          const other = run(of, arrived, createQuality([device(of)], { holdMs }))
          expect(rows(other.judged)).toEqual(rows(one.judged))
          expect(other.quality.scores()[0]?.counts.missing).toBe(one.quality.scores()[0]?.counts.missing)
        }),
      )
    },
  )

  test('whatever comes, the readings of a stream never overlap, and each is of a sample', () => {
    const wild = fc.record({
      stamp: fc.integer({ min: T0 - 600, max: T0 + 7200 }),
      value: fc.constantFrom('1', '2', '-1', 'x', undefined),
      flag: fc.constantFrom('N', 'F', 'M', 'B', undefined),
      receivedMs: fc.integer({ min: (T0 - 600) * 1000, max: (T0 + 7200) * 1000 }),
    })
    fc.assert(
      fc.property(
        fc.array(wild, { maxLength: 120 }),
        fc.constantFrom(amountPoint, levelPoint, registerPoint),
        (said, of) => {
          const list = said.map(({ value, ...item }) => (value === undefined ? item : { ...item, value })) as Said[]
          const { judged } = run(of, list)
          const sorted = judged.map(({ reading }) => reading).sort((a, b) => a.start - b.start)
          for (const [at, reading] of sorted.entries()) {
            expect(reading.seconds).toBeGreaterThan(0)
            expect(Number.isSafeInteger(reading.quantity) && reading.quantity >= 0).toBe(true)
            const after = sorted[at + 1]
            if (after !== undefined) expect(reading.start + reading.seconds).toBeLessThanOrEqual(after.start)
          }
          expect(judged.length).toBeLessThanOrEqual(said.length)
        },
      ),
    )
  })

  test('a register’s readings add up to what its last stand and its first differ by, whatever was lost', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ step: fc.nat(1000), lost: fc.boolean() }), { minLength: 2 }), (steps) => {
        let stand = 0
        const all = steps.map(({ step, lost }, at) => {
          stand += step
          return { stamp: T0 + at * 60, value: (stand / 1000).toFixed(3), lost }
        })
        const sent = all.filter(({ lost }) => !lost)
        const { judged } = run(registerPoint, sent)
        const sum = judged.reduce((total, { reading }) => total + reading.quantity, 0)
        const stands = sent.map(({ value }) => Number(toWhole(parseDecimal(value), 'kWh', 'Wh', 'exact')))
        expect(sum).toBe((stands.at(-1) ?? 0) - (stands[0] ?? 0))
      }),
    )
  })

  test('a state written anywhere and read again goes on as if nothing had been; its bytes are canonical', () => {
    fc.assert(
      fc.property(stream, fc.nat(40), fc.constantFrom(limited(amountPoint), registerPoint), (said, cut, of) => {
        const whole = run(of, said)
        const first = createQuality([device(of)])
        const before = said.slice(0, cut).flatMap((item) => first.push('meter', [sampleOf(of, item)], messageOf(item)))
        const asked = first.questions()
        const bytes = first.encodeState()
        const second = createQuality([device(of)])
        second.decodeState(bytes)
        expect(second.encodeState()).toEqual(bytes)
        const rest = run(of, said.slice(cut), second)
        expect([...before, ...rest.judged]).toEqual(whole.judged)
        expect([...asked, ...rest.questions]).toEqual(whole.questions)
        expect(second.encodeState()).toEqual(whole.quality.encodeState())
      }),
    )
  })

  test('ten thousand uneven samples cost no more memory than a hundred', () => {
    const said = Array.from({ length: 10_000 }, (_, at) => ({
      stamp: T0 + at * 173,
      value: String(at % 7),
      receivedMs: (T0 + at * 173) * 1000,
    }))
    const { quality } = run(amountPoint, said)
    expect(quality.encodeState().length).toBeLessThan(4096)
  })
})

test('a state of another form is refused', () => {
  const quality = createQuality([device(amountPoint)])
  expect(() => quality.decodeState(encodeBlock({ format: 'other' }).bytes)).toThrow(
    expect.objectContaining({ code: 'E_QUALITY_STATE' }),
  )
})

function registers(...values: string[]): Said[] {
  return values.map((value, at) => ({ stamp: T0 + at * 60, value }))
}
