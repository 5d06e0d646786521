import { type Block, decodeBlock, toHex } from '@tanlian/evidence'
import { addRatios, multiplyRatios, parseRatio, type Ratio, ratio, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { calculate, type Outcome, shownText, valuesOf } from './calculate.ts'
import { byCid, type OutputValue } from './document/read.ts'
import { compareInputs, type Report, type ReportInput, type ReportOrigin, type TotalOrigin } from './document/report.ts'
import { readFactors } from './factor.ts'
import { type Given, type Input, type ReportData, readMethodology } from './methodology.ts'
import { compileMethodology, type Program } from './program.ts'
import { exactText, type ProvenTotal, requireQuantity, valueOfTotal } from './report-unit.ts'
import { type Origin, type Trace, traceOf } from './trace.ts'

/** What a report says beside its inputs and what they come to. */
export type ReportHead = Pick<
  Report,
  'type' | 'subject' | 'period' | 'zone' | 'size' | 'answers' | 'corrects' | 'reason'
>

/** An input before its value is known: a total carries none, it is converted here. */
export type DraftInput = Omit<ReportInput, 'value'> & { readonly value?: string }

/** A report ready to be logged, with the blocks that travel after it. */
export interface DraftedReport extends Recalculated {
  readonly content: Report
}

/** What a methodology makes of a report's inputs. */
export interface Recalculated {
  readonly outcome: Outcome
  readonly outputs: readonly OutputValue[]
  readonly trace: Trace
  /** The block that the report names as its trace, then every node. */
  readonly blocks: readonly [top: Block, ...nodes: Block[]]
}

/**
 * Drafts a report: totals become values in the inputs' units, the methodology runs, every number gets its trace. The same methodology,
 * factors, totals and words give the same bytes anywhere (safety S14).
 * @throws TanlianError E_REPORT_… for what does not fit, and what `calculate` throws
 */
export function draftReport(program: Program, head: ReportHead, draft: readonly DraftInput[]): DraftedReport {
  const inputs = draft.map((input) => ({ ...input, value: draftValue(program, input) })).sort(compareInputs)
  const { type, subject, period, zone, size, answers, corrects, reason } = head
  const made = recalculate(program, { period, inputs })
  const content: Report = {
    format: 'tanlian/report/1',
    type,
    subject,
    period,
    zone,
    size,
    methodology: program.methodology.cid,
    factors: factorsOf(program),
    inputs,
    outputs: made.outputs,
    trace: made.blocks[0].cid,
    answers,
    corrects,
    reason,
  }
  return { content, ...made }
}

/** Compiles the methodology and the factor sets of blocks. @throws TanlianError E_BLOCK_NOT_CANONICAL, and what reading and compiling throw */
export function programOf(methodology: Uint8Array, factors: readonly Uint8Array[]): Program {
  return compileMethodology(
    readMethodology(decodeBlock(methodology)),
    factors.map((bytes) => readFactors(decodeBlock(bytes))),
  )
}

/** Runs the methodology on a report's inputs as they stand. @throws TanlianError E_REPORT_ROWS, E_REPORT_ORIGIN, E_REPORT_WINDOW, and what `calculate` throws */
export function recalculate(program: Program, report: Pick<Report, 'period' | 'inputs'>): Recalculated {
  for (const input of report.inputs) requireOrigin(program, report, input)
  const data = dataOf(report.inputs)
  const outcome = calculate(program, data)
  const trace = traceOf(outcome, originsOf(report.inputs))
  return {
    outcome,
    outputs: outputsOf(outcome, data),
    trace,
    blocks: [trace.top, ...trace.nodes.map(({ block }) => block)],
  }
}

/** CIDs of the factor sets that a program uses, in the order of a report. */
export function factorsOf({ sets }: Program): readonly CID[] {
  return [...sets.values()].map(({ cid }) => cid).sort(byCid)
}

/** The methodology's input of this name and group. @throws TanlianError E_INPUT_UNKNOWN */
export function inputOf({ methodology }: Program, { name, group }: Pick<ReportInput, 'name' | 'group'>): Input {
  const found = methodology.inputs.find((input) => input.name === name && (input.group ?? null) === group)
  if (found !== undefined) return found
  throw new TanlianError(
    'E_INPUT_UNKNOWN',
    `The methodology asks for no ${name}${group === null ? '' : ` in ${group}`}.`,
    {
      values: { name, group },
    },
  )
}

/** The value that a report's input ought to have by its total. @throws TanlianError E_REPORT_TYPE, E_REPORT_UNIT, E_REPORT_EMPTY */
export function totalText(program: Program, input: Omit<ReportInput, 'value'>, total: ProvenTotal): string {
  return valueOfTotal(inputOf(program, input), input.origin as TotalOrigin, total)
}

function draftValue(program: Program, input: DraftInput): string {
  const { origin, value } = input
  if (origin.kind === 'total')
    return totalText(program, input, { quantity: BigInt(origin.quantity), seconds: origin.seconds })
  if (value !== undefined) return value
  throw new TanlianError('E_INPUT_MISSING', `${input.name} is needed and was not given.`, {
    values: { name: input.name, row: input.group === null ? undefined : input.row + 1 },
  })
}

/** A text is chosen and a quantity is not; a total lies in the report's period. */
function requireOrigin(program: Program, { period }: Pick<Report, 'period'>, input: ReportInput) {
  const { name, origin } = input
  const asked = inputOf(program, input)
  if (origin.kind === 'choice') {
    if (asked.unit !== undefined)
      throw new TanlianError(
        'E_REPORT_ORIGIN',
        `${name} is a quantity; it is measured or entered with its reason, never chosen.`,
        {
          values: { name },
        },
      )
    return
  }
  if (origin.kind !== 'manual') requireQuantity(asked)
  if (origin.kind === 'total' && (origin.from < period[0] || origin.to > period[1]))
    throw new TanlianError('E_REPORT_WINDOW', `The total of ${name} reaches out of the report's period.`, {
      values: { name, from: origin.from, to: origin.to },
    })
}

/** Inputs as the engine takes them: rows of each group from 0 without a gap. @throws TanlianError E_REPORT_ROWS */
export function dataOf(inputs: readonly Pick<ReportInput, 'name' | 'group' | 'row' | 'value'>[]): ReportData {
  const values: Record<string, string> = {}
  const groups: Record<string, Record<string, string>[]> = {}
  for (const { name, group, row, value } of inputs) {
    if (group === null) values[name] = value
    else {
      groups[group] ??= []
      const rows = groups[group]
      if (row > rows.length)
        throw new TanlianError('E_REPORT_ROWS', `Row ${rows.length + 1} of ${group} has no value.`, {
          values: { group, row: rows.length + 1 },
        })
      const given = rows[row] ?? {}
      rows[row] = given
      given[name] = value
    }
  }
  return { values, groups: groups as Readonly<Record<string, readonly Given[]>> }
}

function originsOf(inputs: readonly ReportInput[]): (name: string, row: number) => Origin {
  const known = new Map(inputs.map(({ name, row, origin }) => [`${name}\n${row}`, originText(origin)]))
  // An input that was not given has no node in the trace, so nobody asks for its origin.
  return (name, row) => known.get(`${name}\n${row}`) as Origin
}

function originText(origin: ReportOrigin): Origin {
  const { kind } = origin
  switch (kind) {
    case 'total': {
      const streams = origin.streams === null ? 'all' : origin.streams.join(',')
      const { type, from, to, quantity, seconds } = origin
      return { kind, reference: `${toHex(type)} ${streams} ${from} ${to} ${quantity} ${seconds}` }
    }
    case 'analysis':
      return { kind, reference: `${origin.document} ${origin.result}` }
    case 'voucher':
      return { kind, reference: origin.document.toString() }
    case 'choice':
      return { kind, reference: '' }
    case 'manual':
      return { kind, reference: origin.reason }
  }
}

/** Outputs as shown, each total followed by what rounding its lines left over (safety S15). */
function outputsOf(outcome: Outcome, data: ReportData): readonly OutputValue[] {
  const { program } = outcome
  const { outputs, equations } = program.methodology
  const lines = new Set(outputs.filter(({ role }) => role === 'line').map(({ equation }) => equation))
  const carried = {
    ...program.methodology,
    equations: equations.map((equation) => (lines.has(equation.name) ? { ...equation, carry: true } : equation)),
  }
  const fromLines =
    lines.size === 0 ? undefined : calculate(compileMethodology(carried, [...program.sets.values()]), data)
  return outputs.flatMap(({ equation: name, role }) => {
    const equation = equations.find((one) => one.name === name) as (typeof equations)[number]
    const unit = equation.unit.text
    const shown = valuesOf(outcome, name).map((value) => shownText(value, equation))
    const remainders = role === 'total' && fromLines !== undefined ? valuesOf(fromLines, name) : []
    return shown.flatMap((value, row): OutputValue[] => {
      const rest = remainderOf(value, remainders[row])
      return [[name, value, unit], ...(rest === undefined ? [] : [[`${name}.remainder`, rest, unit] as const])]
    })
  })
}

function remainderOf(shown: string, ofLines: Ratio | undefined): string | undefined {
  if (ofLines === undefined) return undefined
  const rest = addRatios(parseRatio(shown), multiplyRatios(ofLines, ratio(-1n)))
  return rest.numerator === 0n ? undefined : exactText(rest)
}
