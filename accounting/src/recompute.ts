import { toHex } from '@tanlian/evidence'
import { parseRatio } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { AnalysisResult } from './document/laboratory.ts'
import type { OutputValue } from './document/read.ts'
import type { Report, ReportInput, ReportOrigin, TotalOrigin } from './document/report.ts'
import type { Program } from './program.ts'
import { factorsOf, inputOf, type Recalculated, recalculate, totalText } from './report.ts'
import { exactText, type ProvenTotal, valueOfResult } from './report-unit.ts'

/** Something that a report says otherwise than the evidence or the methodology has it. */
export interface Difference {
  readonly code: DifferenceCode
  /** The input or output. */
  readonly name: string
  readonly row: number
  readonly said: string
  readonly found: string
}

export type DifferenceCode =
  | 'E_REPORT_TOTAL'
  | 'E_REPORT_VALUE'
  | 'E_REPORT_OUTPUT'
  | 'E_REPORT_TRACE'
  | 'E_REPORT_METHODOLOGY'

/** What a report comes to when it is done again (复算). */
export interface Recomputed extends Recalculated {
  readonly traceCid: CID
  readonly differences: readonly Difference[]
}

/** What the evidence behind a report says; undefined where it is not at hand, and then what the report says is taken. */
export interface ReportEvidence {
  readonly totalOf: (origin: TotalOrigin) => ProvenTotal | undefined
  readonly resultOf: (origin: ReportOrigin & { readonly kind: 'analysis' }) => AnalysisResult | undefined
}

/**
 * Does a report again: each total as it was proven, each value from its total, the methodology on the values, the outputs, the trace.
 * @param program from the very blocks that the report names ({@link programOf})
 * @throws TanlianError what `recalculate` throws: a report that cannot be done again
 */
export function recompute(report: Report, program: Program, evidence: ReportEvidence): Recomputed {
  const differences: Difference[] = []
  const differ = (code: DifferenceCode, name: string, row: number, said: string, found: string) => {
    if (said !== found) differences.push({ code, name, row, said, found })
  }
  differ('E_REPORT_METHODOLOGY', 'methodology', 0, String(report.methodology), String(program.methodology.cid))
  differ('E_REPORT_METHODOLOGY', 'factors', 0, report.factors.join(' '), factorsOf(program).join(' '))
  for (const input of report.inputs) {
    const { name, row, origin, value } = input
    if (origin.kind === 'total') {
      const said = { quantity: BigInt(origin.quantity), seconds: origin.seconds }
      const found = evidence.totalOf(origin) ?? said
      differ('E_REPORT_TOTAL', name, row, totalWords(origin, said), totalWords(origin, found))
      differ('E_REPORT_VALUE', name, row, value, totalText(program, input, said))
    }
    if (origin.kind === 'analysis')
      differ('E_REPORT_VALUE', name, row, canonical(value), resultText(program, input, evidence))
  }
  const made = recalculate(program, report)
  const length = Math.max(report.outputs.length, made.outputs.length)
  for (let at = 0; at < length; at++) {
    const [said, found] = [report.outputs[at], made.outputs[at]]
    differ('E_REPORT_OUTPUT', found?.[0] ?? said?.[0] ?? '', at, outputWords(said), outputWords(found))
  }
  const traceCid = made.blocks[0].cid
  differ('E_REPORT_TRACE', 'trace', 0, String(report.trace), String(traceCid))
  return { ...made, traceCid, differences }
}

/** A laboratory's value keeps the digits that it was written with, so values are compared, not texts. */
function canonical(value: string): string {
  return exactText(parseRatio(value))
}

function resultText(program: Program, input: ReportInput, evidence: ReportEvidence): string {
  const result = input.origin.kind === 'analysis' ? evidence.resultOf(input.origin) : undefined
  return result === undefined ? canonical(input.value) : valueOfResult(inputOf(program, input), result)
}

function totalWords({ type }: TotalOrigin, { quantity, seconds }: ProvenTotal): string {
  return `${toHex(type)} ${quantity} ${seconds} s`
}

function outputWords(output: OutputValue | undefined): string {
  return output === undefined ? '' : output.join(' ')
}
