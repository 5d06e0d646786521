import { utf8ToBytes } from '@noble/hashes/utils.js'
import { refusalOf, TanlianError } from '@tanlian/units'
import { decodeBlock, encodeBlock, equalBytes } from './block.ts'
import { decodeEntry, type Entry, encodeEntry, type LogDomain } from './entry.ts'
import { compareKeys } from './key.ts'
import { fromHex0x, toHex0x } from './typed-data.ts'

/** First words of a proof of equivocation. */
export const EQUIVOCATION_FORMAT = 'tanlian/equivocation/1'

/** A proof of equivocation is small; longer bytes are not read. */
export const EQUIVOCATION_MAX_BYTES = 64 * 1024

/**
 * Two signed statements of one signer that cannot both be true (safety S9): one file that anyone checks without asking anybody. Its form is
 * in `docs/spec/equivocation.md`.
 */
export type Equivocation =
  | {
      /** Two digests for one place in an organization's sequence. */
      readonly kind: 'entries'
      readonly log: LogDomain
      readonly entries: Pair<Entry>
      readonly signatures: Pair<Uint8Array>
    }
  | {
      /** Two receipts of a platform for one place. The bytes are what it signed, without and with its key's signature. */
      readonly kind: 'receipts'
      readonly key: Uint8Array
      readonly receipts: Pair<Uint8Array>
      readonly signatures: Pair<Uint8Array>
    }
  | {
      /** Two checkpoints of a log, or two cosignatures of a witness: of one size with two roots, or two sizes that differ in one entry. */
      readonly kind: 'checkpoints'
      readonly vkey: string
      readonly notes: Pair<string>
      readonly difference: Difference | null
    }

/** The two sides of a contradiction. */
export type Pair<T> = readonly [T, T]

/** One place of the log, what either checkpoint has there, and the path from it to either root. */
export interface Difference {
  readonly index: number
  readonly leaves: Pair<Uint8Array>
  readonly paths: Pair<readonly Uint8Array[]>
}

/** Writes a proof as its one block; the statement that comes first by its bytes stands first, so that one contradiction is one file. */
export function encodeEquivocation(proof: Equivocation): Uint8Array {
  return encodeBlock({ format: EQUIVOCATION_FORMAT, ...plainOf(inOrder(proof)) }).bytes
}

/** Whether bytes say of themselves that they are a proof of equivocation. */
export function isEquivocation(bytes: Uint8Array): boolean {
  if (bytes.length > EQUIVOCATION_MAX_BYTES) return false
  try {
    const value = decodeBlock(bytes)
    return typeof value === 'object' && value !== null && (value as { format?: unknown }).format === EQUIVOCATION_FORMAT
  } catch (error) {
    refusalOf(error)
    return false
  }
}

/** Opens a proof; nothing of its meaning is checked here. @throws TanlianError E_EQUIVOCATION_FORM, E_BLOCK_NOT_CANONICAL */
export function decodeEquivocation(bytes: Uint8Array): Equivocation {
  if (bytes.length > EQUIVOCATION_MAX_BYTES) throw formError(`it has more than ${EQUIVOCATION_MAX_BYTES} bytes`)
  const map = decodeBlock(bytes) as Record<string, unknown>
  const proof = readProof(map)
  if (!equalBytes(encodeEquivocation(proof), bytes)) throw formError('its fields are not exactly those, in their order')
  return proof
}

function readProof(map: Record<string, unknown>): Equivocation {
  if (typeof map !== 'object' || map === null || map.format !== EQUIVOCATION_FORMAT)
    throw formError(`its format is not ${EQUIVOCATION_FORMAT}`)
  switch (map.kind) {
    case 'entries':
      if (typeof map.chain !== 'number') throw formError('its chain is no number')
      return {
        kind: 'entries',
        log: { chainId: map.chain, verifyingContract: toHex0x(byteString(map.log, 20)) },
        entries: pair(map.entries, (item) => decodeEntry(byteString(item, 52))),
        signatures: pair(map.signatures, (item) => byteString(item, 65)),
      }
    case 'receipts':
      return {
        kind: 'receipts',
        key: byteString(map.key, 32),
        receipts: pair(map.receipts, (item) => byteString(item)),
        signatures: pair(map.signatures, (item) => byteString(item, 64)),
      }
    case 'checkpoints':
      if (typeof map.vkey !== 'string') throw formError('its vkey is no text')
      return {
        kind: 'checkpoints',
        vkey: map.vkey,
        notes: pair(map.notes, (item) => {
          if (typeof item !== 'string') throw formError('a note is no text')
          return item
        }),
        difference: map.difference === null ? null : readDifference(map.difference),
      }
    default:
      throw formError('its kind is not entries, receipts or checkpoints')
  }
}

function readDifference(value: unknown): Difference {
  if (typeof value !== 'object' || value === null) throw formError('its difference is no map')
  const { index, leaves, paths } = value as Record<string, unknown>
  if (typeof index !== 'number') throw formError('its index is no number')
  const hashes = (list: unknown) => {
    if (!Array.isArray(list)) throw formError('a path is no list')
    return list.map((hash) => byteString(hash, 32))
  }
  return { index, leaves: pair(leaves, (leaf) => byteString(leaf, 32)), paths: pair(paths, hashes) }
}

function plainOf(proof: Equivocation): Record<string, unknown> {
  if (proof.kind !== 'entries') return { ...proof }
  const { kind, log, entries, signatures } = proof
  return {
    kind,
    chain: log.chainId,
    log: fromHex0x(log.verifyingContract, 20),
    entries: entries.map(encodeEntry),
    signatures,
  }
}

function inOrder(proof: Equivocation): Equivocation {
  const keys: Pair<Uint8Array> =
    proof.kind === 'entries'
      ? [proof.entries[0].digest, proof.entries[1].digest]
      : proof.kind === 'receipts'
        ? proof.receipts
        : [utf8ToBytes(proof.notes[0]), utf8ToBytes(proof.notes[1])]
  if (compareKeys(keys[0], keys[1]) <= 0) return proof
  const swap = <T>([a, b]: Pair<T>): Pair<T> => [b, a]
  if (proof.kind === 'entries') return { ...proof, entries: swap(proof.entries), signatures: swap(proof.signatures) }
  if (proof.kind === 'receipts') return { ...proof, receipts: swap(proof.receipts), signatures: swap(proof.signatures) }
  const { difference } = proof
  return {
    ...proof,
    notes: swap(proof.notes),
    difference: difference && { ...difference, leaves: swap(difference.leaves), paths: swap(difference.paths) },
  }
}

function pair<T>(value: unknown, read: (item: unknown) => T): Pair<T> {
  if (!Array.isArray(value) || value.length !== 2) throw formError('a part is not a pair')
  return [read(value[0]), read(value[1])]
}

function byteString(value: unknown, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length))
    throw formError(`a part is not a byte string${length === undefined ? '' : ` of ${length}`}`)
  return value
}

function formError(why: string): TanlianError {
  return new TanlianError('E_EQUIVOCATION_FORM', `The file is no proof of equivocation: ${why}.`, { values: { why } })
}
