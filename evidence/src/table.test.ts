import { addRatios, multiplyRatios, parseDecimal, parseRatio, type Rounding, ratioOf, roundRatio } from '@tanlian/units'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileAmount } from './amount.ts'
import { batchDay, streamsOf } from './mapping.ts'
import { parseMapping } from './parse-mapping.ts'
import { createSpans } from './spans.ts'
import { compileStamp } from './stamp.ts'
import { createTable, readTable } from './table.ts'

const at = (text: string) => Date.parse(text) / 1000
const column = { column: 'kWh', stream: 1, kind: '020100', unit: 'kWh', value: 'delta', rounding: 'exact' }
const time = { columns: ['time'], format: 'yyyy-MM-dd HH:mm', zone: '+08:00', stamp: 'start', interval: 900 }
const base = { format: 'tanlian/mapping/1', device: 'meter', protocol: 'csv', time, columns: [column] }

/** Reads rows below a header by a mapping that differs from the base in something. */
function read(changes: object, rows: string[][], header = ['time', 'kWh']) {
  return readTable(parseMapping({ ...base, ...changes }), [header, ...rows])
}

function codesOf(changes: object, rows: string[][], header?: string[]) {
  return read(changes, rows, header).errors.map(({ row, column, code }) => [row, column, code])
}

