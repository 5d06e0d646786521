import { kindInfo } from '@tanlian/evidence'
import { conversion, DEFAULT_ZONE, rateFactor, refusalOf, UNITS } from '@tanlian/units'
import { guessInterval, guessStamp } from './stamp-guess.ts'

/** A column of the file and what it is taken for. */
export interface ColumnChoice {
  readonly column: string
  readonly used: boolean
  /** Six hex digits. */
  readonly kind: string
  readonly unit: string
  readonly value: 'delta' | 'register' | 'mean'
  readonly stream: string
}

/** The mapping as the form holds it: texts, some of them not yet chosen. */
export interface MappingFields {
  readonly timeColumn: string
  readonly format: string
  /** False where the samples fit a day-first and a month-first form, so that a person must decide. */
  readonly formatCertain: boolean
  readonly zone: string
  /** Empty until it is chosen: nothing in a file says whether a stamp begins or ends its interval. */
  readonly stamp: 'start' | 'end' | ''
  readonly interval: string
  readonly device: string
  readonly dayEnd: boolean
  readonly columns: readonly ColumnChoice[]
}

/** A first proposal from the file's beginning. @param nextStream the first number that no stream of the organization has */
export function guessFields(
  columns: readonly string[],
  sample: readonly (readonly string[])[],
  nextStream: number,
): MappingFields {
  const guesses = columns.map((_, at) => guessStamp(sample.map((row) => row[at] ?? '')))
  const at = Math.max(
    0,
    guesses.findIndex((guess) => guess !== undefined),
  )
  const stamps = sample.map((row) => row[at] ?? '')
  const numeric = columns.map(
    (_, index) =>
      index !== at && sample.length > 0 && sample.every((row) => /^-?[\d.,]+$/.test((row[index] ?? '').trim())),
  )
  const firstNumeric = numeric.indexOf(true)
  return {
    timeColumn: columns[at] ?? '',
    format: guesses[at]?.format ?? 'yyyy-MM-dd HH:mm',
    formatCertain: guesses[at]?.certain ?? false,
    zone: DEFAULT_ZONE,
    stamp: '',
    interval: String(guessInterval(stamps) ?? 900),
    device: '',
    dayEnd: false,
    columns: columns.map((column, index) => ({
      column,
      used: index === firstNumeric,
      kind: '020100',
      unit: 'kWh',
      value: 'delta',
      stream: String(nextStream + Math.max(0, numeric.slice(0, index).filter(Boolean).length)),
    })),
  }
}

/** The mapping as plain data, for `parseMapping`; undefined while something has not been chosen. */
export function mappingOf(fields: MappingFields, protocol: string): unknown {
  const used = fields.columns.filter((column) => column.used && column.column !== fields.timeColumn)
  if (fields.stamp === '' || !fields.formatCertain || used.length === 0 || fields.device.trim() === '') return undefined
  return {
    format: 'tanlian/mapping/1',
    device: fields.device.trim(),
    protocol: `file/${protocol}`,
    rows: { header: 1 },
    time: {
      columns: [fields.timeColumn],
      format: fields.format,
      zone: fields.zone,
      stamp: fields.stamp,
      interval: Number(fields.interval),
      midnight: fields.dayEnd ? 'day-end' : 'day-start',
    },
    missing: { tokens: ['', '-', 'NA', 'NaN', 'null'] },
    repeated: 'refuse',
    columns: used.map(({ column, kind, unit, value, stream }) => ({
      column,
      stream: Number(stream),
      kind,
      unit,
      value,
      rounding: 'half-even',
    })),
  }
}

/** Units in which a column of this kind can be given, amounts and rates; the usual size first. */
export function unitsFor(kind: string): readonly string[] {
  const info = kindInfo(Number.parseInt(kind, 16))
  if (info === undefined) return []
  const usual: Readonly<Record<string, string>> = { Wh: 'kWh', g: 't', kJ: 'GJ', L: 'm³', m: 'km', mK: '°C' }
  const first = usual[info.unit] ?? info.unit
  const fitting = UNITS.map(({ symbol }) => symbol).filter(
    (symbol) => fits(() => conversion(symbol, info.unit)) || isRate(symbol, kind),
  )
  return [first, ...fitting.filter((symbol) => symbol !== first)]
}

/** True for a unit such as kW for a kind in Wh: a mean over the interval, to be multiplied by its length. */
export function isRate(unit: string, kind: string): boolean {
  const info = kindInfo(Number.parseInt(kind, 16))
  return info !== undefined && info.sort === 'delta' && fits(() => rateFactor(unit, info.unit))
}

function fits(convert: () => unknown): boolean {
  try {
    convert()
    return true
  } catch (error) {
    refusalOf(error)
    return false
  }
}
