import {
  addRatios,
  conversion,
  divideRatios,
  multiplyRatios,
  parseRatio,
  type Ratio,
  type Rounding,
  rateFactor,
  ratio,
  roundRatio,
  TanlianError,
} from '@tanlian/units'
import type { StreamItem } from './form.ts'
import { type Flag, kindInfo } from './kind.ts'

/** The form of a mapping (映射): how the columns of a file become readings. Plain data, written by hand as YAML. */
export const MAPPING_FORMAT = 'tanlian/mapping/1'

export interface Mapping {
  /** The device whose file it is, unless a column names its own. */
  readonly device: string
  /** What a frame's `protocol` will say, such as `csv`. */
  readonly protocol: string
  /** Row numbers from 1: where the names stand (0: nowhere, columns go by number) and where the data begins. */
  readonly rows: { readonly header: number; readonly first: number }
  readonly time: TimeMapping
  /** The mark between whole and fraction in the file's numbers; a point where left out. */
  readonly decimal?: ','
  readonly thousands?: ',' | '.' | ' ' | "'"
  readonly missing: MissingMapping
  /** 'skip' passes over a reading that repeats an earlier one in every respect (a second download); 'refuse' reports it. */
  readonly repeated: 'refuse' | 'skip'
  /** What one batch holds: a local day, where left out, or a local month. */
  readonly batch?: 'month'
  readonly columns: readonly ColumnMapping[]
}

/** Where the time of a row is from. */
export interface TimeMapping {
  /** Cells that hold it, joined by a space; empty for a clock from outside. */
  readonly columns: readonly string[]
  /** As `dd/MM/yyyy HH:mm`, `iso`, `unix` or `excel` (days as a spreadsheet counts them); with a clock it is `clock`. */
  readonly format: string
  /** IANA name or fixed offset of the wall clock. */
  readonly zone: string
  /** Whether a stamp is the start or the end of its interval; for a register, either: it is the moment of reading. */
  readonly stamp: 'start' | 'end'
  /** Seconds of a row's interval. */
  readonly interval: number
  /** 'day-end': a stamp of 00:00 closes the date it bears, where a clock should have written 24:00. */
  readonly midnight: 'day-start' | 'day-end'
  /** For a file without times: local time of the first data row; each row after it is one interval later. */
  readonly clock?: string
}

export interface MissingMapping {
  /** Cells that hold no value, compared after trimming. */
  readonly tokens: readonly string[]
  /** The flag of a reading of quantity 0 that stands for it; without one there is no reading. */
  readonly flag?: Flag
}

/** One column that becomes a stream. */
export interface ColumnMapping {
  readonly column: string
  readonly stream: number
  /** class‖group‖kind, 24 bits. */
  readonly type: number
  readonly device: string
  readonly name: string
  readonly unit: string
  /** 'delta': the amount of the interval; 'register': a counter that only grows; 'mean': a level or rate, to be multiplied by its seconds. */
  readonly value: 'delta' | 'register' | 'mean'
  readonly rounding: Rounding
  /** value = scale × cell + offset, in `unit`. */
  readonly scale: string
  readonly offset: string
  /** Plausible values, in `unit`; others become a reading of quantity 0 with the flag. */
  readonly valid?: { readonly least: string; readonly most: string; readonly flag: Flag }
  /** A flag for all, or by the text of another column. */
  readonly flag: Flag | { readonly column: string; readonly values: ReadonlyMap<string, Flag>; readonly other?: Flag }
  /** Only rows where another column holds this text, for files with several devices one below the other. */
  readonly where?: { readonly column: string; readonly equals: string }
  /** A register's count of units at which it begins again at 0; without it, going back is refused. */
  readonly rollover?: string
  /** How it was measured, for the streams block. */
  readonly method?: string
}

/** The items of the streams block that a mapping declares (spec section 5): what each stream is, which never changes. */
export function streamsOf(mapping: Mapping): StreamItem[] {
  return mapping.columns.map((column) => ({
    stream: column.stream,
    type: column.type,
    device: column.device,
    interval: mapping.time.interval,
    name: column.name,
    unit: column.unit,
    value: column.value,
    rounding: column.rounding,
    ...(column.scale === '1' && column.offset === '0' ? {} : { scale: column.scale, offset: column.offset }),
    ...(column.method === undefined ? {} : { method: column.method }),
  }))
}

/**
 * What turns a column's number into a quantity before rounding: `quantity = cell × factor + offset`. A mean is multiplied by the interval.
 * @throws TanlianError E_UNIT_UNKNOWN, E_UNIT_DIMENSION, E_MAPPING
 */
export function linearOf(
  column: Pick<ColumnMapping, 'column' | 'type' | 'unit' | 'value' | 'scale' | 'offset'>,
  interval: number,
): { factor: Ratio; offset: Ratio } {
  const kind = kindInfo(column.type)
  if (kind === undefined) throw mappingError(column.column, `has no known kind of quantity`)
  const scale = parseRatio(column.scale)
  const shift = parseRatio(column.offset)
  if ((column.value === 'mean') !== (kind.sort === 'gauge' || isRate(column.unit, kind.unit)))
    throw mappingError(
      column.column,
      `is given as ${column.value} in ${column.unit}, which does not make ${kind.en} (${kind.unit})`,
    )
  const length = column.value === 'mean' ? BigInt(interval) : 1n
  const unit =
    column.value === 'mean' && kind.sort === 'delta'
      ? { factor: rateFactor(column.unit, kind.unit), offset: ratio(0n) }
      : conversion(column.unit, kind.unit)
  if (scale.numerator <= 0n) throw mappingError(column.column, 'has a scale that is not above zero')
  const factor = multiplyRatios(multiplyRatios(scale, unit.factor), ratio(length))
  const offset = multiplyRatios(addRatios(multiplyRatios(shift, unit.factor), unit.offset), ratio(length))
  if (column.value === 'register' && offset.numerator !== 0n)
    throw mappingError(column.column, 'is a register with an offset')
  return { factor, offset }
}

/** A bound of plausible values, given in the column's unit, as a quantity; rounded like the values it is compared with. */
export function boundOf(
  bound: string,
  column: Pick<ColumnMapping, 'scale' | 'offset' | 'rounding'>,
  { factor, offset }: { readonly factor: Ratio; readonly offset: Ratio },
): number {
  const shifted = addRatios(parseRatio(bound), multiplyRatios(parseRatio(column.offset), ratio(-1n)))
  const cell = divideRatios(shifted, parseRatio(column.scale))
  const quantity = addRatios(multiplyRatios(cell, factor), offset)
  return Number(roundRatio(quantity, column.rounding === 'exact' ? 'half-even' : column.rounding))
}

function isRate(from: string, to: string): boolean {
  try {
    rateFactor(from, to)
    return true
  } catch (error) {
    if (error instanceof TanlianError && error.code === 'E_UNIT_DIMENSION') return false
    throw error
  }
}

/** A refusal that names the place in the mapping. */
export function mappingError(path: string, why: string, cause?: TanlianError): TanlianError {
  return new TanlianError('E_MAPPING', `The mapping's ${path} ${why}.`, {
    values: { path, why },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The local day that names the batch of a reading: its own, or the first of its month. @param local seconds on the mapping's wall clock @returns days since 1970-01-01 */
export function batchDay({ batch }: Pick<Mapping, 'batch'>, local: number): number {
  const day = Math.floor(local / 86_400)
  return batch === 'month' ? day + 1 - new Date(day * 86_400_000).getUTCDate() : day
}
