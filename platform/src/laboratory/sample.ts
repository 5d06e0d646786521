import type { SampleLife } from '@tanlian/accounting'
import { toHex } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'

/** How far a sample is on its way (样品状态): at the enterprise, handed over, received, received with its seal broken, analysed. */
export const SAMPLE_STATES = ['sealed', 'handed', 'received', 'broken', 'analysed'] as const
export type SampleState = (typeof SAMPLE_STATES)[number]

/** Samples that an organization took, or that were handed to it as a laboratory, the last taken first. */
export function samplesOf(
  { documents }: Pick<Instance, 'documents'>,
  organization: number,
  state: SampleState | undefined,
): SampleLife[] {
  return documents
    .list('sample')
    .flatMap(({ cid }) => documents.register.sample(cid) ?? [])
    .filter(
      (life) =>
        (life.organization === organization || life.handover?.content.laboratory === organization) &&
        (state === undefined || stateOf(life) === state),
    )
    .reverse()
}

/** The sample of any document of its chain. @throws TanlianError E_NOT_FOUND */
export function sampleOf({ documents }: Pick<Instance, 'documents'>, cid: CID): SampleLife {
  const life = documents.register.sample(cid)
  if (life === undefined) throw notFound()
  return life
}

/** A sample as JSON, with the text of its label's QR code: the CID leads to everything that was logged of it. */
export function sampleView(life: SampleLife) {
  const { cid, organization, time, content, handover, receipt, analysis } = life
  const { label, material, stream, period, taken, sealed, seal } = content
  return {
    cid: cid.toString(),
    organization,
    state: stateOf(life),
    label,
    material,
    stream,
    from: period[0],
    to: period[1],
    taken,
    sealed,
    seal,
    logged: time,
    qr: `tanlian:${cid}`,
    handover:
      handover === undefined
        ? null
        : { cid: handover.cid.toString(), laboratory: handover.content.laboratory, at: handover.content.at },
    receipt:
      receipt === undefined
        ? null
        : { cid: receipt.cid.toString(), at: receipt.content.at, intact: receipt.content.intact },
    analysis:
      analysis === undefined
        ? null
        : {
            cid: analysis.cid.toString(),
            number: analysis.content.number,
            analysed: analysis.content.analysed,
            logged: analysis.time,
            results: analysis.content.results.map(({ name, value, unit, method }) => ({ name, value, unit, method })),
            report: analysis.content.report === null ? null : toHex(analysis.content.report.digest),
          },
  }
}

function stateOf({ handover, receipt, analysis }: SampleLife): SampleState {
  if (analysis !== undefined) return 'analysed'
  if (receipt !== undefined) return receipt.content.intact ? 'received' : 'broken'
  return handover === undefined ? 'sealed' : 'handed'
}
