import { decodeBlock, decodeFrame, encodeBlock, type Flag, type Reading } from '@tanlian/evidence'
import { zoneOf } from '@tanlian/units'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Sample } from '../arrival.ts'
import type { Device, Point } from '../device.ts'
import { createDerived, type Derived, derivedStreams } from './derived.ts'
import { addHour, createFiller, type Filled, quarterOf } from './fill.ts'
import type { Judged } from './judged.ts'
import { createQuality, type Quality } from './stream.ts'
import { captureRate, captureText, substitutionOf } from './substitution.ts'

const HOUR = 3600
/** 2026-01-01 00:00 in Shanghai. */
const T0 = 1_767_196_800

const points: readonly Point[] = [
  stack('co2', 1, 0x0b0400, '%', 'mean'),
  { ...stack('flow', 2, 0x0b0600, 'm³/s', 'mean'), scale: '50' },
  stack('temperature', 3, 0x0b0100, '°C', 'mean'),
  { ...stack('pressure', 4, 0x0b0800, 'kPa', 'mean'), offset: '101.325' },
  stack('moisture', 5, 0x0b0200, '%', 'mean'),
]
const said = { co2: '12.5', flow: '15.2', temperature: '52', pressure: '-0.150', moisture: '12' }
const base = { device: 'gateway', zone: 'Asia/Shanghai' }
const mass: Derived = {
  ...base,
  make: 'co2-mass',
  stream: 10,
  type: 0x040100,
  name: 'CO2',
  seconds: 3600,
  inputs: { co2: 1, flow: 2, temperature: 3, pressure: 4, moisture: 5 },
  co2Basis: 'dry',
  flowState: 'actual',
}
const fill: Derived = { ...base, make: 'fill', stream: 11, type: 0x040100, name: 'CO2, filled', input: 10 }

function stack(name: string, stream: number, type: number, unit: string, value: Point['value']): Point {
  return {
    name,
    stream,
    type,
    unit,
    value,
    scale: '1',
    offset: '0',
    rounding: 'half-even',
    interval: 60,
    stamp: 'start',
    source: {},
    definition: 'made for this test',
    limits: {},
  }
}

const device: Device = { id: 'stack', model: 'm', protocol: 'hj212', address: {}, points, zone: 'Asia/Shanghai' }

/** Minutes of a stack; `flag` says what each is. */
function minutes(quality: Quality, from: number, flags: readonly Sample['flag'][], values = said): Judged[] {
  return flags.flatMap((flag, at) => {
    const stamp = from + at * 60
    const samples = points.map(({ name }) => ({ point: name, stamp, value: values[name as keyof typeof said], flag }))
    const frame = encodeBlock(['minute', stamp]).cid
    return [...quality.push('stack', samples, { frame, receivedMs: (stamp + 61) * 1000 })]
  })
}

const of = (judged: readonly Judged[], stream: number) => judged.filter(({ reading }) => reading.stream === stream)
const repeat = (flag: Sample['flag'], count: number) => Array.from({ length: count }, () => flag)

