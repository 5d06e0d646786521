import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Device, Point } from '../../device.ts'
import { MOST_ROWS, rowsArrival } from './rows.ts'

const NOW = 1_780_000_000_000
const POINT: Point = {
  ...{ name: 'power', stream: 1, type: 0x020100, unit: 'kW', value: 'mean', scale: '1', offset: '0' },
  ...{ rounding: 'half-even', interval: 60, stamp: 'end', source: { field: 'power' }, limits: {}, definition: 'test' },
}
const newDevice = (): Device => ({
  ...{ id: 'feeder', model: 'meter', protocol: 'http', address: {}, points: [POINT], zone: 'Asia/Shanghai' },
})

const number = fc.oneof(fc.constantFrom('0', '-0', '00', '1.50', '1e3', '5.', '"7"', 'null'), fc.integer().map(String))
const ts = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: NOW - 1e6, max: NOW }).map(String) },
  fc.constantFrom('0', '01', `${NOW + 300_000}`, `${NOW + 300_001}`, '253402300799999', '253402300800000', '-1', '1.5'),
)
const seq = fc.oneof(fc.nat().map(String), fc.constantFrom('9007199254740991', '9007199254740993', '00'))
const row = fc
  .record({ ts, seq: fc.option(seq, { freq: 8 }), name: fc.constantFrom('power', 'power', 'power', '温度'), number })
  .map(({ ts: at, seq: count, name, number: value }) => {
    return `{"ts":${at}${count === null ? '' : `,"seq":${count}`},"metrics":{"${name}":${value}}}`
  })
const plain = fc
  .tuple(fc.integer({ min: NOW - 1e6, max: NOW }), fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map(([at, count, value]) => `{"ts":${at},"seq":${count},"metrics":{"power":${(value % 1000).toFixed(2)}}}`)
const line = fc.oneof({ weight: 12, arbitrary: plain }, row, fc.constantFrom('', '\r', 'x', '\ud800'))
const body = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\n', '\r\n'), fc.boolean())
  .map(([lines, end, last]) => Buffer.from(lines.join(end) + (last ? end : '')))

const said = (bytes: Uint8Array, device: Device) => {
  const found = rowsArrival(bytes, device, NOW)
  return 'name' in found ? { name: found.name, rank: found.rank, samples: found.samples } : found
}

test('rows of a device that is known say what they say of one that was never heard, or are wrong in the same way', () => {
  let taken = 0
  fc.assert(
    fc.property(body, body, (before, bytes) => {
      const known = newDevice()
      rowsArrival(before, known, NOW)
      const found = said(bytes, known)
      if ('name' in found) taken++
      expect(found).toEqual(said(bytes, newDevice()))
    }),
    { numRuns: 3000 },
  )
  expect(taken).toBeGreaterThan(300)
})

test('one row too many is too many, also of a device that is known', () => {
  const device = newDevice()
  const rows = (count: number) =>
    Buffer.from(Array.from({ length: count }, (_, at) => `{"ts":${NOW + at},"metrics":{"power":1}}\n`).join(''))
  for (const _ of [1, 2]) {
    expect(said(rows(MOST_ROWS), device)).toMatchObject({ name: `ts ${NOW} to ${NOW + MOST_ROWS - 1}`, rank: NOW })
    expect(said(rows(MOST_ROWS + 1), device)).toEqual([{ row: MOST_ROWS + 1, code: 'E_HTTP_ROWS' }])
  }
})
