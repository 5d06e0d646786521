import { refusalOf } from '@tanlian/units'
import { digestOf, equalBytes, toHex } from '../block.ts'
import { decodeEntry, ENTRY_DOCUMENT, type Entry, recoverEntrySigner } from '../entry.ts'
import { decodeDocument, readAuditContent } from '../form.ts'
import type { EvidencePackage } from '../package.ts'
import { toHex0x } from '../typed-data.ts'
import type { Evidence } from './entries.ts'
import { type ChainFacts, inKeys } from './form.ts'

/** Organizations whose audits in the log hold every batch asked (spec section 6). */
export function readAudits(
  pack: EvidencePackage,
  evidence: Evidence,
  asked: readonly number[],
  chain: ChainFacts | undefined,
) {
  const holders = new Map<number, Set<string>>()
  const domain = { chainId: pack.log.chain, verifyingContract: toHex0x(pack.contracts.log) }
  for (const audit of pack.audits) {
    try {
      const entry = decodeEntry(audit.entry)
      const document = decodeDocument(audit.document.bytes)
      const content = readAuditContent(document.content)
      const account = recoverEntrySigner(entry, domain, audit.signature)
      const valid =
        chain?.keyValid(entry.organization, account, entry.kind, entry.sequence) ?? inKeys(audit.keys, account, entry)
      if (
        !valid ||
        entry.kind !== ENTRY_DOCUMENT ||
        entry.organization === pack.question.organization ||
        document.organization !== entry.organization ||
        document.kind !== 'audit' ||
        !equalBytes(entry.digest, digestOf(audit.document.cid))
      )
        continue
      const holder = holders.get(entry.organization) ?? new Set<string>()
      holders.set(entry.organization, holder)
      for (const digest of content.held) holder.add(toHex(digest))
      // A later audit of the same organization that fails a batch takes it back.
      for (const [digest] of content.failed) holder.delete(toHex(digest))
    } catch (error) {
      refusalOf(error)
    }
  }
  const entries = evidence.ok ? evidence.entries : []
  const witnesses = [...holders]
    .filter(([, holder]) => asked.every((sequence) => holder.has(toHex((entries[sequence - 1] as Entry).digest))))
    .map(([organization]) => organization)
    .sort((a, b) => a - b)
  return asked.length > 0 && witnesses.length > 0
    ? {
        ok: true as boolean | null,
        values: { witnesses: witnesses.length, organizations: witnesses.join(', ') },
        witnesses,
      }
    : { ok: null, code: 'E_VERDICT_NO_WITNESS', values: { witnesses: 0 }, witnesses: [] as number[] }
}
