import {
  compareKeys,
  decodeBlock,
  decodeEntry,
  decodeHeader,
  decodeKey,
  type EvidencePackage,
  encodeBlock,
  encodeKey,
  type Interval,
  type LogDomain,
  logRoot,
  multiproof,
  signEntry,
  toHex,
} from '@tanlian/evidence'
import { newPrivateKey } from '@tanlian/sdk'

/** The ways to cheat that the lab offers (篡改实验), in its order. */
export const TAMPERS = ['quantity', 'drop', 'reorder', 'time', 'signature', 'old-root', 'hide'] as const
/** One of {@link TAMPERS}. */
export type TamperName = (typeof TAMPERS)[number]

/** An altered package, and what was done to it in numbers that can be shown. */
export interface Tampered {
  readonly pack: EvidencePackage
  readonly values: Readonly<Record<string, string | number>>
}

/** An older state of the log, rebuilt from its public entries: what a liar would answer from. */
export interface OldLog {
  readonly size: number
  readonly block: number
  /** Leaf hashes of the log's first `size` entries. */
  readonly leaves: readonly Uint8Array[]
}

/** Changes the quantity of one reading, or of one branch, in the proof's own bytes. */
export function alterQuantity(pack: EvidencePackage): Tampered | undefined {
  return editEnd(pack, (end) => {
    const before = quantityOf(end)
    const after = before >= 1000 ? Math.floor(before * 0.9) : before + 1000
    return [withQuantity(end, after), { before, after }]
  })
}

/** Moves one reading an interval earlier, so that it would count in another window. */
export function moveTime(pack: EvidencePackage): Tampered | undefined {
  return editEnd(pack, (end) => {
    const { type, stream, start } = decodeKey(minOf(end))
    const moved = start - 900
    return [withMin(end, encodeKey(type, stream, moved)), { before: start, after: moved }]
  })
}

/** Takes one reading out of the proof and closes the gap. */
export function dropReading(pack: EvidencePackage): Tampered | undefined {
  return editPair(pack, ([left, right]) => [
    left,
    { start: decodeKey(minOf(right)).start, quantity: quantityOf(right) },
  ])
}

/** Swaps two neighbouring readings. */
export function reorder(pack: EvidencePackage): Tampered | undefined {
  return editPair(pack, ([left, right]) => [[right, left], { start: decodeKey(minOf(left)).start }])
}

/** Signs the first entry with a key that nobody registered. */
export function forgeSignature(pack: EvidencePackage): Tampered | undefined {
  const entry = pack.entries[0]
  if (entry === undefined) return undefined
  const domain: LogDomain = { chainId: pack.log.chain, verifyingContract: `0x${toHex(pack.contracts.log)}` }
  const signature = signEntry(decodeEntry(entry), domain, newPrivateKey())
  return { pack: { ...pack, signatures: pack.signatures.with(0, signature) }, values: { sequence: 1 } }
}

/** Leaves out a batch that the answer rests on, with its header, entry, signature and proofs. */
export function hideBatch(pack: EvidencePackage): Tampered | undefined {
  const sequence = pack.proofs[0]?.sequence
  if (sequence === undefined) return undefined
  const without = <T>(items: readonly T[]) => items.toSpliced(sequence - 1, 1)
  return {
    pack: {
      ...pack,
      headers: without(pack.headers),
      entries: without(pack.entries),
      signatures: without(pack.signatures),
      anchors: without(pack.anchors),
      inclusion: { ...pack.inclusion, indexes: without(pack.inclusion.indexes) },
      proofs: pack.proofs.filter((proof) => proof.sequence !== sequence),
      bodies: pack.bodies.filter((body) => body.sequence !== sequence),
    },
    values: { sequence },
  }
}

