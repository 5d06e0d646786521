import type { ReportStage } from '@tanlian/accounting'
import type { Instance } from '../instance.ts'
import { figuresOf, type StreamFigures } from '../series/figures.ts'
import { type Comparison, compareWithLastYear } from './compare.ts'
import { type Computed, compute } from './compute.ts'
import type { Draft } from './draft.ts'
import { type FindingView, findingsOf } from './finding.ts'
import { reportInputOf } from './input.ts'
import { findProgram } from './program.ts'
import { type WitnessesBelow, witnessesBelow } from './submission.ts'

/** A draft with what it comes to, and how the data that it rests on was collected. */
export interface DraftView {
  readonly head: ReturnType<typeof headOf>
  readonly draft: Draft
  readonly computed: Computed
  /** Of the period: each stream that a total of the draft is of. */
  readonly collection: StreamFigures[]
  /** How the batches below it are witnessed as of now (S7). */
  readonly witnesses: WitnessesBelow
  /** Against the year before, once it computes. */
  readonly comparison: Comparison | null
  /** The report of its subject and period that counts now: a further one corrects it, and a locked one first needs to be reopened. */
  readonly latest: { readonly cid: string; readonly stage: ReportStage; readonly locked: boolean } | null
}

/** Computes a draft and looks at what is behind it. Nothing of it is stored. */
export async function viewOf(instance: Instance, draft: Draft): Promise<DraftView> {
  const { organization, from, to, type, subject, zone } = draft
  const period = [from, to] as const
  const inputs = draft.inputs.map(reportInputOf)
  const [{ program }, figures, witnesses] = await Promise.all([
    findProgram(instance, draft.methodology),
    figuresOf(instance, organization, { from, to }),
    witnessesBelow(instance, organization, { inputs, size: instance.log.size }),
  ])
  const computed = compute(program, period, draft.inputs)
  const outputs = computed.outputs?.map(({ name, value, unit }) => [name, value, unit] as const)
  const latest = instance.documents.register.latest(organization, { subject, type, period })
  return {
    head: headOf(draft),
    draft,
    computed,
    collection: figures.filter((stream) => isUsed(draft, stream)),
    witnesses,
    comparison:
      outputs === undefined
        ? null
        : (compareWithLastYear(instance, organization, { subject, type, period, zone }, outputs) ?? null),
    latest: latest === undefined ? null : { cid: latest.cid.toString(), stage: latest.stage, locked: latest.locked },
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