describe('what a stamp means', () => {
  test('the start or the end of its interval', () => {
    const rows = [['2026-03-01 00:15', '3.17']]
    const reading = { type: 0x020100, stream: 1, seconds: 900, quantity: 3170, flag: 'N', source: null }
    expect(read({}, rows).readings).toEqual([{ ...reading, start: at('2026-03-01T00:15+08:00') }])
    const ends = read({ time: { ...time, stamp: 'end' } }, rows).readings
    expect(ends).toEqual([{ ...reading, start: at('2026-03-01T00:00+08:00') }])
  })

  test('the date number of a spreadsheet is said to be one', () => {
    expect(read({}, [['46095.5', '1']]).errors[0]?.message).toContain('use format excel')
    const quarters = Array.from({ length: 96 }, (_, at) => [String(46095 + at / 96), '1'])
    const { readings } = read({ time: { ...time, format: 'excel', zone: 'Asia/Shanghai' } }, quarters)
    expect(readings.map(({ start }) => start - at('2026-03-14T00:00+08:00'))).toEqual(quarters.map((_, i) => i * 900))
  })

  test('00:00 at the end of its own day, where the clock wrote it for 24:00', () => {
    const rows = [
      ['2026-02-28 23:45', '1'],
      ['2026-02-28 00:00', '2'],
    ]
    const { readings, errors } = read({ time: { ...time, stamp: 'end', midnight: 'day-end' } }, rows)
    expect(errors).toEqual([])
    expect(readings.map(({ start }) => start)).toEqual([at('2026-02-28T23:30+08:00'), at('2026-02-28T23:45+08:00')])
    const asWritten = read({ time: { ...time, stamp: 'end' } }, rows).readings
    expect(asWritten.map(({ quantity }) => quantity)).toEqual([2000, 1000])
  })

  test('rows out of order are sorted', () => {
    const { readings } = read({}, [
      ['2026-03-01 00:30', '3'],
      ['2026-03-01 00:00', '1'],
      ['2026-03-01 00:15', '2'],
    ])
    expect(readings.map(({ quantity }) => quantity)).toEqual([1000, 2000, 3000])
  })

  test('date and time in two columns', () => {
    const mapping = { time: { ...time, columns: ['date', 'time'], format: 'd/M/yy HH:mm:ss' } }
    const { readings } = read(mapping, [['3/2/26', '07:00:01', '1']], ['date', 'time', 'kWh'])
    expect(readings[0]?.start).toBe(at('2026-02-03T07:00:01+08:00'))
  })

  test('a file without times takes a clock from outside; a bad row does not stop it', () => {
    const clock = { clock: '2011-01-01 00:00:00', zone: 'UTC', stamp: 'start', interval: 3600 }
    const { readings, errors } = read({ time: clock }, [
      ['x', '1'],
      ['x', '?'],
      ['x', '3'],
    ])
    expect(readings.map(({ start }) => start)).toEqual([at('2011-01-01T00:00Z'), at('2011-01-01T02:00Z')])
    expect(errors).toHaveLength(1)
  })

  test.each([
    ['yyyy-MM-dd HH:mm:ss', '2026-03-14 01:02:03', '2026-03-14T01:02:03Z'],
    ['dd/MM/yyyy HH:mm', '14/03/2026 01:02', '2026-03-14T01:02:00Z'],
    ['M/d/yy H:mm', '3/4/26 1:02', '2026-03-04T01:02:00Z'],
    ['yyyyMMddHHmmss', '20260314010203', '2026-03-14T01:02:03Z'],
    ['yyyy年M月d日', '2026年3月14日', '2026-03-14T00:00:00Z'],
    ['yyyy-MM-ddTHH:mm', '2026-03-14T24:00', '2026-03-15T00:00:00Z'],
    ['iso', '2026-03-14T01:02:03+08:00', '2026-03-13T17:02:03Z'],
    ['iso', '2026-03-14 01:02:03Z', '2026-03-14T01:02:03Z'],
    ['unix', '1773450123', '2026-03-14T01:02:03Z'],
    ['excel', '46095', '2026-03-14T00:00:00Z'],
    ['excel', '46095.0430902778', '2026-03-14T01:02:03Z'],
  ])('%s reads %s', (format, text, moment) => {
    expect(compileStamp(format, 'day-start')(text).seconds).toBe(at(moment))
  })

  test.each([
    ['yyyy-MM-dd HH:mm', '2026-3-14 01:02'],
    ['yyyy-MM-dd HH:mm', '2026-03-14 01:02:03'],
    ['yyyy-MM-dd HH:mm', '2026-03-14'],
    ['yyyy-MM-dd HH:mm', '2026/03/14 01:02'],
    ['M/d/yy H:mm', '14/3/26 1:02'],
    ['dd/MM/yyyy HH:mm', '29/02/2025 00:00'],
    ['iso', '2026-03-14T01:02:03'],
    ['unix', '1773450123.5'],
    ['unix', ''],
    ['excel', '25568'],
    ['excel', '46095,5'],
    ['excel', '2026-03-14'],
  ])('%s refuses %s', (format, text) => {
    expect(() => compileStamp(format, 'day-start')(text)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E_(TABLE_TIME|TIME_FORM)$/) }),
    )
  })

  test.each([
    '',
    'HH:mm',
    'yyyy-MM',
    'yyyy-MM-dd dd',
    'yyyy-MM-dd hh:mm',
    'yyyy-mm-dd',
    'constructor',
    'yyyy-MM-dd yy',
  ])('the format "%s" is refused', (format) => {
    expect(() => compileStamp(format, 'day-start')).toThrow(expect.objectContaining({ code: 'E_MAPPING' }))
  })
})

