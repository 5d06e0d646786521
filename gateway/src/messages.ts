import { toHex } from '@tanlian/evidence'
import type { Entry } from './entry.ts'
import { readFrame } from './frame.ts'
import type { Journal } from './journal.ts'

/** A message as the journal keeps it (报文), whether a batch holds it or not. */
export interface KeptMessage {
  /** Its place in the journal. */
  readonly position: number
  /** `conflict`: another of its name came first; `refused`: it could not be used. */
  readonly kind: 'frame' | 'conflict' | 'correction' | 'refused'
  readonly receivedMs: number
  readonly device: string | null
  readonly protocol: string
  readonly counter: number | null
  /** Why it was refused, a code of docs/errors.md. */
  readonly code: string | null
  /** As received, hex. */
  readonly bytes: string
}

/** Entries that one question looks at, and messages that it gives: the rest is for the next. */
const MOST_LOOKED_AT = 50_000
const MOST = 100

/**
 * Finds messages in the journal from a position on: also those that are the source of no reading, and so in no batch.
 * @returns the position to go on from; null at the end
 */
export async function findMessages(
  journal: Journal,
  { from, device }: { readonly from: number; readonly device: string | undefined },
): Promise<{ readonly items: readonly KeptMessage[]; readonly next: number | null }> {
  const begin = Math.max(from, journal.state.first)
  const reader = journal.read(begin)
  const items: KeptMessage[] = []
  try {
    for (let placed = await reader.next(); placed !== undefined; placed = await reader.next())
      for (const { position, entry } of placed) {
        if (items.length === MOST || position - begin >= MOST_LOOKED_AT) return { items, next: position }
        const message = messageOf(position, entry)
        if (message !== undefined && (device === undefined || message.device === device)) items.push(message)
      }
    return { items, next: null }
  } finally {
    await reader.close()
  }
}

function messageOf(position: number, entry: Entry): KeptMessage | undefined {
  if (entry.kind === 'refused') {
    const { device = null, protocol, receivedMs, code, bytes } = entry.refusal
    return { position, kind: 'refused', receivedMs, device, protocol, counter: null, code, bytes: toHex(bytes) }
  }
  if (entry.kind !== 'frame' && entry.kind !== 'conflict' && entry.kind !== 'correction') return undefined
  const { kind, receivedMs } = entry
  const { device, protocol, counter = null, bytes } = readFrame(entry.block)
  return { position, kind, receivedMs, device, protocol, counter, code: null, bytes: toHex(bytes) }
}
