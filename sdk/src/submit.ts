import {
  cidFromDigest,
  type Entry,
  equalBytes,
  type LogDomain,
  recoverEntrySigner,
  signEntry,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Outbox, Receipt, SignedStatement } from './outbox.ts'

/** The head of an organization for one kind: sequence 0 and no digest before its first statement. */
export interface Head {
  readonly sequence: number
  readonly digest: Uint8Array | undefined
}

/** What the platform holds at a sequence: the digest and the signature that put it there. */
export interface Held {
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

/** How statements reach a platform; {@link platformGate} makes one from a client. */
export interface Gate {
  head(organization: number, kind: number): Promise<Head>
  /** Sends the signed bytes; the same bytes sent again give the same receipt. Throws E_SEQUENCE_HEAD when another statement is there. */
  send(statement: SignedStatement): Promise<Receipt>
  /** What holds a sequence, or undefined. */
  held(organization: number, kind: number, sequence: number): Promise<Held | undefined>
  /** Whether a key may sign for an organization at a sequence; best asked of a chain node. */
  keyValid(organization: number, key: `0x${string}`, kind: number, sequence: number): Promise<boolean>
}

/** Builds the statement for a place in the sequence: its entry and its CAR, by `numberBatch` and `batchCar` or from a document. */
export type Numbering = (sequence: number, previous: CID | null) => { readonly entry: Entry; readonly car: Uint8Array }

/** One sender for one organization and kind. */
export interface Submitter {
  /** Sends again what an earlier run signed and has no receipt for. @returns the receipts, with each statement's note. */
  resume(): Promise<readonly { readonly receipt: Receipt; readonly note: string }[]>
  /** Numbers, signs, keeps, sends. */
  submit(number: Numbering, note: string): Promise<Receipt>
}

/** How often a lost race for the head is run again. */
const TRIES = 12

/**
 * The care that a sequence needs (spec section 6): the signed bytes are kept before they are sent, the same bytes are sent again after a
 * crash, and another digest is signed for a sequence only once another statement, validly signed, is shown to hold it. What a platform
 * refuses for another reason stays signed and is sent again next time.
 * Codes: E_OUTBOX_CONFLICT, E_OUTBOX_HEAD_BEHIND, E_OUTBOX_BUSY, and the platform's.
 */
export function openSubmitter(options: {
  readonly gate: Gate
  readonly outbox: Outbox
  readonly log: LogDomain
  readonly organization: number
  readonly kind: Entry['kind']
  readonly key: Uint8Array
}): Submitter {
  const { gate, outbox, log, organization, kind, key } = options
  let known: Head | undefined

  /** Sends kept bytes. @returns the receipt, or undefined once the statement is proven to be out. */
  const deliver = async (statement: SignedStatement): Promise<Receipt | undefined> => {
    try {
      const receipt = await gate.send(statement)
      await outbox.settle(statement, receipt)
      known = { sequence: statement.entry.sequence, digest: statement.entry.digest }
      return receipt
    } catch (error) {
      if (!(error instanceof TanlianError) || error.code !== 'E_SEQUENCE_HEAD') throw error
      known = undefined
      const winner = await provenWinner(gate, log, statement, error)
      await outbox.abandon(statement, winner)
      return undefined
    }
  }

  return {
    async resume() {
      const done: { receipt: Receipt; note: string }[] = []
      for (const statement of await outbox.unsettled(organization, kind)) {
        const receipt = await deliver(statement)
        if (receipt !== undefined) done.push({ receipt, note: statement.note })
      }
      return done
    },
    async submit(number, note) {
      for (let attempt = 0; attempt < TRIES; attempt++) {
        const head = known ?? (await gate.head(organization, kind))
        const { entry, car } = number(head.sequence + 1, head.digest === undefined ? null : cidFromDigest(head.digest))
        const earlier = (await outbox.unsettled(organization, kind)).find(
          (kept) => kept.entry.sequence >= entry.sequence,
        )
        if (earlier !== undefined) throw conflict(earlier.entry, 'it has no receipt yet')
        const statement: SignedStatement = { entry, car, note, signature: signEntry(entry, log, key) }
        await outbox.save(statement)
        const receipt = await deliver(statement)
        if (receipt !== undefined) return receipt
      }
      throw new TanlianError(
        'E_OUTBOX_BUSY',
        `The head of organization ${organization} moved at each of ${TRIES} tries. Other machines are sending; try again later.`,
        { values: { organization, tries: TRIES } },
      )
    },
  }
}

/** The digest that holds the statement's sequence, after checking that a key of the organization signed it; otherwise throws. */
async function provenWinner(
  gate: Gate,
  log: LogDomain,
  statement: SignedStatement,
  cause: TanlianError,
): Promise<Uint8Array> {
  const { organization, kind, sequence } = statement.entry
  const held = await gate.held(organization, kind, sequence)
  if (held === undefined) {
    const head = await gate.head(organization, kind)
    if (head.sequence < sequence - 1) {
      throw new TanlianError(
        'E_OUTBOX_HEAD_BEHIND',
        `The platform's head of organization ${organization} is ${head.sequence}, but sequence ${sequence - 1} was acknowledged. Nothing was signed; ask the platform to restore it.`,
        { values: { organization, head: head.sequence, sequence }, cause },
      )
    }
    throw conflict(statement.entry, 'the platform shows nothing else at this sequence', cause)
  }
  // The same digest would be a receipt; a platform that answers otherwise contradicts itself.
  if (equalBytes(held.digest, statement.entry.digest))
    throw conflict(statement.entry, 'the platform holds it but gives no receipt', cause)
  const signer = recoverEntrySigner({ organization, kind, sequence, digest: held.digest }, log, held.signature)
  if (await gate.keyValid(organization, signer, kind, sequence)) return held.digest
  throw conflict(
    statement.entry,
    `what the platform shows there, ${toHex(held.digest)}, is signed by ${signer}, no key of the organization`,
    cause,
  )
}

function conflict({ organization, sequence, digest }: Entry, why: string, cause?: unknown): TanlianError {
  return new TanlianError(
    'E_OUTBOX_CONFLICT',
    `Statement ${toHex(digest).slice(0, 16)}… was signed for sequence ${sequence} of organization ${organization}, and ${why}. Send it again before signing another.`,
    { values: { organization, sequence, digest: toHex(digest), why }, cause },
  )
}
