import { type Outcome, type Program, recalculate, type Trace } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import { type DraftInput, reportInputOf } from './input.ts'

/** A line of a report: the methodology's output, rounded once, as it says. */
export interface OutputLine {
  readonly name: string
  readonly zh: string
  readonly en: string
  readonly value: string
  readonly unit: string
  readonly gas: string | null
  readonly scope: string | null
  /** `remainder`: what the lines lost by rounding against the total before it (S15). */
  readonly role: 'line' | 'total' | 'intensity' | 'note' | 'remainder'
}

/** An input that the methodology needs and nobody gave; of a group the row that lacks it. */
export interface MissingInput {
  readonly name: string
  readonly group: string | null
  readonly row: number
}

/** What a draft comes to. */
export interface Computed {
  readonly outcome: Outcome | undefined
  readonly trace: Trace | undefined
  /** Null while something is missing or does not compute. */
  readonly outputs: OutputLine[] | null
  readonly missing: MissingInput[]
  /** Checks of the methodology that do not hold, with the rows. */
  readonly checks: { name: string; zh: string; en: string; severity: 'info' | 'question' | 'error'; rows: number[] }[]
  /** Why it does not compute. */
  readonly problem: { code: string; message: string } | null
}

/** Runs the methodology on what is there (核算). Whatever keeps it from an outcome is part of the answer, not an error. */
export function compute(
  program: Program,
  period: readonly [from: number, to: number],
  inputs: readonly DraftInput[],
): Computed {
  const missing = missingOf(program, inputs)
  if (missing.length > 0)
    return { outcome: undefined, trace: undefined, outputs: null, missing, checks: [], problem: null }
  try {
    const { outcome, outputs, trace } = recalculate(program, { period, inputs: inputs.map(reportInputOf) })
    return { outcome, trace, outputs: linesOf(program, outputs), missing, checks: brokenChecks(outcome), problem: null }
  } catch (error) {
    if (!(error instanceof TanlianError)) throw error
    const { code, message } = error
    return { outcome: undefined, trace: undefined, outputs: null, missing, checks: [], problem: { code, message } }
  }
}

/** Outputs of a report with the methodology's words for them. */
export function linesOf(
  { methodology }: Program,
  outputs: readonly (readonly [name: string, value: string, unit: string])[],
): OutputLine[] {
  const equations = new Map(methodology.equations.map((one) => [one.name, one.words]))
  const roles = new Map(methodology.outputs.map((one) => [one.equation, one]))
  return outputs.map(([name, value, unit]) => {
    const [of = '', remainder] = name.split('.')
    const { zh = name, en = name } = equations.get(of) ?? {}
    const output = roles.get(of)
    return {
      name,
      ...(remainder === undefined
        ? { zh, en }
        : { zh: `${zh}：分项修约之差`, en: `${en}: what rounding the lines left over` }),
      value,
      unit,
      gas: output?.gas ?? null,
      scope: output?.scope ?? null,
      role: remainder === undefined ? (output?.role ?? 'note') : 'remainder',
    }
  })
}

function brokenChecks({ checks }: Outcome): Computed['checks'] {
  return checks
    .filter(({ rows }) => rows.length > 0)
    .map(({ check: { name, words, severity }, rows }) => ({ name, ...words, severity, rows: [...rows] }))
}

function missingOf({ methodology }: Program, inputs: readonly DraftInput[]): MissingInput[] {
  const given = new Set(inputs.map(({ name, group, row }) => `${group ?? ''}/${row}/${name}`))
  const rows = new Map<string, number>()
  for (const { group, row } of inputs) if (group !== null) rows.set(group, Math.max(rows.get(group) ?? 0, row + 1))
  return methodology.inputs
    .filter(({ optional }) => !optional)
    .flatMap(({ name, group }) =>
      Array.from({ length: group === undefined ? 1 : (rows.get(group) ?? 0) }, (_, row) => ({
        name,
        group: group ?? null,
        row,
      })),
    )
    .filter(({ name, group, row }) => !given.has(`${group ?? ''}/${row}/${name}`))
}
