import { describe, expect, test } from 'vitest'
import type { Point } from '../device.ts'
import { fields, openDocument } from '../document.ts'
import { readDeclared } from './declare.ts'
import { STANDARDS } from './standard.ts'

const point = (stream: number, type: number) => ({ stream, type }) as Point
const points = [
  point(101, 0x0b0400),
  point(102, 0x0b0700),
  point(103, 0x0b0600),
  point(104, 0x0b0100),
  point(105, 0x0b0800),
  point(106, 0x0b0200),
  point(110, 0x020100),
  point(111, 0x020100),
  point(120, 0x0b0900),
]

function read(yaml: string) {
  const root = openDocument(yaml, 'plant.yaml')
  const { derived, checks } = fields(root, ['derived', 'checks'])
  return readDeclared(derived, checks, points, 'Asia/Shanghai')
}

const GOOD = `
derived:
  - { stream: 200, make: co2-mass, kind: "040100", name: CO2, basis: dry, flow: actual, inputs: { co2: 101, flow: 103, temperature: 104, pressure: 105, moisture: 106 } }
  - { stream: 201, make: fill, kind: "040100", name: filled, input: 200 }
  - { stream: 202, make: mean, kind: "0b0100", name: hour, input: 104, seconds: 3600, regime: flue }
checks:
  - { rule: balance, name: meters, main: 110, parts: [111], percent: "2" }
  - { rule: combustion, name: gas, co2: 101, o2: 102, most: "11.9", percent: "0.2" }
  - { rule: relation, name: pair, of: 104, by: 110 }
  - { rule: load, name: stop, stream: 101, load: 110 }
  - { rule: limit, name: dust, stream: 120, standard: GB 3095-2012/PM10/day/2 }
`

describe('derived streams and checks in a plant file', () => {
  test('all of them are read; what comes later may build on what came before', () => {
    const { derived, checks } = read(GOOD)
    expect(derived.map(({ make, stream, device }) => [make, stream, device])).toEqual([
      ['co2-mass', 200, 'gateway'],
      ['fill', 201, 'gateway'],
      ['mean', 202, 'gateway'],
    ])
    expect(checks.map(({ rule }) => rule)).toEqual(['balance', 'combustion', 'relation', 'load', 'limit'])
    expect(checks[4]).toMatchObject({ standard: 'GB 3095-2012/PM10/day/2', unit: 'ng/m³' })
    expect(read('{}')).toEqual({ derived: [], checks: [] })
  })

  test.each([
    ['a stream of no point', 'parts: [111]', 'parts: [112]'],
    ['a stream that comes later', 'input: 200', 'input: 202'],
    ['a stream twice', 'stream: 201', 'stream: 104'],
    ['a flow as it is without its state', ', moisture: 106', ''],
    ['another kind than the input', 'kind: "0b0100"', 'kind: "0b0200"'],
    ['another length', 'seconds: 3600', 'seconds: 1800'],
    ['an unknown limit', 'PM10/day/2', 'PM10/day/3'],
    ['a limit of another quantity', 'stream: 120', 'stream: 104'],
    ['a name twice', 'name: pair', 'name: gas'],
    ['an unknown key', 'name: pair', 'name: pair, sigma: 3'],
    ['a number that is not quoted', 'percent: "2"', 'percent: 2'],
  ])('refused with its place: %s', (_, from, to) => {
    expect(GOOD).toContain(from)
    expect(() => read(GOOD.replace(from, to))).toThrow(
      expect.objectContaining({ code: 'E_PLANT', message: expect.stringContaining('plant.yaml') }),
    )
  })
})

test('limits of air and water stand with their sources, stricter classes first', () => {
  expect(
    STANDARDS.every(({ source, least, most }) => source !== '' && (least === undefined) !== (most === undefined)),
  ).toBe(true)
  expect(new Set(STANDARDS.map(({ id }) => id)).size).toBe(STANDARDS.length)
  const classes = Map.groupBy(STANDARDS, ({ id }) => id.replace(/\/\d$/, ''))
  for (const [id, items] of classes) {
    const bounds = items.map(({ least, most }) => Number(most ?? `-${least}`))
    expect(bounds, id).toEqual([...bounds].sort((a, b) => a - b))
  }
})
