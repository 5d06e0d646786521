import { type ErrorValues, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type Amount, compileAmount, compileCommaAmount, registerGrowth } from './amount.ts'
import type { Flag } from './kind.ts'
import { boundOf, type ColumnMapping, linearOf, type Mapping } from './mapping.ts'
import { createSpans } from './spans.ts'

/** A reading as a table gives it; the tree's builder takes it as it is (spec section 1). */
export interface TableReading {
  /** class‖group‖kind, 24 bits. */
  readonly type: number
  readonly stream: number
  readonly start: number
  readonly seconds: number
  readonly quantity: number
  readonly flag: Flag
  readonly source: CID | null
}

/** Where a column and those that it depends on stand in a row. */
export interface ColumnPlaces {
  readonly value: number
  readonly flag: number | undefined
  readonly where: number | undefined
}

/** What a column makes of a row: no value, a repetition, nothing (another device's row), a refusal, or a reading to be committed. */
export type ColumnOutcome =
  | 'missing'
  | 'repeated'
  | undefined
  | { readonly code: string; readonly values: ErrorValues }
  | { readonly reading?: Omit<TableReading, 'source'>; readonly commit: () => void }

/** A column's reader: cells, places, the row's stamp in Unix seconds. */
export type ReadColumn = (cells: readonly string[], at: ColumnPlaces, stamp: number) => ColumnOutcome

/**
 * The reader of one column, with its state from row to row: what time its stream has taken, a register's last stand.
 * It promises nothing until its outcome's `commit` is called, so that a row is taken whole or not at all.
 */
export function createColumn(column: ColumnMapping, mapping: Mapping): ReadColumn {
  const { time, missing, repeated } = mapping
  const linear = linearOf(column, time.interval)
  const amount = amountReader(mapping, linear, column.rounding)
  const bounds = column.valid && [column.valid.least, column.valid.most].map((bound) => boundOf(bound, column, linear))
  const modulus =
    column.rollover === undefined ? undefined : amountOf(column.rollover, compileAmount(linear, column.rounding))
  const spans = createSpans()
  const seen = repeated === 'skip' ? new Map<number, string>() : undefined
  const tokens = new Set(missing.tokens)
  let last: { readonly stamp: number; readonly quantity: number } | undefined

  const reading = (start: number, seconds: number, quantity: number, flag: Flag, and?: () => void): ColumnOutcome => {
    if (start < 0) return { code: 'E_TABLE_TIME', values: { start } }
    const print = seen === undefined ? '' : `${seconds} ${quantity} ${flag}`
    if (!spans.isFree(start, start + seconds)) {
      if (seen?.get(start) === print) return 'repeated'
      // Spans of one interval's length each lie end to end, so a start on their grid is a reading's own.
      const same = (start - (spans.startOf(start) ?? start + 1)) % seconds === 0
      return { code: same ? 'E_TABLE_DUPLICATE' : 'E_TABLE_OVERLAP', values: { start, stream: column.stream } }
    }
    const commit = () => {
      spans.take(start, start + seconds)
      seen?.set(start, print)
      and?.()
    }
    return { reading: { type: column.type, stream: column.stream, start, seconds, quantity, flag }, commit }
  }

  return (cells, at, stamp) => {
    if (column.where !== undefined && trimmed(cells, at.where) !== column.where.equals) return undefined
    const flag = flagOf(column, cells, at)
    const cell = trimmed(cells, at.value)
    if (flag === undefined) return { code: 'E_TABLE_FLAG', values: { text: trimmed(cells, at.flag).slice(0, 40) } }
    const start = time.stamp === 'start' ? stamp : stamp - time.interval
    if (tokens.has(cell)) {
      // A row whose flag says why there is no value (maintenance, say) says more than the token does.
      const told = typeof column.flag === 'object' && flag !== 'N' ? flag : missing.flag
      return told === undefined || column.value === 'register' ? 'missing' : reading(start, time.interval, 0, told)
    }
    const quantity = amount(cell)
    if (typeof quantity === 'string') return { code: quantity, values: { text: cell.slice(0, 40) } }
    if (bounds !== undefined && column.valid !== undefined) {
      const [least = 0, most = 0] = bounds
      if (quantity < least || quantity > most) return reading(start, time.interval, 0, column.valid.flag)
    }
    if (quantity < 0) return { code: 'E_TABLE_NEGATIVE', values: { text: cell.slice(0, 40) } }
    if (column.value !== 'register') return reading(start, time.interval, quantity, flag)
    const step = () => {
      last = { stamp, quantity }
    }
    if (last === undefined) return { commit: step }
    if (stamp <= last.stamp) {
      if (repeated === 'skip' && stamp === last.stamp && quantity === last.quantity) return 'repeated'
      return { code: 'E_TABLE_ORDER', values: { stamp, last: last.stamp } }
    }
    // Rounded where they stand, registers add up to exactly what the last and the first of them differ by.
    const turned = registerGrowth(last.quantity, quantity, modulus)
    if (turned === undefined) return { code: 'E_TABLE_REGISTER', values: { text: cell.slice(0, 40) } }
    return reading(last.stamp, stamp - last.stamp, turned, flag, step)
  }
}

/** A reader of the file's numbers, as the mapping says that they are written. */
function amountReader(
  { decimal, thousands }: Pick<Mapping, 'decimal' | 'thousands'>,
  linear: ReturnType<typeof linearOf>,
  rounding: ColumnMapping['rounding'],
): (text: string) => Amount {
  if (decimal === ',') return compileCommaAmount(linear, rounding, thousands === ',' ? undefined : thousands)
  return compileAmount(linear, rounding, thousands === '.' ? undefined : thousands)
}

function flagOf(column: ColumnMapping, cells: readonly string[], at: ColumnPlaces): Flag | undefined {
  return typeof column.flag === 'string'
    ? column.flag
    : (column.flag.values.get(trimmed(cells, at.flag)) ?? column.flag.other)
}

function amountOf(text: string, amount: (text: string) => Amount): number {
  const value = amount(text)
  if (typeof value === 'string' || value <= 0)
    throw new TanlianError('E_MAPPING', `The rollover ${text} is not a whole amount above zero.`, {
      values: { path: 'rollover' },
    })
  return value
}

/** A cell without the spaces around it. */
export function trimmed(cells: readonly string[], place: number | undefined): string {
  return place === undefined ? '' : (cells[place] ?? '').trim()
}
