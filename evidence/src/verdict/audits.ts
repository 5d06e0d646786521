import { refusalOf } from '@tanlian/units'
import { digestOf, equalBytes } from '../block.ts'
import { decodeEntry, ENTRY_DOCUMENT, recoverEntrySigner } from '../entry.ts'
import { decodeDocument, readAuditContent } from '../form.ts'
import type { AuditEvidence, EvidencePackage } from '../package.ts'
import { toHex0x } from '../typed-data.ts'
import { auditWords, type LoggedAudit, witnessesOf } from '../witness.ts'
import type { Evidence } from './entries.ts'
import { type ChainFacts, inKeys, type StepOutcome } from './form.ts'

/**
 * Organizations whose audits in the log hold every batch asked (spec section 6). What no outside witness holds, and what one fails, is said
 * and fails nothing here: anybody may audit, and whom to believe is for the reader.
 */
export function readAudits(
  pack: EvidencePackage,
  evidence: Evidence,
  asked: readonly number[],
  chain: ChainFacts | undefined,
): StepOutcome & { readonly witnesses: readonly number[] } {
  const words = auditWords(pack.audits.flatMap((audit) => readAudit(pack, audit, chain) ?? []))
  const entries = evidence.ok ? evidence.entries : []
  const found = asked.map((sequence) => {
    const entry = entries[sequence - 1]
    return entry === undefined ? { held: [], failed: [] } : witnessesOf(entry, words)
  })
  const [first] = found
  const witnesses = first === undefined ? [] : first.held.filter((one) => found.every(({ held }) => held.includes(one)))
  const failing = [...new Set(found.flatMap(({ failed }) => failed))].sort((a, b) => a - b)
  const audited = found.filter(({ held }) => held.length > 0).length
  const values = {
    witnesses: witnesses.length,
    organizations: witnesses.join(', '),
    audited,
    batches: asked.length,
    ...(failing.length === 0 ? {} : { failing: failing.join(', ') }),
  }
  if (failing.length > 0) return { ok: null, code: 'E_VERDICT_WITNESS_FAILS', values, witnesses }
  if (witnesses.length > 0) return { ok: true, values, witnesses }
  return { ok: null, code: audited > 0 ? 'E_VERDICT_PART_WITNESSED' : 'E_VERDICT_NO_WITNESS', values, witnesses }
}

/** An audit document that its organization signed; undefined for anything else, which is passed over. */
function readAudit(
  pack: EvidencePackage,
  audit: AuditEvidence,
  chain: ChainFacts | undefined,
): LoggedAudit | undefined {
  const domain = { chainId: pack.log.chain, verifyingContract: toHex0x(pack.contracts.log) }
  try {
    const entry = decodeEntry(audit.entry)
    const { organization, kind, content } = decodeDocument(audit.document.bytes)
    const account = recoverEntrySigner(entry, domain, audit.signature)
    const valid =
      chain?.keyValid(entry.organization, account, entry.kind, entry.sequence) ?? inKeys(audit.keys, account, entry)
    const fits =
      entry.kind === ENTRY_DOCUMENT &&
      organization === entry.organization &&
      kind === 'audit' &&
      equalBytes(entry.digest, digestOf(audit.document.cid))
    return valid && fits ? { organization, sequence: entry.sequence, content: readAuditContent(content) } : undefined
  } catch (error) {
    refusalOf(error)
    return undefined
  }
}
