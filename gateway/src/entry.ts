import { decodeBlock, encodeBlock } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Refusal } from './arrival.ts'
import { uncleared } from './frame.ts'

/** One thing that the journal remembers, in the order in which it happened. */
export type Entry = MessageEntry | CorrectionEntry | RefusedEntry | TickEntry | ClosedEntry | SentEntry

/** A message; a conflict is kept beside the first of its name and never used (safety S2). */
export interface MessageEntry {
  readonly kind: 'frame' | 'conflict'
  readonly receivedMs: number
  readonly rank: number
  /** Digest of device and name, 16 bytes. */
  readonly name: Uint8Array
  /** Digest of what a repeat must say again, 16 bytes. */
  readonly content: Uint8Array
  /** The frame block of the evidence, byte for byte. */
  readonly block: Uint8Array
}

/** A correction by a person; its frame block's bytes are its JSON. */
export interface CorrectionEntry {
  readonly kind: 'correction'
  readonly receivedMs: number
  readonly block: Uint8Array
}

/** Bytes that could not be used. */
export interface RefusedEntry {
  readonly kind: 'refused'
  readonly refusal: Refusal
}

/** The gateway's clock where no message told the time: gaps and windows go by it. */
export interface TickEntry {
  readonly kind: 'tick'
  readonly ms: number
}

/** A window's draft is on disk: what it says is fixed from here on. */
export interface ClosedEntry {
  readonly kind: 'closed'
  readonly window: number
  /** The last position that the fold had taken in. */
  readonly through: number
  /** SHA-256 of the file with the draft and the state. */
  readonly digest: Uint8Array
}

/** A window's batch has its receipt, or it had none to send: what lies before `through` may go when room is wanted. */
export interface SentEntry {
  readonly kind: 'sent'
  readonly window: number
  readonly through: number
  /** Null where the window had no readings. */
  readonly sequence: number | null
}

const CODES = { frame: 1, conflict: 2, refused: 3, tick: 4, closed: 5, sent: 6, correction: 7 } as const
const KINDS = new Map(Object.entries(CODES).map(([kind, code]) => [code, kind as Entry['kind']]))

/** Bytes before a message's block: kind, received, rank, name, content. */
const MESSAGE_HEAD = 1 + 8 + 8 + 16 + 16

/** An entry as bytes: the kind, then a message in fixed places or anything else as DAG-CBOR. */
export function encodeEntry(entry: Entry): Uint8Array {
  if (entry.kind !== 'frame' && entry.kind !== 'conflict') {
    const { kind, ...rest } = entry
    const { bytes } = encodeBlock('refusal' in rest ? refusedFields(rest.refusal) : rest)
    const out = new Uint8Array(1 + bytes.length)
    out[0] = CODES[kind]
    out.set(bytes, 1)
    return out
  }
  const out = uncleared(MESSAGE_HEAD + entry.block.length)
  const view = new DataView(out.buffer, out.byteOffset)
  out[0] = CODES[entry.kind]
  view.setFloat64(1, entry.receivedMs)
  view.setFloat64(9, entry.rank)
  out.set(entry.name, 17)
  out.set(entry.content, 33)
  out.set(entry.block, MESSAGE_HEAD)
  return out
}

/** Reads an entry that {@link encodeEntry} wrote; byte strings of a message are views. @throws TanlianError E_JOURNAL_DAMAGED */
export function decodeEntry(bytes: Uint8Array): Entry {
  const kind = KINDS.get(bytes[0] as (typeof CODES)[keyof typeof CODES])
  if (kind === 'frame' || kind === 'conflict') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return {
      kind,
      receivedMs: view.getFloat64(1),
      rank: view.getFloat64(9),
      name: bytes.subarray(17, 33),
      content: bytes.subarray(33, MESSAGE_HEAD),
      block: bytes.subarray(MESSAGE_HEAD),
    }
  }
  if (kind === undefined)
    throw new TanlianError(
      'E_JOURNAL_DAMAGED',
      `The journal has an entry of kind ${bytes[0]}, which this version does not know.`,
      {
        values: { kind: bytes[0] ?? null },
      },
    )
  const value = decodeBlock(bytes.subarray(1)) as Record<string, unknown>
  if (kind !== 'refused') return { kind, ...value } as Entry
  const refusal = value as unknown as Refusal & { readonly device: string | null }
  return { kind, refusal: { ...refusal, device: refusal.device ?? undefined } }
}

/** DAG-CBOR knows no undefined. */
function refusedFields({ device, ...rest }: Refusal): object {
  return { ...rest, device: device ?? null }
}
