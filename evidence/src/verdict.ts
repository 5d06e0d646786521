import { refusalOf } from '@tanlian/units'
import { decodeEntry, recoverEntrySigner } from './entry.ts'
import type { EvidencePackage } from './package.ts'
import { type Address, toHex0x } from './typed-data.ts'
import { readAudits } from './verdict/audits.ts'
import { checkBodies } from './verdict/bodies.ts'
import { checkEntries, checkInclusionOf, checkLog, checkSignatures, readEvidence } from './verdict/entries.ts'
import { captureOf, delaysOf, sumTotals } from './verdict/figures.ts'
import type { ChainFacts, StepOutcome, Verdict, VerdictLine, VerdictStep } from './verdict/form.ts'
import { checkComplete, checkProofs, emptyFigures } from './verdict/proofs.ts'

export {
  type BatchTotal,
  type ChainFacts,
  type OpenedReading,
  type Total,
  VERDICT_STEPS,
  type Verdict,
  type VerdictLine,
  type VerdictStep,
} from './verdict/form.ts'

/**
 * Checks an opened evidence package (验证): recomputes every hash, signature, proof and sum, and compares with the chain where `chain`
 * is given, or at least with the checkpoint in the package where the log's own keys (`vkeys`) are. The rules come from here, never from the package: the questions are located anew and the proofs must be theirs (safety R3).
 */
export function checkPackage(pack: EvidencePackage, chain?: ChainFacts, vkeys: readonly string[] = []): Verdict {
  const lines: VerdictLine[] = []
  const line = (step: VerdictStep, check: () => StepOutcome) => {
    try {
      const { ok, code, values } = check()
      lines.push({ step, ok, ...(code === undefined ? {} : { code }), values: values ?? {} })
    } catch (error) {
      const refusal = refusalOf(error)
      lines.push({ step, ok: false, code: refusal.code, message: refusal.message, values: refusal.values ?? {} })
    }
  }
  const evidence = readEvidence(pack)
  line('log', () => checkLog(pack, chain, vkeys))
  line('entries', () => checkEntries(pack, evidence, chain))
  line('signatures', () => checkSignatures(pack, evidence, chain))
  line('inclusion', () => checkInclusionOf(pack))
  const figures = emptyFigures()
  line('proofs', () => checkProofs(pack, evidence, figures))
  line('complete', () => checkComplete(pack, figures))
  let frames: Verdict['frames'] = { signed: 0, unsigned: 0, absent: 0 }
  line('bodies', () => {
    const bodies = checkBodies(pack, evidence, figures)
    frames = bodies.frames
    return bodies
  })
  const restatements = evidence.ok ? evidence.headers.filter((header) => header.restates.length > 0) : []
  line('restatements', () => ({ ok: evidence.ok ? true : null, values: { restatements: restatements.length } }))
  const audits = readAudits(pack, evidence, figures.asked, chain)
  line('witnesses', () => audits)
  const failed = lines.some((item) => item.ok === false)
  const hidden = pack.entries.length - pack.headers.length
  return {
    status: failed ? 'failed' : chain === undefined ? 'unchecked' : hidden > 0 ? 'partial' : 'verified',
    lines,
    organization: pack.question.organization,
    asOf: { size: pack.log.size, block: pack.log.block },
    batches: { asked: figures.asked, all: pack.entries.length, hidden },
    totals: sumTotals(figures.series),
    series: figures.series,
    readings: figures.readings,
    streams: figures.streams,
    capture: captureOf(pack, figures),
    delaySeconds: delaysOf(pack, evidence, figures.asked),
    restatements: restatements.map((header) => ({ sequence: header.sequence, intervals: header.restates.length })),
    witnesses: audits.witnesses,
    frames,
  }
}

/** Who signed what in a package, so that a caller can ask the registry about each; entries whose signature is malformed are left out. */
export function signersOf(
  pack: EvidencePackage,
): { account: Address; organization: number; kind: number; sequence: number }[] {
  const domain = { chainId: pack.log.chain, verifyingContract: toHex0x(pack.contracts.log) }
  const signed = [
    ...pack.entries.map((entry, at) => [entry, pack.signatures[at]] as const),
    ...pack.audits.map((audit) => [audit.entry, audit.signature] as const),
  ]
  return signed.flatMap(([bytes, signature]) => {
    if (signature === undefined) return []
    try {
      const entry = decodeEntry(bytes)
      const account = recoverEntrySigner(entry, domain, signature)
      return [{ account, organization: entry.organization, kind: entry.kind, sequence: entry.sequence }]
    } catch (error) {
      refusalOf(error)
      return []
    }
  })
}
