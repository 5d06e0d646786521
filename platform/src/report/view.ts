import type { Instance } from '../instance.ts'
import { figuresOf, type StreamFigures } from '../series/figures.ts'
import { type Computed, compute } from './compute.ts'
import type { Draft } from './draft.ts'
import { type FindingView, findingsOf } from './finding.ts'
import { reportInputOf } from './input.ts'
import { findProgram } from './program.ts'

/** A draft with what it comes to, and how the data that it rests on was collected. */
export interface DraftView {
  readonly head: ReturnType<typeof headOf>
  readonly draft: Draft
  readonly computed: Computed
  /** Of the period: each stream that a total of the draft is of. */
  readonly collection: StreamFigures[]
}

/** Computes a draft and looks at what is behind it. Nothing of it is stored. */
export async function viewOf(instance: Instance, draft: Draft): Promise<DraftView> {
  const [{ program }, figures] = await Promise.all([
    findProgram(instance, draft.methodology),
    figuresOf(instance, draft.organization, { from: draft.from, to: draft.to }),
  ])
  return {
    head: headOf(draft),
    draft,
    computed: compute(program, [draft.from, draft.to], draft.inputs),
    collection: figures.filter((stream) => isUsed(draft, stream)),
  }
}

/** What cross-checks ask about a draft as it stands. */
export async function findingsOfDraft(instance: Instance, draft: Draft): Promise<FindingView[]> {
  const { organization, inputs, from, to } = draft
  const { program } = await findProgram(instance, draft.methodology)
  const { outcome, outputs } = compute(program, [from, to], inputs)
  const checked = {
    ...draft,
    period: [from, to] as const,
    inputs: inputs.map(reportInputOf),
    outputs: outputs?.map(({ name, value, unit }) => [name, value, unit] as const) ?? [],
  }
  return findingsOf(instance, organization, program, checked, outcome)
}

/** What lists show of a draft. */
export function headOf(draft: Draft) {
  const { id, organization, type, subject, period, zone, from, to, reason, version } = draft
  return {
    id,
    organization,
    type,
    subject,
    period,
    zone,
    from,
    to,
    methodology: draft.methodology.toString(),
    corrects: draft.corrects?.toString() ?? null,
    reason,
    version,
    created: new Date(draft.createdMs).toISOString(),
    changed: new Date(draft.changedMs).toISOString(),
  }
}

function isUsed({ inputs }: Draft, { stream, type }: StreamFigures): boolean {
  return inputs.some(
    ({ origin }) =>
      origin.kind === 'total' &&
      type.startsWith(origin.type.slice(0, 6)) &&
      (origin.streams === null || origin.streams.includes(stream)),
  )
}
