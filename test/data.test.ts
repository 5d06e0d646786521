import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { kindInfo, parseMapping, readTable, validityOf } from '@tanlian/evidence'
import { openCsv } from '@tanlian/sdk'
import { formatMean, formatQuantity, periodWindow } from '@tanlian/units'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'

const data = join(import.meta.dirname, '../data')

function read(mapping: string, file: string) {
  const csv = openCsv()
  const bytes = gunzipSync(readFileSync(join(data, file)))
  const rows = [...csv.push(bytes), ...csv.end()].map((record) => record.cells)
  return readTable(parseMapping(parseYaml(readFileSync(join(data, mapping), 'utf8'))), rows)
}

/** Totals of valid readings as a person reads them, by stream. */
function totals({ readings }: ReturnType<typeof read>): Record<number, string> {
  const sums = new Map<number, { type: number; quantity: bigint; seconds: bigint }>()
  for (const { type, stream, quantity, seconds, flag } of readings) {
    if (validityOf(flag) !== 0) continue
    const sum = sums.get(stream) ?? { type, quantity: 0n, seconds: 0n }
    sums.set(stream, { type, quantity: sum.quantity + BigInt(quantity), seconds: sum.seconds + BigInt(seconds) })
  }
  return Object.fromEntries(
    [...sums].map(([stream, { type, quantity, seconds }]) => {
      const { unit, sort } = kindInfo(type) as NonNullable<ReturnType<typeof kindInfo>>
      const options = { locale: 'en' } as const
      return [
        stream,
        sort === 'delta' ? formatQuantity(quantity, unit, options) : formatMean(quantity, seconds, unit, options),
      ]
    }),
  )
}

describe('every data set is taken whole by its mapping', () => {
  test('steel: every quarter hour of nine months, and March as its rows add up', () => {
    const steel = read('steel-energy/mapping.yaml', 'steel-energy/steel_2018.csv.gz')
    expect(steel.errors).toEqual([])
    expect(totals(steel)).toEqual({ 1: '729.31667 MWh' })
    const march = periodWindow('2018-03', 'Asia/Seoul')
    const inMarch = steel.readings.filter(({ start }) => start >= march.from && start < march.to)
    expect(inMarch).toHaveLength(31 * 96)
    expect(inMarch.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(80_230_410)
    const { from = 0, to = 0 } = steel.summary
    expect((to - from) / 900).toBe(26_208)
  })

  test('gas turbine', () => {
    const turbine = read('gas-turbine/mapping.yaml', 'gas-turbine/gt_2011.csv.gz')
    expect(turbine.errors).toEqual([])
    expect(turbine.readings).toHaveLength(2880 * 8)
    expect(totals(turbine)).toMatchObject({ 1: '410.79379 GWh', 3: '71.36 mg/m³', 7: '1,088.83 °C' })
  })

  test('city feeders: kW of ten minutes in whole Wh', () => {
    const feeders = read('tetouan-power/mapping.yaml', 'tetouan-power/tetouan_2017.csv.gz')
    expect(feeders.errors).toEqual([])
    expect(totals(feeders)).toMatchObject({ 1: '67.090044665 GWh', 2: '40.787569305 GWh', 3: '37.461294761 GWh' })
  })

  test('soil loggers: probes that did not answer and impossible values are told apart', () => {
    const farm = read('soil-tempest/mapping.yaml', 'soil-tempest/TEROS21_11192020.dat.gz')
    expect(farm.errors).toEqual([])
    expect(farm.readings).toHaveLength(2880 * 12)
    const forest = read('soil-tempest/mapping-33.yaml', 'soil-tempest/TEROS33_04182021.dat.gz')
    expect(forest.errors).toEqual([])
    const first = forest.readings.filter(({ stream }) => stream === 1)
    const count = (flag: string) => first.filter((reading) => reading.flag === flag).length
    expect([count('N'), count('D'), count('B')]).toEqual([2209, 280, 391])
  })
})
