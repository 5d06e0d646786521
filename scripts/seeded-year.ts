/**
 * Writes data/seeded-year: a year of daily figures of eight plants, made up with a seed and marked as such in every stream, for what no open data set
 * measures (`node scripts/seeded-year.ts`). The same seed gives the same bytes.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const FOLDER = join(import.meta.dirname, '..', 'data', 'seeded-year')
const YEAR = 2025
const SEED = 20_250_101

/** One column: a stream with its usual amount a day. */
interface Column {
  readonly stream: number
  readonly kind: string
  readonly name: string
  readonly unit: string
  readonly daily: number
  /** Digits after the point in the file; every one of them is a whole number of base units. */
  readonly digits: number
  /** Share of the usual amount on a day of the year, from 0; 1 where left out. */
  readonly season?: (day: number) => number
  /** The column that it follows, by stream: what is burned follows what is made. */
  readonly follows?: number
}

/** More in winter than in summer. */
const heating = (day: number) => 1 + 0.25 * Math.cos((2 * Math.PI * (day - 15)) / 365)
/** Only in the weeks of spreading: April, and July. */
const spreading = (day: number) => ((day >= 95 && day < 109) || (day >= 185 && day < 192) ? 1 : 0)
/** From May to September. */
const growing = (day: number) => (day >= 120 && day < 273 ? 1 : 0)

const PLANTS: Readonly<Record<string, readonly Column[]>> = {
  'power-station': [
    { stream: 501, kind: '020400', name: 'generation unit 1', unit: 'MWh', daily: 6900, digits: 3, season: heating },
    { stream: 502, kind: '020400', name: 'generation unit 2', unit: 'MWh', daily: 6700, digits: 3, season: heating },
    { stream: 503, kind: '010101', name: 'coal unit 1', unit: 't', daily: 2960, digits: 2, follows: 501 },
    { stream: 504, kind: '010101', name: 'coal unit 2', unit: 't', daily: 2900, digits: 2, follows: 502 },
    { stream: 505, kind: '040100', name: 'CO2 by CEMS unit 1', unit: 't', daily: 5985, digits: 2, follows: 501 },
    { stream: 506, kind: '040100', name: 'CO2 by CEMS unit 2', unit: 't', daily: 5870, digits: 2, follows: 502 },
  ],
  'steel-works': [
    { stream: 501, kind: '060100', name: 'crude steel', unit: 't', daily: 5480, digits: 2 },
    { stream: 502, kind: '010100', name: 'cleaned coal', unit: 't', daily: 3290, digits: 2, follows: 501 },
    { stream: 503, kind: '010100', name: 'anthracite', unit: 't', daily: 820, digits: 2, follows: 501 },
    { stream: 504, kind: '010301', name: 'natural gas', unit: 'm³', daily: 54_000, digits: 0, follows: 501 },
    { stream: 505, kind: '050100', name: 'limestone', unit: 't', daily: 410, digits: 2, follows: 501 },
    { stream: 506, kind: '050100', name: 'dolomite', unit: 't', daily: 137, digits: 2, follows: 501 },
    { stream: 507, kind: '050300', name: 'electrodes', unit: 't', daily: 1.4, digits: 3, follows: 501 },
  ],
  park: [
    { stream: 501, kind: '020100', name: 'electricity imported', unit: 'MWh', daily: 310, digits: 3 },
    { stream: 502, kind: '020300', name: 'roof photovoltaics', unit: 'MWh', daily: 24, digits: 3 },
    { stream: 503, kind: '010301', name: 'natural gas', unit: 'm³', daily: 5200, digits: 0, season: heating },
    { stream: 504, kind: '030100', name: 'heat bought', unit: 'GJ', daily: 180, digits: 3, season: heating },
  ],
  farm: [
    { stream: 501, kind: '080100', name: 'nitrogen', unit: 'kg', daily: 5700, digits: 0, season: spreading },
    { stream: 502, kind: '010201', name: 'diesel of machinery', unit: 'kg', daily: 330, digits: 1, season: growing },
    {
      stream: 503,
      kind: '020100',
      name: 'electricity of irrigation',
      unit: 'kWh',
      daily: 5900,
      digits: 1,
      season: growing,
    },
    { stream: 504, kind: '080200', name: 'irrigation water', unit: 'm³', daily: 21_000, digits: 1, season: growing },
  ],
  cement: [
    { stream: 1, kind: '050200', name: 'clinker', unit: 't', daily: 4110, digits: 2 },
    { stream: 2, kind: '010100', name: 'bituminous coal', unit: 't', daily: 534, digits: 2, follows: 1 },
    { stream: 3, kind: '020100', name: 'electricity imported', unit: 'MWh', daily: 260, digits: 3, follows: 1 },
  ],
  aluminium: [
    { stream: 1, kind: '060100', name: 'liquid aluminium', unit: 't', daily: 822, digits: 2 },
    { stream: 2, kind: '020100', name: 'electricity imported', unit: 'MWh', daily: 11_100, digits: 3, follows: 1 },
  ],
  nonferrous: [
    { stream: 1, kind: '050400', name: 'coke as reductant', unit: 't', daily: 13.7, digits: 3 },
    { stream: 2, kind: '050100', name: 'limestone', unit: 't', daily: 22, digits: 3, follows: 1 },
    { stream: 3, kind: '020100', name: 'electricity imported', unit: 'MWh', daily: 110, digits: 3, follows: 1 },
  ],
  petrochemical: [
    { stream: 1, kind: '060100', name: 'ethylene', unit: 't', daily: 1210, digits: 2 },
    { stream: 2, kind: '060100', name: 'propylene', unit: 't', daily: 640, digits: 2, follows: 1 },
    { stream: 3, kind: '010301', name: 'natural gas', unit: 'm³', daily: 88_000, digits: 0, follows: 1 },
  ],
}