describe('mass of CO2 (vector A5)', () => {
  const hour = (flags: readonly Sample['flag'][], derived: Derived = mass) => {
    const quality = createQuality([device], { derived: [derived], holdMs: 0 })
    return of(minutes(quality, T0, [...flags, 'N']), derived.stream)
  }

  test('an hour of minutes becomes grams, from its inputs’ frames', () => {
    const [judged] = hour(repeat('N', 60))
    expect(judged?.reading).toMatchObject({
      type: 0x040100,
      start: T0,
      seconds: HOUR,
      flag: 'N',
      quantity: 495_848_865,
    })
    const frame = decodeFrame(judged?.frame?.bytes as Uint8Array)
    expect(judged?.reading.source?.equals(judged?.frame?.cid)).toBe(true)
    expect(frame).toMatchObject({ protocol: 'derived', device: 'gateway', received: T0 + HOUR })
    const { formula, inputs } = decodeBlock(frame.bytes) as { formula: string; inputs: unknown[][] }
    expect(formula).toContain('flow (actual) of stream 2')
    expect(inputs.map(([stream, seconds, stopped, , readings]) => [stream, seconds, stopped, readings])).toEqual(
      [1, 2, 3, 4, 5].map((stream) => [stream, HOUR, 0, 60]),
    )
  })

  test('wet gas holds the same CO2 as its dry part; dry standard flow needs no state', () => {
    const wet: Derived = { ...mass, co2Basis: 'wet' }
    expect(hour(repeat('N', 60), wet)[0]?.reading.quantity).toBe(563_464_619)
    const dry: Derived = { ...mass, inputs: { co2: 1, flow: 2 }, flowState: 'dry-standard' }
    expect(hour(repeat('N', 60), dry)[0]?.reading.quantity).toBe(671_785_714)
  })

  test('45 minutes make an hour and stand for all of it; 44 make D (Q1)', () => {
    expect(hour([...repeat('N', 45), ...repeat('M', 15)])[0]?.reading).toMatchObject({
      flag: 'N',
      quantity: 495_848_865,
    })
    expect(hour([...repeat('N', 44), ...repeat('M', 16)])[0]).toMatchObject({
      reading: { flag: 'D', quantity: 0 },
      rule: 'members',
    })
  })

  test('a stop is a true zero: half an hour of it halves the mass, a whole one is F', () => {
    expect(hour([...repeat('N', 30), ...repeat('F', 30)])[0]?.reading).toMatchObject({
      flag: 'N',
      quantity: 247_924_432,
    })
    expect(hour(repeat('F', 60))[0]?.reading).toMatchObject({ flag: 'F', quantity: 0 })
  })

  test('what it lacks is named', () => {
    const lame: Derived = { ...mass, inputs: { co2: 1, flow: 2 } }
    expect(() => createDerived(lame)).toThrow(expect.objectContaining({ code: 'E_PLANT' }))
    expect(() => createDerived({ ...mass, co2ReferenceO2: '6' })).toThrow(expect.objectContaining({ code: 'E_PLANT' }))
  })

  test('its item of the streams block says how it is made', () => {
    expect(derivedStreams([mass, fill])).toMatchObject([
      { stream: 10, interval: HOUR, unit: 'g', method: expect.stringContaining('HJ 75-2017') },
      { stream: 11, interval: HOUR, method: 'substitution of missing hours of stream 10, HJ 75-2017' },
    ])
  })
})

describe('windows', () => {
  const mean: Derived = {
    ...base,
    make: 'mean',
    stream: 12,
    type: 0x0b0100,
    name: 'hour',
    input: 3,
    seconds: 3600,
    regime: 'flue',
  }

  test('a mean is of the valid members alone, and a level under F has none', () => {
    const quality = createQuality([device], { derived: [mean], holdMs: 0 })
    const flags = [...repeat('N', 50), ...repeat('M', 10), ...repeat('F', 60), 'N' as const]
    const judged = of(minutes(quality, T0, flags), 12)
    expect(judged.map(({ reading }) => [reading.start - T0, reading.quantity / HOUR, reading.flag])).toEqual([
      [0, 325_150, 'N'],
    ])
  })

  test('a window waits for its slower inputs ten minutes, and then closes without them', () => {
    const quality = createQuality([device], { derived: [mass], holdMs: 0 })
    const push = (name: string, stamp: number, nowS: number) =>
      quality.push('stack', [{ point: name, stamp, value: said[name as keyof typeof said], flag: 'N' }], {
        frame: encodeBlock([name, stamp]).cid,
        receivedMs: nowS * 1000,
      })
    for (const { name } of points) push(name, T0, T0 + 60)
    for (const { name } of points.slice(1)) push(name, T0 + HOUR, T0 + HOUR + 60)
    quality.tick((T0 + HOUR + 60) * 1000)
    expect(of(quality.tick((T0 + HOUR + 659) * 1000), 10)).toEqual([])
    expect(of(quality.tick((T0 + HOUR + 660) * 1000), 10)).toMatchObject([{ reading: { flag: 'D' }, rule: 'members' }])
  })

  test('a state written in the middle of an hour goes on as if nothing had been', () => {
    const options = { derived: [mass, fill, mean], holdMs: 0 }
    const whole = createQuality([device], options)
    const expected = minutes(whole, T0, repeat('N', 130))
    const first = createQuality([device], options)
    const before = minutes(first, T0, repeat('N', 77))
    const bytes = first.encodeState()
    const second = createQuality([device], options)
    second.decodeState(bytes)
    expect(second.encodeState()).toEqual(bytes)
    const after = minutes(second, T0 + 77 * 60, repeat('N', 53))
    expect([...before, ...after]).toEqual(expected)
    expect(bytes.length).toBeLessThan(16_384)
  })
})

