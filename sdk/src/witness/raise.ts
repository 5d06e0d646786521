import { checkEquivocation, cidOf, type Equivocation, encodeEquivocation, type Proven } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Client } from '../client.ts'
import { below, makeFolder, namesIn, readWanted, writeDurably } from '../node/files.ts'
import { oneAtATime } from './turn.ts'

/** A proof of equivocation with its name and what it proves. */
export interface KeptProof {
  readonly cid: string
  readonly bytes: Uint8Array
  readonly proves: Proven
}

/** Keeps proofs of equivocation for everybody to fetch, and hands them over (S9). What it has once kept counts in every later run. */
export interface Raiser {
  /** Takes a contradiction in; one that does not hold, or that is known, changes nothing. */
  add(proof: Equivocation): void
  /** Takes it in and keeps it on the disk. @returns whether it holds */
  keep(proof: Equivocation): Promise<boolean>
  /** Keeps what was taken in on the disk. */
  flush(): Promise<void>
  /** Does the same, and hands each proof to the platform. Codes: the platform's. */
  raise(): Promise<void>
  /** The proof that this key of a log signed two histories; undefined where there is none. */
  convicted(vkey: string): string | undefined
  readonly proofs: ReadonlyMap<string, KeptProof>
}

/** Opens the proofs in `equivocations/`; they stay there whatever the platform says to them. */
export async function openRaiser(folder: string, client: Client): Promise<Raiser> {
  const place = below(folder, 'equivocations')
  await makeFolder(place)
  const proofs = new Map<string, KeptProof>()
  const unkept = new Set<string>()
  // After a start each is handed over again: this costs the platform nothing, and an earlier run may have been killed before it did.
  const waiting = new Set<string>()
  const take = (bytes: Uint8Array): string | undefined => {
    const cid = cidOf(bytes).toString()
    if (proofs.has(cid)) return cid
    const proves = checkEquivocation(bytes)
    if (!proves.ok) return undefined
    proofs.set(cid, { cid, bytes, proves })
    waiting.add(cid)
    return cid
  }
  const inTurn = oneAtATime()
  const flush = () =>
    inTurn(async () => {
      for (const cid of unkept) {
        await writeDurably(below(place, `${cid}.cbor`), (proofs.get(cid) as KeptProof).bytes)
        unkept.delete(cid)
      }
    })
  const add = (proof: Equivocation) => {
    const known = proofs.size
    const cid = take(encodeEquivocation(proof))
    if (cid !== undefined && proofs.size > known) unkept.add(cid)
    return cid !== undefined
  }
  for (const name of await namesIn(place)) if (name.endsWith('.cbor')) take(await readWanted(below(place, name)))
  return {
    proofs,
    add,
    flush,
    async keep(proof) {
      const holds = add(proof)
      await flush()
      return holds
    },
    async raise() {
      await flush()
      for (const cid of waiting) {
        await handOver(client, (proofs.get(cid) as KeptProof).bytes)
        waiting.delete(cid)
      }
    },
    convicted: (vkey) =>
      [...proofs.values()].find(({ proves }) => proves.kind === 'checkpoints' && proves.vkey === vkey)?.cid,
  }
}

/** A proof about another log is not the platform's business; whoever wants it asks the witness. */
async function handOver(client: Client, bytes: Uint8Array): Promise<void> {
  try {
    await client.http.send('/v1/equivocations', {
      method: 'POST',
      bytes,
      headers: { 'content-type': 'application/vnd.ipld.dag-cbor' },
    })
  } catch (error) {
    if (!(error instanceof TanlianError) || error.code !== 'E_EQUIVOCATION_FOREIGN') throw error
  }
}