/** A generator on 32 bits (constants of Numerical Recipes), good enough to look like weather. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function tableOf(columns: readonly Column[], seed: number): string {
  const random = randomOf(seed)
  const noise = (width: number) => 1 + width * (random() + random() + random() - 1.5)
  const lines = [['date', ...columns.map(({ name }) => name)].join(',')]
  const days = (Date.UTC(YEAR + 1, 0, 1) - Date.UTC(YEAR, 0, 1)) / 86_400_000
  for (let day = 0; day < days; day++) {
    const shares = new Map<number, number>()
    const cells = columns.map(({ stream, daily, digits, season, follows }) => {
      const own = (season?.(day) ?? 1) * (follows === undefined ? noise(0.12) : noise(0.02))
      const share = own * (follows === undefined ? 1 : (shares.get(follows) ?? 1))
      shares.set(stream, share)
      return (daily * share).toFixed(digits)
    })
    lines.push([new Date(Date.UTC(YEAR, 0, 1 + day)).toISOString().slice(0, 10), ...cells].join(','))
  }
  return `${lines.join('\n')}\n`
}

function mappingOf(plant: string, columns: readonly Column[]): string {
  const head = [
    '# Made by scripts/seeded-year.ts: figures with a seed, measured by nobody. Each stream says so.',
    'format: tanlian/mapping/1',
    `device: seeded-${plant}`,
    'protocol: csv',
    'time: { columns: [date], format: yyyy-MM-dd, zone: Asia/Shanghai, stamp: start, interval: 86400 }',
    'batch: month',
    'columns:',
  ]
  const rows = columns.map(
    ({ stream, kind, name, unit }) =>
      `  - { column: ${name}, stream: ${stream}, kind: "${kind}", name: ${name} (seeded), unit: ${unit}, value: delta, rounding: exact, method: "seeded, not measured" }`,
  )
  return `${[...head, ...rows].join('\n')}\n`
}

mkdirSync(FOLDER, { recursive: true })
for (const [at, [plant, columns]] of Object.entries(PLANTS).entries()) {
  const table = gzipSync(tableOf(columns, SEED + 7919 * at), { level: 9 })
  // The one byte of the head that names the system that packed it.
  table[9] = 255
  writeFileSync(join(FOLDER, `${plant}.csv.gz`), table)
  writeFileSync(join(FOLDER, `${plant}.yaml`), mappingOf(plant, columns))
}
