import { type Equivocation, fromHex, fromHex0x, type LogDomain, recoverEntrySigner } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Client } from '../client.ts'
import type { LogFile } from './log-file.ts'
import { doubleOf } from './source.ts'

/** Holds what the platform shows of each organization against the log, entry by entry (S9: two views). */
export interface Comparer {
  /** Looks at the entries that came since the last time. */
  compare(): Promise<void>
}

/** An entry that differs and carries a signature is proof that its signer signed twice; `onDouble` hears of it. */
export function createComparer(
  file: LogFile,
  client: Client,
  domain: LogDomain,
  onDouble: (proof: Equivocation) => void,
): Comparer {
  const compared = new Map<number, number>()
  return {
    async compare() {
      for (const organization of file.organizations()) {
        const places = file.places(organization, 1)
        const from = compared.get(organization) ?? 0
        if (from >= places.length) {
          // The chain may have gone back in between.
          compared.set(organization, places.length)
          continue
        }
        for await (const { sequence, digest, signature } of client.entries(organization, 1, from)) {
          const index = places[sequence - 1]
          if (index === undefined) break
          compared.set(organization, sequence)
          if (signature === null) continue
          const shown = { kind: 1, organization, sequence, digest: fromHex(digest, 32) } as const
          const double = doubleOf(
            await file.entry(index),
            { ...shown, index, block: 0, signature: fromHex0x(signature, 65) },
            domain,
          )
          if (double !== undefined && isSigned(double, domain)) onDouble(double)
        }
      }
    },
  }
}

/** A platform that shows another digest under a signature of nobody proves nothing against the organization. */
function isSigned(proof: Equivocation, domain: LogDomain): boolean {
  if (proof.kind !== 'entries') return true
  try {
    return (
      recoverEntrySigner(proof.entries[0], domain, proof.signatures[0]) ===
      recoverEntrySigner(proof.entries[1], domain, proof.signatures[1])
    )
  } catch (error) {
    if (error instanceof TanlianError) return false
    throw error
  }
}
