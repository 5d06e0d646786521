import { type Input, type Methodology, valueOfTotal } from '@tanlian/accounting'
import { fromHex } from '@tanlian/evidence'
import { periodWindow, type Window } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import type { DraftInput } from './input.ts'
import { type TotalQuestion, totalsOf } from './total.ts'

/** What a draft is of. */
export interface DraftScope {
  readonly organization: number
  /** `2025` or `2025-03`. */
  readonly period: string
  readonly zone: string
}

/** How the rows of groups are cut: one for the whole period, or one for each month of it. */
export type Split = 'month' | 'period'

/**
 * The inputs that proven totals can give (自动填报): each input that names types of evidence, and in a group a row for each kind of stream and
 * stretch of time. What has no reading is left open, and so shows as missing.
 */
export async function fillInputs(
  instance: Pick<Instance, 'db'>,
  methodology: Methodology,
  scope: DraftScope,
  split: Split,
): Promise<DraftInput[]> {
  const whole = periodWindow(scope.period, scope.zone)
  const windows = split === 'month' ? monthsOf(scope.period, scope.zone) : [whole]
  const declared = await instance.db
    .selectFrom('device_stream')
    .select('type')
    .distinct()
    .where('organization', '=', scope.organization)
    .orderBy('type')
    .execute()
  const types = declared.map(({ type }) => type.toString(16).padStart(6, '0'))
  const wished: { readonly input: Input; readonly row: number; readonly question: TotalQuestion }[] = []
  for (const input of methodology.inputs) {
    if (input.group === undefined) {
      const used = input.evidence.filter((prefix) => types.some((type) => type.startsWith(prefix)))
      const [type] = used
      // A sum over several prefixes has no one proof; a person says which of them it is.
      if (type !== undefined && used.length === 1)
        wished.push({ input, row: 0, question: { type, streams: null, ...whole } })
      continue
    }
    const own = types.filter((type) => input.evidence.some((prefix) => type.startsWith(prefix)))
    for (const [at, window] of windows.entries())
      for (const [place, type] of own.entries())
        wished.push({ input, row: at * own.length + place, question: { type, streams: null, ...window } })
  }
  const totals = await totalsOf(
    instance,
    scope.organization,
    wished.map(({ question }) => question),
  )
  return wished.flatMap(({ input, row, question }, at): DraftInput[] => {
    const total = totals[at]
    if (total === undefined || total.readings === 0 || input.unit === undefined) return []
    return [
      {
        name: input.name,
        group: input.group ?? null,
        row,
        value: valueOfTotal(input, { type: fromHex(question.type, question.type.length / 2) }, total),
        origin: { kind: 'total', ...question, quantity: String(total.quantity), seconds: total.seconds },
      },
    ]
  })
}

/** The months of a year, or the one month. */
export function monthsOf(period: string, zone: string): Window[] {
  if (period.length > 4) return [periodWindow(period, zone)]
  return Array.from({ length: 12 }, (_, month) => periodWindow(`${period}-${String(month + 1).padStart(2, '0')}`, zone))
}

/** What was filled before is filled anew; what people entered stays, but where it stood for a total that is there now. */
export function refill(before: readonly DraftInput[], filled: readonly DraftInput[]): DraftInput[] {
  const place = ({ name, group, row }: DraftInput) => `${group ?? ''}/${row}/${name}`
  const now = new Set(filled.map(place))
  return [...filled, ...before.filter((input) => input.origin.kind !== 'total' && !now.has(place(input)))]
}
