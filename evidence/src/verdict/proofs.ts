import { equalBytes } from '../block.ts'
import { checkProof, type ProofAnswer } from '../check-proof.ts'
import type { Header, StreamItem } from '../form.ts'
import { decodeKey } from '../key.ts'
import type { Validity } from '../kind.ts'
import type { BatchProof, EvidencePackage } from '../package.ts'
import { locate, type Part } from '../question.ts'
import type { Evidence } from './entries.ts'
import { type BatchTotal, type OpenedReading, verdictError } from './form.ts'

/** What the proofs gave, gathered step by step. */
export interface Figures {
  readonly asked: number[]
  readonly series: BatchTotal[]
  readonly readings: OpenedReading[]
  readonly leaves: { readonly sequence: number; readonly key: Uint8Array; readonly bodyDigest: Uint8Array }[]
  streams: readonly StreamItem[]
  /** Readings inside the question that belong to no declared stream. */
  strangers: number
  /** Whether every proof held. */
  checked: boolean
}

export const emptyFigures = (): Figures => ({
  asked: [],
  series: [],
  readings: [],
  streams: [],
  leaves: [],
  strangers: 0,
  checked: false,
})

/** Each located batch has its proof, and each proof holds against its header's tree. */
export function checkProofs(pack: EvidencePackage, evidence: Evidence, figures: Figures) {
  if (!evidence.ok) return { ok: null, code: evidence.code }
  const { question } = pack
  figures.streams = [...evidence.declared.values()].filter((item) => isAsked(item, pack))
  const plan = locate(question, evidence.headers, evidence.declared.values())
  const left = [...pack.proofs]
  for (const { sequence, questions } of plan) {
    const header = evidence.bySequence.get(sequence) as Header
    figures.asked.push(sequence)
    for (const parts of questions) {
      const proof = left.shift()
      if (proof === undefined || proof.sequence !== sequence || !sameIntervals(proof, parts))
        throw verdictError(
          'E_VERDICT_PROOF_MISSING',
          `Batch ${sequence} was located for the question, and its proof is not in the package.`,
          { sequence },
        )
      const answer = checkProof(
        header.tree,
        { intervals: parts.map((part) => part.interval), mode: question.mode },
        proof.proof,
      )
      if (!answer.ok)
        throw verdictError(answer.code, `The proof of batch ${sequence} does not hold: ${answer.message}`, {
          sequence,
          ...answer.values,
        })
      collect(figures, header, parts, answer, question.mode)
    }
  }
  if (left.length > 0)
    throw verdictError('E_VERDICT_PROOF_UNUSED', 'The package holds a proof that the question does not call for.', {
      sequence: left[0]?.sequence ?? 0,
    })
  figures.checked = true
  return {
    ok: true,
    values: { proofs: pack.proofs.length, bytes: pack.proofs.reduce((sum, { proof }) => sum + proof.length, 0) },
  }
}

function collect(
  figures: Figures,
  header: Header,
  parts: readonly Part[],
  answer: ProofAnswer,
  mode: 'total' | 'readings',
) {
  for (const [at, part] of parts.entries()) {
    const total = answer.totals[at]
    if (total === undefined || total.count === 0) continue
    if ('gap' in part) figures.strangers += total.count
    else
      figures.series.push({
        sequence: header.sequence,
        from: header.from,
        to: header.to,
        type: part.type >>> 8,
        stream: part.stream,
        validity: part.validity,
        count: total.count,
        quantity: total.quantity,
        seconds: total.seconds,
      })
  }
  if (mode === 'total') return
  for (const leaf of answer.leaves) {
    const { type, stream, start } = decodeKey(leaf.key)
    figures.leaves.push({ sequence: header.sequence, key: leaf.key, bodyDigest: leaf.bodyDigest })
    figures.readings.push({
      sequence: header.sequence,
      type: type >>> 8,
      stream,
      validity: (type & 0xff) as Validity,
      start,
      seconds: leaf.seconds,
      quantity: leaf.quantity,
    })
  }
}

/** Nothing of the types asked lies outside the declared streams; of batches that are not in the package nobody can tell. */
export function checkComplete({ headers, entries }: EvidencePackage, figures: Figures) {
  if (!figures.checked) return { ok: null, code: 'E_VERDICT_PROOF_MISSING' }
  if (figures.strangers > 0)
    throw verdictError(
      'E_VERDICT_STRANGER',
      `${figures.strangers} readings of these types belong to no declared stream.`,
      { readings: figures.strangers },
    )
  const values = { batches: figures.asked.length, streams: figures.streams.length }
  return headers.length < entries.length ? { ok: null, code: 'E_VERDICT_NOT_GRANTED', values } : { ok: true, values }
}

function isAsked(item: StreamItem, pack: EvidencePackage): boolean {
  const { question } = pack
  if (question.streams !== undefined && !question.streams.includes(item.stream)) return false
  return question.types.some((prefix) =>
    [0, 1, 2].every((at) => prefix[at] === undefined || prefix[at] === ((item.type >>> (16 - 8 * at)) & 0xff)),
  )
}

function sameIntervals(proof: BatchProof, parts: readonly Part[]): boolean {
  return (
    proof.intervals.length === parts.length &&
    parts.every(({ interval }, at) => {
      const [lo, hi] = proof.intervals[at] as readonly [Uint8Array, Uint8Array]
      return equalBytes(lo, interval.lo) && equalBytes(hi, interval.hi)
    })
  )
}
