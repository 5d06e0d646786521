import type { CID } from 'multiformats/cid'
import { choiceOf, fieldsOf, formError, listOf, nameOf, textOf } from '../shape.ts'
import {
  byCid,
  byNumber,
  byText,
  countOf,
  linkOf,
  nullable,
  type OutputValue,
  outputsOf,
  type Period,
  periodOf,
  setOf,
  tupleOf,
} from './read.ts'

/** A monthly or annual report (月度存证、年度报告) of one plant or unit. */
export interface Report {
  readonly format: 'tanlian/report/1'
  readonly type: 'month' | 'year'
  /** The plant or unit. */
  readonly subject: string
  readonly period: Period
  readonly zone: string
  /** The log size that its totals are as of. */
  readonly size: number
  readonly methodology: CID
  readonly factors: readonly CID[]
  readonly inputs: readonly ReportInput[]
  readonly outputs: readonly OutputValue[]
  /** The block that names the trace's top nodes. */
  readonly trace: CID
  /** Answers to findings of checks. */
  readonly answers: readonly (readonly [rule: string, subject: string, text: string])[]
  /** The report that this one takes the place of. */
  readonly corrects: CID | null
  readonly reason: string | null
}

/** One value that the methodology asks for, in the input's unit, and where it is from. */
export interface ReportInput {
  readonly name: string
  readonly group: string | null
  /** From 0 in each group; 0 where there is no group. */
  readonly row: number
  readonly value: string
  readonly origin: ReportOrigin
}

export type ReportOrigin =
  | TotalOrigin
  | { readonly kind: 'analysis'; readonly document: CID; readonly result: string }
  | { readonly kind: 'voucher'; readonly document: CID }
  | { readonly kind: 'choice' }
  | { readonly kind: 'manual'; readonly reason: string }

/** A proven total (实测总量) of what was measured and what was entered. */
export interface TotalOrigin {
  readonly kind: 'total'
  /** Two to four bytes: class, group, kind, validity. */
  readonly type: Uint8Array
  readonly streams: readonly number[] | null
  readonly from: number
  readonly to: number
  /** An integer in the type's base unit; of a gauge base unit × s. */
  readonly quantity: string
  /** Seconds that the readings cover, over all streams. */
  readonly seconds: number
}

/** @throws TanlianError E_DOCUMENT_FORM */
export function readReport(input: unknown): Report {
  const f = fieldsOf('report', input, REPORT_KEYS)
  const corrects = nullable(f.corrects, (cid) => linkOf('report.corrects', cid))
  const reason = nullable(f.reason, (text) => textOf('report.reason', text))
  if (corrects !== null && reason === null) throw formError('report.reason', 'is missing of a report that corrects')
  return {
    format: choiceOf('report.format', f.format, ['tanlian/report/1']),
    type: choiceOf('report.type', f.type, ['month', 'year']),
    subject: textOf('report.subject', f.subject, 200),
    period: periodOf('report.period', f.period),
    zone: textOf('report.zone', f.zone, 60),
    size: countOf('report.size', f.size, 1),
    methodology: linkOf('report.methodology', f.methodology),
    factors: setOf('report.factors', f.factors, linkOf, byCid),
    inputs: setOf('report.inputs', f.inputs, readInput, compareInputs),
    outputs: outputsOf('report.outputs', f.outputs),
    trace: linkOf('report.trace', f.trace),
    answers: listOf('report.answers', f.answers, (at, item) => {
      const [rule, subject, text] = tupleOf(at, item, 3)
      return [textOf(`${at}[0]`, rule, 80), textOf(`${at}[1]`, subject, 200), textOf(`${at}[2]`, text)] as const
    }),
    corrects,
    reason,
  }
}

/** Order of a report's inputs: those without a group first, then by group, row and name. */
export function compareInputs(
  a: Omit<ReportInput, 'origin' | 'value'>,
  b: Omit<ReportInput, 'origin' | 'value'>,
): number {
  return byText(a.group ?? '', b.group ?? '') || a.row - b.row || byText(a.name, b.name)
}

const REPORT_KEYS = [
  ...['format', 'type', 'subject', 'period', 'zone', 'size', 'methodology', 'factors'],
  ...['inputs', 'outputs', 'trace', 'answers', 'corrects', 'reason'],
]

function readInput(at: string, input: unknown): ReportInput {
  const f = fieldsOf(at, input, ['name', 'group', 'row', 'value', 'origin'])
  const group = nullable(f.group, (name) => nameOf(`${at}.group`, name))
  const row = countOf(`${at}.row`, f.row)
  if (group === null && row !== 0) throw formError(`${at}.row`, 'is not 0 without a group')
  return {
    name: nameOf(`${at}.name`, f.name),
    group,
    row,
    value: textOf(`${at}.value`, f.value, 200),
    origin: readOrigin(`${at}.origin`, f.origin),
  }
}

function readOrigin(at: string, input: unknown): ReportOrigin {
  const kind = choiceOf(`${at}.kind`, (input as { kind?: unknown } | null)?.kind, ORIGINS)
  switch (kind) {
    case 'total':
      return readTotal(at, input)
    case 'analysis': {
      const f = fieldsOf(at, input, ['kind', 'document', 'result'])
      return { kind, document: linkOf(`${at}.document`, f.document), result: textOf(`${at}.result`, f.result, 80) }
    }
    case 'voucher': {
      const f = fieldsOf(at, input, ['kind', 'document'])
      return { kind, document: linkOf(`${at}.document`, f.document) }
    }
    case 'choice':
      fieldsOf(at, input, ['kind'])
      return { kind }
    case 'manual': {
      const f = fieldsOf(at, input, ['kind', 'reason'])
      return { kind, reason: textOf(`${at}.reason`, f.reason) }
    }
  }
}

const ORIGINS = ['total', 'analysis', 'voucher', 'choice', 'manual'] as const

function readTotal(at: string, input: unknown): TotalOrigin {
  const f = fieldsOf(at, input, ['kind', 'type', 'streams', 'from', 'to', 'quantity', 'seconds'])
  const { type } = f
  // A class alone has no unit, so neither would the total.
  if (!(type instanceof Uint8Array) || type.length < 2 || type.length > 4)
    throw formError(`${at}.type`, 'is not two to four bytes')
  if (type[3] !== undefined && type[3] > 1) throw formError(`${at}.type`, 'is of readings that are not valid')
  const [from, to] = periodOf(at, [f.from, f.to])
  const quantity = textOf(`${at}.quantity`, f.quantity, 40)
  if (!/^(?:0|[1-9]\d*)$/.test(quantity)) throw formError(`${at}.quantity`, 'is no whole number without leading zeros')
  return {
    kind: 'total',
    type,
    streams: nullable(f.streams, (streams) => {
      const numbers = setOf(`${at}.streams`, streams, (place, item) => countOf(place, item, 1), byNumber)
      if (numbers.length === 0) throw formError(`${at}.streams`, 'are none')
      return numbers
    }),
    from,
    to,
    quantity,
    seconds: countOf(`${at}.seconds`, f.seconds),
  }
}