describe('what a number means', () => {
  const gauge = (kind: string, unit: string, more = {}) => ({
    columns: [{ ...column, kind, unit, value: 'mean', ...more }],
  })
  const one = (changes: object, cell: string) => {
    const { readings, errors } = read(changes, [['2026-03-01 00:00', cell]])
    return errors[0]?.code ?? readings[0]?.quantity
  }

  test('power times seconds is energy', () => {
    expect(one(gauge('020100', 'kW'), '4')).toBe(1000)
    expect(one(gauge('020100', 'kW'), '34055.6962')).toBe('E_TABLE_INEXACT')
    expect(one(gauge('020100', 'kW', { rounding: 'half-even' }), '34055.6962')).toBe(8_513_924)
  })

  test('a level times seconds is its integral', () => {
    expect(one(gauge('0b0100', '°C'), '-4.5878')).toBe((273_150 * 10 - 45_878) * 90)
    expect(one(gauge('0b0800', 'mbar'), '1018.7')).toBe(101_870 * 900)
    expect(one(gauge('0b0901', 'mg/m3'), '0.32663')).toBe(326_630 * 900)
    expect(one(gauge('0b0200', '%'), '83.675')).toBe(836_750 * 900)
  })

  test('a raw count goes through its calibration', () => {
    const probe = gauge('0b0300', 'm³/m³', { scale: '0.0003879', offset: '-0.6956', rounding: 'half-even' })
    // 0.0003879 × 2723.54 − 0.6956 = 0.360861166 m³/m³
    expect(one(probe, '2723.54')).toBe(Math.round(360_861.166 * 900))
    expect(one(probe, '0')).toBe('E_TABLE_NEGATIVE')
  })

  test('implausible values become a fault of quantity 0', () => {
    const valid = { least: '-40', most: '60', flag: 'D' }
    const probe = gauge('0b0101', '°C', { valid })
    const rows = ['-40', '60', '-40.1', '60.1', '-9999'].map((cell, i) => [`2026-03-01 0${i}:00`, cell])
    const { readings, errors } = read(probe, rows)
    expect(errors).toEqual([])
    expect(readings.map(({ flag, quantity }) => [flag, quantity > 0])).toEqual([
      ['N', true],
      ['N', true],
      ['D', false],
      ['D', false],
      ['D', false],
    ])
  })

  test('a missing value is no reading, or one that says so', () => {
    const rows = [
      ['2026-03-01 00:00', 'NAN'],
      ['2026-03-01 00:15', ' '],
      ['2026-03-01 00:30', '0'],
    ]
    const silent = read({ missing: { tokens: ['NAN', ''] } }, rows)
    expect(silent.readings.map(({ quantity }) => quantity)).toEqual([0])
    expect(silent.summary.missing).toBe(2)
    const told = read({ missing: { tokens: ['NAN', ''], flag: 'B' } }, rows)
    expect(told.readings.map(({ quantity, flag }) => [quantity, flag])).toEqual([
      [0, 'B'],
      [0, 'B'],
      [0, 'N'],
    ])
    expect(codesOf({}, rows)).toEqual([
      [2, 'kWh', 'E_TABLE_NUMBER'],
      [3, 'kWh', 'E_TABLE_NUMBER'],
    ])
  })

  test('flags by another column', () => {
    const flag = { column: 'state', values: { run: 'N', stop: 'F', cal: 'C' } }
    const header = ['time', 'kWh', 'state']
    const rows = ['run', 'stop', 'cal', 'run?'].map((state, i) => [`2026-03-01 0${i}:00`, '1', state])
    const { readings, errors } = read({ columns: [{ ...column, flag }] }, rows, header)
    expect(readings.map((reading) => reading.flag)).toEqual(['N', 'F', 'C'])
    expect(errors.map(({ row, code }) => [row, code])).toEqual([[5, 'E_TABLE_FLAG']])
    const other = read({ columns: [{ ...column, flag: { ...flag, other: 'S' } }] }, rows, header)
    expect(other.readings.at(-1)?.flag).toBe('S')
  })

  test('a flag that says why there is no value goes before the token', () => {
    const flag = { column: 'state', values: { run: 'N', service: 'M' } }
    const mapping = { columns: [{ ...column, flag }], missing: { tokens: [''], flag: 'B' } }
    const rows = [
      ['2026-03-01 00:00', '', 'run'],
      ['2026-03-01 00:15', '', 'service'],
    ]
    expect(read(mapping, rows, ['time', 'kWh', 'state']).readings.map((reading) => reading.flag)).toEqual(['B', 'M'])
  })

  test('several devices one below the other', () => {
    const columns = ['A', 'B'].map((equals, i) => ({ ...column, stream: i + 1, where: { column: 'meter', equals } }))
    const rows = [
      ['2026-03-01 00:00', '1', 'A'],
      ['2026-03-01 00:00', '2', 'B'],
      ['2026-03-01 00:00', '9', 'C'],
    ]
    const { readings } = read({ columns }, rows, ['time', 'kWh', 'meter'])
    expect(readings.map(({ stream, quantity }) => [stream, quantity])).toEqual([
      [1, 1000],
      [2, 2000],
    ])
  })

  test('thousands separators only where declared', () => {
    expect(one({}, '1,234.5')).toBe('E_TABLE_NUMBER')
    expect(one({ thousands: ',' }, '1,234.5')).toBe(1_234_500)
  })

  test('a decimal comma only where declared, and then no point in its place', () => {
    expect(one({}, '1,5')).toBe('E_TABLE_NUMBER')
    expect(one({ decimal: ',' }, '1,5')).toBe(1500)
    expect(one({ decimal: ',' }, '-0,001')).toBe('E_TABLE_NEGATIVE')
    expect(one({ decimal: ',' }, '1.5')).toBe('E_TABLE_NUMBER')
    expect(one({ decimal: ',' }, '1.234,5')).toBe('E_TABLE_NUMBER')
    expect(one({ decimal: ',', thousands: '.' }, '1.234,5')).toBe(1_234_500)
    expect(one({ decimal: ',', thousands: '.' }, '1.23,5')).toBe('E_TABLE_NUMBER')
    expect(() => one({ decimal: ',', thousands: ',' }, '1')).toThrow(expect.objectContaining({ code: 'E_MAPPING' }))
    expect(() => one({ thousands: '.' }, '1')).toThrow(expect.objectContaining({ code: 'E_MAPPING' }))
  })

  test('a number with a comma is refused with the way out', () => {
    const { errors } = read({}, [['2026-03-01 00:00', '1,5']])
    expect(errors[0]?.message).toContain("say decimal: ','")
  })

  test('bounds of 2^53 − 1', () => {
    expect(one({}, '9007199254740.991')).toBe(Number.MAX_SAFE_INTEGER)
    expect(one({}, '9007199254740.992')).toBe('E_TABLE_RANGE')
    expect(one({}, '-0.001')).toBe('E_TABLE_NEGATIVE')
    expect(one({}, '-0')).toBe(0)
    expect(Object.is(one({}, '-0'), -0)).toBe(false)
  })

  test('every way through the arithmetic gives the exact answer', () => {
    const factor = fc.constantFrom('1000', '1/3600', '500/3', '0.0003879', '349110', '1', '2500/9', '123456789012345')
    const offset = fc.constantFrom('0', '245835000', '-626040000', '-1/3', '0.5')
    const rounding = fc.constantFrom<Rounding>('half-even', 'half-up', 'floor', 'exact')
    const cell = fc.oneof(
      fc
        .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 6 }))
        .map(([n, d]) => (n / 10 ** d).toFixed(d)),
      fc
        .tuple(fc.bigInt(0n, 10n ** 20n), fc.integer({ min: 0, max: 9 }))
        .map(([n, d]) => `${n}.${'5'.padStart(d + 1, '0')}`),
    )
    fc.assert(
      fc.property(factor, offset, rounding, cell, (f, o, mode, text) => {
        const linear = { factor: parseRatio(f), offset: parseRatio(o) }
        const value = addRatios(multiplyRatios(ratioOf(parseDecimal(text)), linear.factor), linear.offset)
        const answer = compileAmount(linear, mode)(text)
        if (mode === 'exact' && value.denominator !== 1n) expect(answer).toBe('E_TABLE_INEXACT')
        else {
          const whole = Number(roundRatio(value, mode))
          expect(answer).toBe(Number.isSafeInteger(whole) ? whole : 'E_TABLE_RANGE')
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('registers', () => {
  const register = { ...column, value: 'register' }
  const rows = (...values: string[]) => values.map((value, i) => [`2026-03-01 0${i}:00`, value])

  test('a reading is the difference of two, over the time between them', () => {
    const { readings, errors } = read({ columns: [register] }, rows('100.5', '101.25', '101.25', '110'))
    expect(errors).toEqual([])
    expect(
      readings.map(({ start, seconds, quantity }) => [start - at('2026-03-01T00:00+08:00'), seconds, quantity]),
    ).toEqual([
      [0, 3600, 750],
      [3600, 3600, 0],
      [7200, 3600, 8750],
    ])
  })

  test('what grows over a gap is kept, for the length of the gap', () => {
    const { readings } = read({ columns: [register], missing: { tokens: [''] } }, rows('1', '', '', '4'))
    expect(readings.map(({ seconds, quantity }) => [seconds, quantity])).toEqual([[10_800, 3000]])
  })

  test('going back is refused, and rolling over only where declared', () => {
    const back = rows('99990', '99998', '3', '5')
    expect(codesOf({ columns: [register] }, back)).toEqual([
      [4, 'kWh', 'E_TABLE_REGISTER'],
      [5, 'kWh', 'E_TABLE_REGISTER'],
    ])
    const { readings, errors } = read({ columns: [{ ...register, rollover: '100000' }] }, back)
    expect(errors).toEqual([])
    expect(readings.map(({ quantity }) => quantity)).toEqual([8000, 5000, 2000])
    // Half a turn or more is no roll-over but a meter that was replaced or misread.
    expect(
      codesOf({ columns: [{ ...register, rollover: '100000' }] }, rows('60000', '20000', '5000', '100000')),
    ).toEqual([
      [3, 'kWh', 'E_TABLE_REGISTER'],
      [5, 'kWh', 'E_TABLE_REGISTER'],
    ])
  })

  test('rounded where it stands, a register adds up to its own growth', () => {
    const { readings } = read(
      { columns: [{ ...register, rounding: 'half-even' }] },
      rows('0.0004', '0.0011', '0.0018', '0.0025'),
    )
    expect(readings.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(2)
  })

  test('out of order it is refused', () => {
    expect(codesOf({ columns: [register] }, [...rows('1', '2'), ['2026-03-01 00:30', '1.5']])).toEqual([
      [4, 'kWh', 'E_TABLE_ORDER'],
    ])
  })
})

describe('bad rows are named and never half taken', () => {
  test.each([
    ['too few cells', ['2026-03-01 00:00'], null, 'E_TABLE_CELLS'],
    ['too many cells', ['2026-03-01 00:00', '1', ''], null, 'E_TABLE_CELLS'],
    ['no time', ['', '1'], 'time', 'E_TABLE_TIME'],
    ['another form of time', ['01/03/2026', '1'], 'time', 'E_TABLE_TIME'],
    ['no such day', ['2026-02-30 00:00', '1'], 'time', 'E_TIME_FORM'],
    ['before 1970', ['1969-12-31 00:00', '1'], 'kWh', 'E_TABLE_TIME'],
    ['text for a number', ['2026-03-01 00:00', 'n/a'], 'kWh', 'E_TABLE_NUMBER'],
    ['a decimal comma', ['2026-03-01 00:00', '1,5'], 'kWh', 'E_TABLE_NUMBER'],
    ['a formula', ['2026-03-01 00:00', '=1+1'], 'kWh', 'E_TABLE_NUMBER'],
    ['more digits than Wh keep', ['2026-03-01 00:00', '0.0001'], 'kWh', 'E_TABLE_INEXACT'],
  ])('%s', (_, row, name, code) => {
    expect(codesOf({}, [['2026-02-01 00:00', '1'], row])).toEqual([[3, name, code]])
  })

  test('an hour that the clocks skipped or repeated', () => {
    const zone = { time: { ...time, zone: 'America/New_York' } }
    expect(
      codesOf(zone, [
        ['2021-03-14 02:30', '1'],
        ['2021-11-07 01:30', '1'],
      ]),
    ).toEqual([
      [2, 'time', 'E_TIME_MISSING'],
      [3, 'time', 'E_TIME_AMBIGUOUS'],
    ])
  })

  test('one bad cell keeps the whole row out, each bad cell is named', () => {
    const columns = ['a', 'b', 'c'].map((name, i) => ({ ...column, column: name, stream: i + 1 }))
    const { readings, errors } = read(
      { columns },
      [
        ['2026-03-01 00:00', '1', 'x', 'y'],
        ['2026-03-01 00:00', '1', '2', '3'],
      ],
      ['time', 'a', 'b', 'c'],
    )
    expect(errors.map(({ row, column: name }) => [row, name])).toEqual([
      [2, 'b'],
      [2, 'c'],
    ])
    // The bad row took no time: the good one at the same stamp is no duplicate.
    expect(readings).toHaveLength(3)
  })

  test('duplicates and overlaps, wherever they stand', () => {
    const rows = ['00:00', '00:15', '00:45', '00:15', '00:40', '00:30', '00:20'].map((clock) => [
      `2026-03-01 ${clock}`,
      '1',
    ])
    expect(codesOf({}, rows)).toEqual([
      [5, 'kWh', 'E_TABLE_DUPLICATE'],
      [6, 'kWh', 'E_TABLE_OVERLAP'],
      [8, 'kWh', 'E_TABLE_OVERLAP'],
    ])
  })

  test('a second download is passed over only where declared, and only if it says the same', () => {
    const rows = [
      ['2026-03-01 00:00', '1'],
      ['2026-03-01 00:00', '1'],
      ['2026-03-01 00:00', '1.0'],
      ['2026-03-01 00:00', '2'],
    ]
    const { readings, errors, summary } = read({ repeated: 'skip' }, rows)
    expect([readings.length, summary.repeated]).toEqual([1, 2])
    expect(errors.map(({ row, code }) => [row, code])).toEqual([[5, 'E_TABLE_DUPLICATE']])
    expect(codesOf({}, rows.slice(0, 2))).toEqual([[3, 'kWh', 'E_TABLE_DUPLICATE']])
  })

  test('messages name row and values', () => {
    expect(read({}, [['2026-03-01 00:00', 'x1']]).errors[0]?.message).toBe(
      'Row 2: The cell is not a decimal number (text x1).',
    )
  })
})

describe('files as they are', () => {
  test('names in a later row, data after two more (TOA5)', () => {
    const mapping = parseMapping({ ...base, rows: { header: 2, first: 5 } })
    const lines = [
      ['TOA5', 'x', 'y'],
      ['time', 'kWh'],
      ['TS', ''],
      ['', 'Smp'],
      ['2026-03-01 00:00', '1'],
    ]
    expect(readTable(mapping, lines).readings).toHaveLength(1)
  })

  test('no header: columns by number', () => {
    const mapping = parseMapping({
      ...base,
      rows: { header: 0 },
      time: { ...time, columns: ['1'] },
      columns: [{ ...column, column: '2' }],
    })
    expect(readTable(mapping, [['2026-03-01 00:00', '1']]).readings).toHaveLength(1)
  })

  test('a byte-order mark, spaces around cells and empty rows do no harm', () => {
    const { readings, errors } = read(
      {},
      [
        ['', ''],
        [' 2026-03-01 00:00 ', ' 1 '],
        ['', ''],
      ],
      ['\ufefftime', ' kWh '],
    )
    expect([readings.length, errors.length]).toEqual([1, 0])
  })

  test('a header without the column, or with it twice, is refused before any row', () => {
    for (const header of [
      ['time', 'kwh'],
      ['time', 'kWh', 'kWh'],
      ['Time', 'kWh'],
    ])
      expect(() => read({}, [], header)).toThrow(expect.objectContaining({ code: 'E_TABLE_COLUMN' }))
  })

  test('a hundred thousand rows are watched in a handful of spans', () => {
    const spans = createSpans()
    const table = createTable(parseMapping({ ...base, time: { ...time, format: 'unix', interval: 60 } }))
    table.push(['time', 'kWh'], 1)
    const started = performance.now()
    for (let i = 0; i < 100_000; i++) {
      expect(spans.isFree(i * 60, i * 60 + 60)).toBe(true)
      spans.take(i * 60, i * 60 + 60)
      if (!table.push([String(i * 60), '1.5'], i + 2).ok) throw new Error(`row ${i + 2} was refused`)
    }
    expect(spans.startOf(3_000_000)).toBe(0)
    expect(performance.now() - started).toBeLessThan(5000)
    expect(table.summary()).toMatchObject({ rows: 100_000, readings: 100_000, from: 0, to: 6_000_000 })
  })

  test('spans agree with a set of seconds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 9 })), { maxLength: 30 }), (asked) => {
        const spans = createSpans()
        const taken = new Set<number>()
        for (const [from, length] of asked) {
          const seconds = Array.from({ length }, (_, i) => from + i)
          const free = seconds.every((second) => !taken.has(second))
          expect(spans.isFree(from, from + length)).toBe(free)
          if (!free) continue
          spans.take(from, from + length)
          for (const second of seconds) taken.add(second)
        }
        for (let second = 0; second < 70; second++) expect(spans.startOf(second) !== undefined).toBe(taken.has(second))
      }),
    )
  })
})

describe('mappings', () => {
  test('the streams they declare', () => {
    expect(streamsOf(parseMapping({ ...base, columns: [{ ...column, scale: '40', method: 'CT 200/5' }] }))).toEqual([
      {
        stream: 1,
        type: 0x020100,
        device: 'meter',
        interval: 900,
        name: 'kWh',
        unit: 'kWh',
        value: 'delta',
        rounding: 'exact',
        scale: '40',
        offset: '0',
        method: 'CT 200/5',
      },
    ])
  })

  test('a kind goes by its English name too', () => {
    expect(parseMapping({ ...base, columns: [{ ...column, kind: 'electricity exported' }] }).columns[0]?.type).toBe(
      0x020200,
    )
  })

  test.each([
    ['nothing', undefined],
    ['a list', []],
    ['another format', { ...base, format: 'tanlian/mapping/2' }],
    ['an unknown key', { ...base, colums: [] }],
    ['an unknown key of a column', { ...base, columns: [{ ...column, units: 'kWh' }] }],
    ['a prototype as a key', JSON.parse(JSON.stringify(base).replace('"device"', '"__proto__":{},"device"'))],
    ['no columns', { ...base, columns: [] }],
    ['a stream twice', { ...base, columns: [column, column] }],
    ['stream 0', { ...base, columns: [{ ...column, stream: 0 }] }],
    ['a kind that YAML read as a number', { ...base, columns: [{ ...column, kind: 20100 }] }],
    ['an unknown kind', { ...base, columns: [{ ...column, kind: 'ffffff' }] }],
    ['no rounding', { ...base, columns: [{ ...column, rounding: undefined }] }],
    ['another rounding', { ...base, columns: [{ ...column, rounding: 'up' }] }],
    ['an unknown unit', { ...base, columns: [{ ...column, unit: 'kilowatts' }] }],
    ['mass for energy', { ...base, columns: [{ ...column, unit: 'kg' }] }],
    ['power as an amount', { ...base, columns: [{ ...column, unit: 'kW' }] }],
    ['energy as a mean', { ...base, columns: [{ ...column, value: 'mean' }] }],
    ['a gauge as an amount', { ...base, columns: [{ ...column, kind: '0b0100', unit: '°C' }] }],
    ['a number for a decimal', { ...base, columns: [{ ...column, scale: 0.1 }] }],
    ['a scale of zero', { ...base, columns: [{ ...column, scale: '0' }] }],
    ['rollover without a register', { ...base, columns: [{ ...column, rollover: '100' }] }],
    ['an unknown flag', { ...base, columns: [{ ...column, flag: 'X' }] }],
    ['an unknown zone', { ...base, time: { ...time, zone: 'Mars' } }],
    ['no zone', { ...base, time: { ...time, zone: undefined } }],
    ['no meaning of the stamp', { ...base, time: { ...time, stamp: undefined } }],
    ['an interval of 0', { ...base, time: { ...time, interval: 0 } }],
    ['a clock beside a column', { ...base, time: { ...time, clock: '2011-01-01 00:00:00' } }],
    ['data above the names', { ...base, rows: { header: 3, first: 3 } }],
  ])('%s is refused', (_, input) => {
    expect(() => parseMapping(input)).toThrow(expect.objectContaining({ code: 'E_MAPPING' }))
  })
})

test('a batch holds a local day, or a local month where the mapping says so', () => {
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000
  const local = Date.parse('2024-02-29T23:59:59Z') / 1000
  expect(batchDay(parseMapping(base), local)).toBe(day('2024-02-29'))
  expect(batchDay(parseMapping({ ...base, batch: 'day' }), local)).toBe(day('2024-02-29'))
  const monthly = parseMapping({ ...base, batch: 'month' })
  expect(batchDay(monthly, local)).toBe(day('2024-02-01'))
  expect(batchDay(monthly, local + 1)).toBe(day('2024-03-01'))
  expect(() => parseMapping({ ...base, batch: 'week' })).toThrow(/batch/)
})
