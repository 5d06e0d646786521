import { checkEquivocation, cidOf, type Equivocation, encodeEquivocation } from '@tanlian/evidence'
import type { Client } from '../client.ts'
import { below, createDurably, makeFolder } from '../node/files.ts'

/** Keeps proofs of equivocation and hands them over (S9). */
export interface Raiser {
  /** Takes a contradiction in; one that does not hold, or that is known, changes nothing. */
  add(proof: Equivocation): void
  /** Keeps what was taken in on the disk, and hands it to the platform. Codes: the platform's. */
  raise(): Promise<void>
  /** Proofs that this process made. */
  readonly count: number
}

/** Makes a raiser; proofs stay in `equivocations/` whatever the platform says to them. */
export function createRaiser(folder: string, client: Client): Raiser {
  const place = below(folder, 'equivocations')
  const proofs = new Map<string, Uint8Array>()
  const known = new Set<string>()
  return {
    add(proof) {
      const bytes = encodeEquivocation(proof)
      const cid = cidOf(bytes).toString()
      if (known.has(cid) || !checkEquivocation(bytes).ok) return
      known.add(cid)
      proofs.set(cid, bytes)
    },
    async raise() {
      for (const [cid, bytes] of proofs) {
        await makeFolder(place)
        await createDurably(below(place, `${cid}.cbor`), bytes)
        await client.http.send('/v1/equivocations', {
          method: 'POST',
          bytes,
          headers: { 'content-type': 'application/vnd.ipld.dag-cbor' },
        })
        proofs.delete(cid)
      }
    },
    get count() {
      return known.size
    },
  }
}
