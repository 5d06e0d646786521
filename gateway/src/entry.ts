import { decodeBlock, encodeBlock } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Refusal } from './arrival.ts'
import { DIGEST_BYTES, type Digest } from './digest.ts'

/** One thing that the journal remembers, in the order in which it happened. */
export type Entry = MessageEntry | CorrectionEntry | RefusedEntry | TickEntry | ClosedEntry | SentEntry

/** A message; a conflict is kept beside the first of its name and never used (safety S2). */
export interface MessageEntry {
  readonly kind: 'frame' | 'conflict'
  readonly receivedMs: number
  readonly rank: number
  /** Of device and name. */
  readonly name: Digest
  /** Of what a repeat must say again. */
  readonly content: Digest
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
const NAME_AT = 1 + 8 + 8
const CONTENT_AT = NAME_AT + DIGEST_BYTES
const MESSAGE_HEAD = CONTENT_AT + DIGEST_BYTES

/** A message as bytes, everything in its fixed place: how many they are, and how they are put into a group. */
export function messageBytes({ block }: MessageEntry): number {
  return MESSAGE_HEAD + block.length
}

export function putMessage(into: Buffer, at: number, { kind, receivedMs, rank, name, content, block }: MessageEntry) {
  into[at] = CODES[kind]
  into.writeDoubleBE(receivedMs, at + 1)
  into.writeDoubleBE(rank, at + 9)
  into.write(name, at + NAME_AT, 'latin1')
  into.write(content, at + CONTENT_AT, 'latin1')
  into.set(block, at + MESSAGE_HEAD)
}

/** Any other entry as bytes: the kind, then DAG-CBOR. */
export function encodeNote(entry: Exclude<Entry, MessageEntry>): Uint8Array {
  const { kind, ...rest } = entry
  const { bytes } = encodeBlock('refusal' in rest ? refusedFields(rest.refusal) : rest)
  const out = new Uint8Array(1 + bytes.length)
  out[0] = CODES[kind]
  out.set(bytes, 1)
  return out
}

/** Reads an entry as it was written; a message's block is a view. @throws TanlianError E_JOURNAL_DAMAGED */
export function decodeEntry(bytes: Uint8Array): Entry {
  const kind = KINDS.get(bytes[0] as (typeof CODES)[keyof typeof CODES])
  if (kind === 'frame' || kind === 'conflict') {
    const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return {
      kind,
      receivedMs: from.readDoubleBE(1),
      rank: from.readDoubleBE(9),
      name: from.toString('latin1', NAME_AT, CONTENT_AT),
      content: from.toString('latin1', CONTENT_AT, MESSAGE_HEAD),
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
