import type { Sample } from '../../src/arrival.ts'
import type { Device, Point } from '../../src/device.ts'
import type { Check } from '../../src/quality/check.ts'
import { flueGas } from '../flue-gas.ts'
import { createNoise } from '../random.ts'
import { readSeries, type Series } from '../series.ts'

/** What the instruments of one site said, before anybody meddled with it (现场记录): one row an interval, one text a point. */
export interface Recording {
  readonly name: string
  readonly device: Device
  readonly checks: readonly Check[]
  readonly zone: string
  /** Unix seconds of the first row, and its length. */
  readonly start: number
  readonly seconds: number
  readonly rows: readonly (readonly (string | undefined)[])[]
}

/** A row as it arrives. */
export interface Arriving {
  readonly receivedS: number
  readonly samples: readonly Sample[]
}

/** The recordings of the data sets in `data/`. What no instrument of theirs measured is made, and its name says so. */
export async function recordings(): Promise<Recording[]> {
  return [
    await turbine(),
    await steel(),
    await register(),
    await feeders(),
    await soil('soil-21', [3, 5, 6, 8, 9, 12]),
    await soil('soil-33', [1, 2, 3, 17, 18, 20]),
  ]
}

/** Rows in order and in time, two seconds after the end of their intervals. */
export function arrivals({ device, start, seconds, rows }: Recording): Arriving[] {
  return rows.map((row, at) => {
    const stamp = start + at * seconds
    const samples = device.points.map(({ name, stamp: marks }, place) => ({
      point: name,
      stamp: marks === 'start' ? stamp : stamp + seconds,
      value: row[place],
      flag: undefined,
    }))
    return { receivedS: stamp + seconds + 2, samples }
  })
}

/** Hourly means of a gas turbine, with the CO2 and O2 that its load makes, and its analysers' scatter. */
async function turbine(): Promise<Recording> {
  const series = await readSeries('gas-turbine')
  const noise = createNoise(20_110_101)
  const columns = ['TEY', 'CO', 'NOX', 'AT', 'AP', 'AH', 'TIT', 'TAT', 'CDP']
  const gas = series.rows.map((row, at) =>
    flueGas(number(series, row, 'TEY'), number(series, row, 'TAT'), (channel) => 0.004 * noise(channel, at * 3600)),
  )
  const points = [
    point('TEY', 1, 0x020400, 'MWh', 'delta', 3600),
    point('CO', 2, 0x0b0901, 'mg/m³', 'mean', 3600),
    point('NOX', 3, 0x0b0902, 'mg/m³', 'mean', 3600),
    point('AT', 4, 0x0b0100, '°C', 'mean', 3600),
    point('AP', 5, 0x0b0800, 'mbar', 'mean', 3600),
    point('AH', 6, 0x0b0200, '%', 'mean', 3600),
    point('TIT', 7, 0x0b0102, '°C', 'mean', 3600),
    point('TAT', 8, 0x0b0103, '°C', 'mean', 3600),
    point('CDP', 9, 0x0b0800, 'bar', 'mean', 3600),
    point('CO2 (made)', 10, 0x0b0400, '%', 'mean', 3600),
    point('O2 (made)', 11, 0x0b0700, '%', 'mean', 3600),
  ]
  return {
    name: 'gas-turbine',
    device: deviceOf('turbine', points),
    checks: [
      { rule: 'combustion', name: 'CO2 against O2', co2: 10, o2: 11, most: 11.9, percent: 0.2 },
      { rule: 'load', name: 'CO2 against yield', stream: 10, load: 1 },
      { rule: 'relation', name: 'compressor pressure against yield', of: 9, by: 1 },
    ],
    zone: '+02:00',
    start: series.start,
    seconds: 3600,
    rows: series.rows.map((row, at) => [
      ...columns.map((column) => cell(series, row, column)),
      // 19,768 mg/m³ are one per cent by volume.
      ((gas[at]?.co2 ?? 0) / 19_768).toFixed(3),
      (gas[at]?.o2 ?? 0).toFixed(3),
    ]),
  }
}

async function steel(): Promise<Recording> {
  const series = await readSeries('steel-energy')
  return {
    name: 'steel-energy',
    device: deviceOf('steel-meter', [point('Usage_kWh', 1, 0x020100, 'kWh', 'delta', 900)]),
    checks: [],
    zone: 'Asia/Seoul',
    start: series.start,
    seconds: 900,
    rows: series.rows.map((row) => [cell(series, row, 'Usage_kWh')]),
  }
}

