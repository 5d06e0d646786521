import type { Entry } from '@tanlian/evidence'

/** A statement that this organization has signed: the entry, its signature and the blocks that it names. */
export interface SignedStatement {
  readonly entry: Entry
  /** 65 bytes. */
  readonly signature: Uint8Array
  /** The CAR whose root is the header or the document. */
  readonly car: Uint8Array
  /** What it is for, in the caller's own words (for example an import and the place of a batch in it); never sent. */
  readonly note: string
}

/**
 * Where signed bytes are kept from before they are sent until their receipt is kept (safety R27, R28). Each promise resolves only once
 * the change would survive a power cut. Two sequences of one organization and kind never exist here unsettled at once.
 */
export interface Outbox {
  /** Keeps a statement as signed and not yet receipted. */
  save(statement: SignedStatement): Promise<void>
  /** Statements without a receipt, by sequence. Codes: E_OUTBOX_DAMAGED. */
  unsettled(organization: number, kind: number): Promise<readonly SignedStatement[]>
  /** The platform holds it: keeps the receipt, lets the bytes go. */
  settle(statement: SignedStatement, receipt: Receipt): Promise<void>
  /** Another digest holds this sequence, so this statement can never be in: lets it go, keeping the digest on record. */
  abandon(statement: SignedStatement, winner: Uint8Array): Promise<void>
}

/** What a platform promises in writing when it has synced a statement (回执). */
export interface Receipt {
  readonly organization: number
  readonly kind: number
  readonly sequence: number
  /** Hex. */
  readonly digest: string
  /** Unix seconds. */
  readonly received: number
  /** Bytes of the CAR. */
  readonly size: number
  /** Seconds within which the entry is appended to the log. */
  readonly promise: number
  /** Hex of the platform's receipt key, Ed25519, and of its signature. */
  readonly key: string
  readonly signature: string
  readonly [more: string]: unknown
}

/** An outbox that forgets at the end of the process: for a statement that is made and sent in one breath, and for tests. */
export function memoryOutbox(): Outbox & { readonly receipts: Receipt[] } {
  const kept = new Map<string, SignedStatement>()
  const receipts: Receipt[] = []
  const keyOf = ({ entry }: SignedStatement) => `${entry.organization}:${entry.kind}:${entry.sequence}`
  return {
    receipts,
    async save(statement) {
      kept.set(keyOf(statement), statement)
    },
    async unsettled(organization, kind) {
      return [...kept.values()]
        .filter(({ entry }) => entry.organization === organization && entry.kind === kind)
        .sort((a, b) => a.entry.sequence - b.entry.sequence)
    },
    async settle(statement, receipt) {
      kept.delete(keyOf(statement))
      receipts.push(receipt)
    },
    async abandon(statement) {
      kept.delete(keyOf(statement))
    },
  }
}