describe('substitution of missing hours', () => {
  const zone = zoneOf('Asia/Shanghai')
  const hourly = (at: number, flag: Flag, quantity: number): Reading => ({
    type: 0x040100,
    stream: 10,
    start: T0 + at * HOUR,
    seconds: HOUR,
    quantity,
    flag,
    source: null,
  })

  /** The table applied by hand to the hours of one quarter, with all of them in memory. */
  function naive(hours: readonly { readonly flag: Flag; readonly quantity: number }[]) {
    const stopped = hours.filter(({ flag }) => flag === 'F').length
    const invalid = hours.filter(({ flag }) => flag !== 'F' && flag !== 'N').length
    const alpha = captureRate({ hours: hours.length, stopped, invalid })
    if (alpha === undefined) return []
    const filled: { from: number; hours: number; quantity: number }[] = []
    for (let at = 0; at < hours.length; at++) {
      if (hours[at]?.flag !== 'D') continue
      let end = at
      while (hours[end]?.flag === 'D') end++
      const rule = substitutionOf(alpha, end - at)
      if (rule.rule === 'calculation') return captureText(alpha)
      const valid = hours.slice(0, at).filter(({ flag }) => flag === 'N')
      const basis = valid.slice(-rule.basisHours).map(({ quantity }) => quantity)
      if (basis.length > 0) filled.push({ from: T0 + at * HOUR, hours: end - at, quantity: Math.max(...basis) })
      at = end
    }
    return filled
  }

  test('agrees with the table applied by hand', () => {
    const run = fc.record({
      flag: fc.constantFrom<Flag>('N', 'N', 'N', 'F', 'D'),
      length: fc.integer({ min: 1, max: 40 }),
      quantity: fc.nat(1000),
    })
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 60 }), (runs) => {
        const hours = runs
          .flatMap(({ flag, length, quantity }) =>
            Array.from({ length: flag === 'N' ? length * 4 : length }, (_, at) => ({
              flag,
              quantity: flag === 'N' ? quantity + ((at * 7) % 13) : 0,
            })),
          )
          .slice(0, 90 * 24)
        const filler = createFiller(zone)
        const filled: Filled[] = hours.flatMap(({ flag, quantity }, at) => addHour(filler, hourly(at, flag, quantity)))
        expect(filled).toEqual([])
        // The first hour of the next quarter; the hours between are missing and belong to the tail of this one.
        const tail = 90 * 24 - hours.length
        const all = [...hours, ...Array.from({ length: tail }, () => ({ flag: 'D' as const, quantity: 0 }))]
        const closed = addHour(filler, hourly(90 * 24, 'N', 1))
        const expected = naive(all)
        if (typeof expected === 'string') expect(closed.map(({ alpha }) => captureText(alpha))).toEqual([expected])
        else
          expect(
            closed.map((item) =>
              'hours' in item ? { from: item.from, hours: item.hours, quantity: item.quantity } : {},
            ),
          ).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('quarters are those of the zone’s calendar', () => {
    expect(quarterOf(T0, zone)).toBe(T0)
    expect(quarterOf(T0 - 1, zone)).toBe(T0 - 92 * 24 * HOUR)
    expect(quarterOf(T0 + 90 * 24 * HOUR, zone)).toBe(T0 + 90 * 24 * HOUR)
  })

  test('each substitute is marked E with its rule, basis and α, in a stream of its own', () => {
    const hourlyStack = { ...device, points: points.map((point) => ({ ...point, interval: HOUR })) }
    const quality = createQuality([hourlyStack], { derived: [mass, fill], holdMs: 0 })
    const judged: Judged[] = []
    for (let hour = 0; hour <= 90 * 24; hour++)
      if (hour < 500 || hour >= 503) judged.push(...hours(quality, T0 + hour * HOUR))
    judged.push(...hours(quality, T0 + 90 * 24 * HOUR + HOUR))
    const filled = of(judged, 11)
    expect(filled.map(({ reading }) => [(reading.start - T0) / HOUR, reading.flag, reading.quantity])).toEqual([
      [500, 'E', 495_848_865],
      [501, 'E', 495_848_865],
      [502, 'E', 495_848_865],
    ])
    expect(filled.every(({ rule }) => rule === 'fill')).toBe(true)
    expect(decodeBlock(decodeFrame(filled[0]?.frame?.bytes as Uint8Array).bytes)).toMatchObject({
      substituted: true,
      rule: 'max',
      basisHours: 180,
      validHours: 180,
      alpha: '99.86',
      gap: [T0 + 500 * HOUR, 3],
    })
    expect(of(judged, 10).every(({ reading }) => reading.flag === 'N')).toBe(true)
  })

  /** A stack whose points are hourly. */
  function hours(quality: Quality, stamp: number): readonly Judged[] {
    const samples = points.map(({ name }) => ({
      point: name,
      stamp,
      value: said[name as keyof typeof said],
      flag: 'N' as const,
    }))
    return quality.push('stack', samples, {
      frame: encodeBlock(['hour', stamp]).cid,
      receivedMs: (stamp + HOUR) * 1000,
    })
  }
})