/** The same plant's meter as a register: the running sum of its quarter hours. */
async function register(): Promise<Recording> {
  const amounts = await steel()
  let hundredths = 1_234_500
  const rows = amounts.rows.map(([text]) => {
    hundredths += Math.round(Number(text) * 100)
    return [(hundredths / 100).toFixed(2)]
  })
  const meter = { ...point('register', 1, 0x020100, 'kWh', 'register', 900), stamp: 'end' as const }
  return { ...amounts, name: 'steel-register', device: deviceOf('steel-register', [meter]), rows }
}

/** Three feeders, a weather station, and the main meter above the feeders, which is made: their sum, with an error of class 0.5. */
async function feeders(): Promise<Recording> {
  const series = await readSeries('tetouan-power')
  const noise = createNoise(20_170_101)
  const columns = [
    'Zone 1 Power Consumption',
    'Zone 2 Power Consumption',
    'Zone 3 Power Consumption',
    'Temperature',
    'Humidity',
  ]
  return {
    name: 'tetouan-power',
    device: deviceOf('substation', [
      point('feeder 1', 1, 0x020100, 'kW', 'mean', 600),
      point('feeder 2', 2, 0x020100, 'kW', 'mean', 600),
      point('feeder 3', 3, 0x020100, 'kW', 'mean', 600),
      point('temperature', 4, 0x0b0100, '°C', 'mean', 600),
      point('humidity', 5, 0x0b0200, '%', 'mean', 600),
      point('main (made)', 6, 0x020100, 'kW', 'mean', 600),
    ]),
    checks: [{ rule: 'balance', name: 'feeders against main meter', main: 6, parts: [1, 2, 3], percent: 2 }],
    zone: 'UTC',
    start: series.start,
    seconds: 600,
    rows: series.rows.map((row, at) => {
      const sum = columns.slice(0, 3).reduce((total, column) => total + number(series, row, column), 0)
      const main = sum * (1 + 0.0025 * noise('main', at * 600))
      return [...columns.map((column) => cell(series, row, column)), main.toFixed(3)]
    }),
  }
}

async function soil(name: 'soil-21' | 'soil-33', probes: readonly number[]): Promise<Recording> {
  const series = await readSeries(name)
  const columns = probes.flatMap((probe) => [`Teros(${probe},1)`, `Teros(${probe},2)`])
  const points = probes.flatMap((probe, at) => [
    {
      ...point(`moisture ${probe}`, 2 * at + 1, 0x0b0300, 'm³/m³', 'mean', 900),
      scale: '0.0003879',
      offset: '-0.6956',
      limits: { least: '0', most: '0.7', outside: 'D' as const },
    },
    {
      ...point(`temperature ${probe}`, 2 * at + 2, 0x0b0101, '°C', 'mean', 900),
      limits: { least: '-40', most: '60', outside: 'D' as const },
    },
  ])
  return {
    name,
    device: deviceOf(name, points),
    checks: [],
    zone: '-05:00',
    start: series.start,
    seconds: 900,
    rows: series.rows.map((row) => columns.map((column) => cell(series, row, column))),
  }
}

function deviceOf(id: string, points: readonly Point[]): Device {
  return { id, model: 'recording', protocol: 'http', address: {}, points, zone: 'UTC' }
}

function point(
  name: string,
  stream: number,
  type: number,
  unit: string,
  value: Point['value'],
  interval: number,
): Point {
  return {
    name,
    stream,
    type,
    unit,
    value,
    scale: '1',
    offset: '0',
    rounding: 'half-even',
    interval,
    stamp: 'start',
    source: {},
    definition: 'README of the data set',
    limits: {},
  }
}

/** A cell; a probe that did not answer says nothing. */
function cell({ columns }: Series, row: readonly string[], column: string): string | undefined {
  const at = columns.get(column)
  if (at === undefined) throw new RangeError(`the data set has no column ${column}`)
  const text = row[at]
  return text === undefined || text === 'NAN' || text === '' ? undefined : text
}

function number(series: Series, row: readonly string[], column: string): number {
  return Number(cell(series, row, column))
}
