import { encodeBlock, type StreamItem } from '@tanlian/evidence'
import type { PlantPlan } from '../../../accounting/test/plant-report.ts'

/*
 * A year of a plant with 40 hourly streams in daily batches: 350,400 readings. Its report asks for eight kinds by month, so that no batch is
 * proven by one stretch.
 */

const DAY = 86_400
const DAYS = 365
/** Months of a year of 365 days from 0. */
const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const KINDS: readonly (readonly [type: number, streams: number])[] = [
  [0x010101, 4],
  [0x010201, 2],
  [0x010301, 4],
  [0x020100, 6],
  [0x020200, 2],
  [0x020400, 4],
  [0x030100, 2],
  [0x030200, 2],
  [0x040100, 2],
  [0x050100, 2],
  [0x060100, 4],
  [0x0b0100, 4],
  [0x0b0600, 2],
]

const words = (text: string) => ({ zh: text, en: text })
const source = { document: 'made for the benchmark', confidence: 'M' }
const INPUTS = [
  { name: 'coal', unit: 't[coal]', type: '010101', factor: '2.018' },
  { name: 'diesel', unit: 't[diesel]', type: '010201', factor: '3.096' },
  { name: 'gas', unit: '万m³[gas, 20 °C, 101.325 kPa]', type: '010301', factor: '21.65' },
  { name: 'bought', unit: 'MWh[electricity]', type: '0201', factor: '0.5306' },
  { name: 'sold', unit: 'MWh[electricity]', type: '0202', factor: '0.5306' },
  { name: 'heatBought', unit: 'GJ[heat]', type: '0301', factor: '0.11' },
  { name: 'heatSold', unit: 'GJ[heat]', type: '0302', factor: '0.11' },
  { name: 'carbonate', unit: 't[carbonate]', type: '0501', factor: '0.44' },
]

const METHODOLOGY = encodeBlock({
  format: 'tanlian/methodology/1',
  id: 'bench.plant',
  version: '1',
  name: words('a plant'),
  sector: 'any',
  valid: { from: '1970-01-01' },
  rounding: 'half-up',
  source,
  groups: [{ name: 'months', ...words('months') }],
  inputs: [
    ...INPUTS.map(({ name, unit, type }) => ({ name, group: 'months', unit, ...words(name), evidence: [type] })),
    { name: 'carbon', group: 'months', unit: 'tCO2/t[coal]', ...words('carbon of the coal') },
  ],
  parameters: INPUTS.filter(({ name }) => name !== 'coal').map(({ name, unit, factor }) => ({
    name: `${name}Factor`,
    unit: `tCO2/${unit}`,
    value: factor,
    ...words(`CO2 of ${name}`),
    source,
  })),
  equations: [
    ...INPUTS.map(({ name }) => ({
      name: `${name}Line`,
      is: `${name} × ${name === 'coal' ? 'carbon' : `${name}Factor`}`,
      unit: 'tCO2',
      places: '2',
      ...words(name),
    })),
    ...INPUTS.map(({ name }) => ({
      name: `${name}Sum`,
      is: `sum(${name}Line)`,
      unit: 'tCO2',
      places: '2',
      ...words(name),
    })),
    {
      name: 'total',
      is: INPUTS.map(({ name }) => `${name}Sum`)
        .join(' + ')
        .replace('+ soldSum', '- soldSum')
        .replace('+ heatSoldSum', '- heatSoldSum'),
      unit: 'tCO2',
      places: '2',
      ...words('total'),
    },
  ],
  outputs: [
    ...INPUTS.map(({ name }) => ({ equation: `${name}Sum`, role: 'line', gas: 'CO2', scope: '1' })),
    { equation: 'total', role: 'total', gas: 'CO2', scope: '1' },
  ],
})

let stream = 0
export const PLANT_YEAR: PlantPlan = {
  streams: KINDS.flatMap(([type, streams]) =>
    Array.from({ length: streams }, (): StreamItem => {
      stream++
      return { stream, type, device: `meter-${stream}`, interval: 3600 }
    }),
  ),
  days: DAYS,
  windows: MONTHS.map((length, month) => {
    const from = MONTHS.slice(0, month).reduce((sum, days) => sum + days, 0)
    return [from * DAY, (from + length) * DAY] as const
  }),
  methodology: METHODOLOGY,
  factors: [],
  totals: INPUTS.map(({ name, type }) => ({ name, group: 'months', type })),
  analysed: [{ name: 'carbon', group: 'months', value: '2.018', unit: 'tCO2/t[coal]' }],
  manual: [],
}