/** Answers as of an older log, before the last batch: whole and consistent in itself, so that only the chain can tell. */
export function answerFromOldRoot(pack: EvidencePackage, old: OldLog): Tampered | undefined {
  const indexes = pack.inclusion.indexes.slice(0, pack.headers.length).filter((index) => index < old.size)
  const kept = indexes.length
  if (kept === 0 || kept === pack.headers.length) return undefined
  const used = new Set(pack.headers.slice(0, kept).map((block) => String(decodeHeader(block.bytes).streams)))
  const hashOf = (from: number, to: number) => logRoot(old.leaves.slice(from, to))
  return {
    pack: {
      ...pack,
      headers: pack.headers.slice(0, kept),
      entries: pack.entries.slice(0, kept),
      signatures: pack.signatures.slice(0, kept),
      anchors: pack.anchors.slice(0, kept),
      streams: pack.streams.filter((block) => used.has(String(block.cid))),
      proofs: pack.proofs.filter((proof) => proof.sequence <= kept),
      bodies: pack.bodies.filter((body) => body.sequence <= kept),
      audits: [],
      log: { ...pack.log, size: old.size, block: old.block, root: hashOf(0, old.size) },
      inclusion: { indexes, path: multiproof(indexes, old.size, hashOf) },
      checkpoint: '',
    },
    values: { before: pack.log.size, after: old.size },
  }
}

type End = Uint8Array | readonly [key: Uint8Array, quantity: number, seconds: number, body: Uint8Array]
type Inner = readonly [left: Proof, right: Proof]
type Proof = End | Inner

const isInner = (proof: Proof): proof is Inner => !(proof instanceof Uint8Array) && proof.length === 2
const minOf = (end: End) => (end instanceof Uint8Array ? end.subarray(0, 16) : end[0])
const quantityOf = (end: End) => (end instanceof Uint8Array ? Number(viewOf(end).getBigUint64(40)) : end[1])
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function withQuantity(end: End, quantity: number): End {
  if (!(end instanceof Uint8Array)) return [end[0], quantity, end[2], end[3]]
  const copy = end.slice()
  viewOf(copy).setBigUint64(40, BigInt(quantity))
  return copy
}

function withMin(end: End, key: Uint8Array): End {
  if (!(end instanceof Uint8Array)) return [key, end[1], end[2], end[3]]
  const copy = end.slice()
  copy.set(key, 0)
  return copy
}

/** Edits the first end of a proof that counts in the answer. */
function editEnd(pack: EvidencePackage, edit: (end: End) => [Proof, Tampered['values']]): Tampered | undefined {
  return editProof(pack, (node, intervals) =>
    !isInner(node) && isInside(minOf(node), intervals) ? edit(node) : undefined,
  )
}

/** Edits the first inner node whose children are both ends that count. */
function editPair(
  pack: EvidencePackage,
  edit: (pair: readonly [End, End]) => [Proof, Tampered['values']],
): Tampered | undefined {
  return editProof(pack, (node, intervals) => {
    if (!isInner(node)) return undefined
    const [left, right] = node
    if (isInner(left) || isInner(right)) return undefined
    return isInside(minOf(left), intervals) && isInside(minOf(right), intervals) ? edit([left, right]) : undefined
  })
}

function isInside(key: Uint8Array, intervals: readonly Interval[]): boolean {
  return intervals.some(({ lo, hi }) => compareKeys(lo, key) <= 0 && compareKeys(key, hi) <= 0)
}

function editProof(
  pack: EvidencePackage,
  edit: (node: Proof, intervals: readonly Interval[]) => [Proof, Tampered['values']] | undefined,
): Tampered | undefined {
  for (const [index, { sequence, intervals, proof }] of pack.proofs.entries()) {
    const asked = intervals.map(([lo, hi]) => ({ lo, hi }))
    let values: Tampered['values'] | undefined
    const walk = (node: Proof): Proof => {
      if (values !== undefined) return node
      const edited = edit(node, asked)
      if (edited !== undefined) {
        values = { sequence, ...edited[1] }
        return edited[0]
      }
      return isInner(node) ? [walk(node[0]), walk(node[1])] : node
    }
    const altered = walk(decodeBlock(proof) as Proof)
    if (values === undefined) continue
    const proofs = pack.proofs.with(index, { sequence, intervals, proof: encodeBlock(altered).bytes })
    return { pack: { ...pack, proofs }, values }
  }
  return undefined
}
