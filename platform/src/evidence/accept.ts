import {
  type Address,
  cidFromDigest,
  decodeDocument,
  decodeHeader,
  digestOf,
  ENTRY_BATCH,
  type Entry,
  encodeEntry,
  equalBytes,
  fromHex0x,
  type Header,
  recoverEntrySigner,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Transaction } from 'kysely'
import type { StoredBlock } from '../blocks.ts'
import { waitingRow } from '../chain/outbox-store.ts'
import { keepDocument } from '../document/documents.ts'
import { requireBlocks } from '../document/linked.ts'
import type { Instance } from '../instance.ts'
import { keepReaderKeys, requireOwnReaderKeys } from '../privacy/reader-keys.ts'
import { sealedBatchOf } from '../privacy/register.ts'
import type { Schema } from '../schema.ts'
import { requireDrawn } from '../verification/sample.ts'
import { peekRoot } from './peek.ts'
import type { Receipt } from './receipt.ts'
import { keepWitnessDocument } from './witness-audits.ts'
import type { Audited } from './worker.ts'

/** A signed statement as it comes in: the CAR of its blocks, the header or document first, and the entry's signature. */
export interface Statement {
  readonly kind: 1 | 2
  /** Handed over: the bytes are moved to the audit thread. */
  readonly car: Uint8Array<ArrayBuffer>
  /** 65 bytes. */
  readonly signature: Uint8Array
}

/**
 * Accepts a batch or a document (接收): limit, form, signature and key, place in the sequence, full audit, sync, and only then the receipt.
 * The head moves together with the state and the intent to append, in one transaction. The same bytes again give the same receipt (S2);
 * what is refused leaves nothing behind.
 * @throws TanlianError E_BATCH_SIZE, E_CAR_…, E_BLOCK_…, E_FORM…, E_ENTRY_FORM, E_SIGNATURE_…, E_KEY_REFUSED, E_ORGANIZATION_…,
 * E_SEQUENCE_HEAD, E_AUDIT_…, E_TREE_…, E_FRAME_MISSING, E_STORAGE_FULL, E_BUSY; of a document E_DOCUMENT_…, E_REGISTER_…, E_PLAN_….
 */
export async function acceptStatement(instance: Instance, statement: Statement): Promise<Receipt> {
  const { kind, car, signature } = statement
  const { limits } = instance.config
  if (!instance.chain.caughtUp)
    throw new TanlianError(
      'E_CHAIN_UNAVAILABLE',
      'The chain was not read yet since the start, so no sequence is certain. Try again in a moment.',
      {
        values: { retryAfterS: 2 },
      },
    )
  const limit = kind === ENTRY_BATCH ? limits.batchBytes : limits.documentBytes
  if (car.length > limit)
    throw new TanlianError(
      'E_BATCH_SIZE',
      `The CAR has ${car.length} bytes, at most ${limit} are taken. Send smaller batches.`,
      {
        values: { bytes: car.length, limit },
      },
    )
  const sizeBytes = car.length
  const root = peekRoot(car)
  const header = kind === ENTRY_BATCH ? decodeHeader(root.bytes) : undefined
  const document = header === undefined ? decodeDocument(root.bytes) : undefined
  const { organization, sequence, previous } = header ?? (document as NonNullable<typeof document>)
  const entry: Entry = { kind, organization, sequence, digest: digestOf(root.cid).slice() }
  const signer = recoverEntrySigner(entry, instance.chain.domain, signature)
  await requireKey(instance, entry, signer)

  return oneAtATime(instance, `${organization}/${kind}`, async () => {
    const same = await instance.db
      .selectFrom('accepted')
      .select(['digest', 'receipt'])
      .where('organization', '=', organization)
      .where('kind', '=', kind)
      .where('sequence', '=', sequence)
      .executeTakeFirst()
    if (same !== undefined && equalBytes(same.digest, entry.digest))
      return JSON.parse(Buffer.from(same.receipt).toString()) as Receipt
    const head = await headOf(instance, organization, kind)
    requireNext(entry, head)
    await requireChainAgrees(instance, entry, head)
    if (header === undefined) requirePrevious(entry, previous === null ? undefined : digestOf(previous), head)
    await instance.blocks.requireRoom(2 * sizeBytes)

    const audited = await audit(instance, entry, header, car)
    if (!audited.ok) {
      const { code, message, values = {} } = audited
      instance.events.emit('refused', { organization, code, values })
      throw new TanlianError(code, message, { values })
    }
    await requireFrames(instance, organization, audited)
    const blocks = blocksOf(audited)
    const stated =
      document === undefined || !instance.documents.knows(document.kind)
        ? undefined
        : { entry, document, receivedS: Math.floor(instance.clock() / 1000) }
    if (stated !== undefined) {
      await instance.documents.admit(stated)
      await requireBlocks(instance, stated.document, blocks)
      await requireDrawn(instance, stated.document)
    }
    if (document !== undefined) await requireOwnReaderKeys(instance, document)
    await instance.blocks.put(blocks)
    // S10: nothing is anchored that cannot be read back.
    for (const { digest } of blocks)
      if ((await instance.blocks.get(digest)) === undefined) {
        instance.fatal(`Block ${toHex(digest)} cannot be read back after it was synced.`)
        throw new TanlianError('E_STORAGE_DAMAGED', 'A block cannot be read back after it was synced.')
      }
    const { batch } = audited
    const sealed =
      batch === undefined || batch.sealed.length === 0
        ? undefined
        : sealedBatchOf(
            { organization, sequence, digest: entry.digest, index: batch.index, audited: batch.tree !== undefined },
            batch.sealed,
          )
    if (batch?.tree !== undefined) await instance.trees.keep(entry.digest, batch.tree, sealed !== undefined)

    const receivedMs = instance.clock()
    const receipt = instance.receipts.sign({ entry, receivedS: Math.floor(receivedMs / 1000), sizeBytes })
    const commit = async (trx: Transaction<Schema>) => {
      await moveHead(trx, { entry, previous: head?.digest, state: audited.batch?.state })
      await trx
        .insertInto('accepted')
        .values({
          kind,
          organization,
          sequence,
          digest: entry.digest,
          signature,
          signer: fromHex0x(signer, 20),
          received_s: receipt.received,
          size_bytes: sizeBytes,
          receipt: Buffer.from(JSON.stringify(receipt)),
          readings: audited.batch?.readings ?? 0,
          from_s: header?.from ?? null,
          to_s: header?.to ?? null,
          tree: header?.tree ?? null,
          document: document?.kind ?? null,
        })
        .execute()
      if (sealed !== undefined) await instance.privacy.register.write(trx, sealed, batch?.sealed ?? [])
      if (document !== undefined) {
        await keepWitnessDocument(trx, document)
        await keepReaderKeys(trx, document)
      }
      await trx
        .insertInto('intent')
        .values(
          waitingRow({
            id: intentId(entry),
            kind: 'entry',
            to: instance.chain.domain.verifyingContract,
            data: Buffer.concat([encodeEntry(entry), signature]),
            createdAtMs: receivedMs,
          }),
        )
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
      if (stated !== undefined) await keepDocument(trx, stated)
    }
    const transaction = () => instance.db.transaction().execute(commit)
    await (stated === undefined ? transaction() : instance.documents.enter(stated, transaction))
    if (sealed !== undefined) instance.privacy.register.remember(sealed)
    instance.chain.wake()
    const digest = toHex(entry.digest)
    instance.events.emit('accepted', {
      kind,
      organization,
      sequence,
      digest,
      count: sealed === undefined ? (batch?.readings ?? 0) : null,
      receivedMs,
    })
    return receipt
  })
}

/** The id of the wish to append an entry: one for each place in a sequence (S31). */
export function intentId({ kind, organization, sequence }: Pick<Entry, 'kind' | 'organization' | 'sequence'>): string {
  return `entry:${kind}:${organization}:${sequence}`
}

/** The last accepted entry of an organization; undefined before the first. */
export async function headOf(
  instance: Instance,
  organization: number,
  kind: number,
): Promise<{ readonly sequence: number; readonly digest: Uint8Array } | undefined> {
  return instance.db
    .selectFrom('accepted')
    .select(['sequence', 'digest'])
    .where('organization', '=', organization)
    .where('kind', '=', kind)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Whether the registry names the signer for this organization, kind and sequence, and lets its entries in now. */
export async function requireKey(instance: Instance, entry: Entry, signer: Address): Promise<void> {
  const { organization, kind, sequence } = entry
  const [party, key] = await Promise.all([
    instance.db
      .selectFrom('organization')
      .select(['suspended', 'platform'])
      .where('id', '=', organization)
      .executeTakeFirst(),
    instance.db
      .selectFrom('organization_key')
      .select(['organization', 'purpose', 'from_sequence', 'to_sequence'])
      .where('key', '=', fromHex0x(signer, 20))
      .executeTakeFirst(),
  ])
  const values = { organization, sequence, signer }
  if (party === undefined)
    throw new TanlianError(
      'E_ORGANIZATION_UNKNOWN',
      `The registry knows no organization ${organization}. Apply first.`,
      { values },
    )
  const valid =
    key !== undefined &&
    key.organization === organization &&
    key.purpose === kind &&
    sequence >= key.from_sequence &&
    sequence <= key.to_sequence
  if (!valid)
    throw new TanlianError(
      'E_KEY_REFUSED',
      `The entry is signed by ${signer}, which the registry does not name for organization ${organization} at sequence ${sequence}. Check that all of the entry's fields were signed, and with the right key.`,
      { values },
    )
  if (party.suspended)
    throw new TanlianError('E_ORGANIZATION_SUSPENDED', `Organization ${organization} is suspended by the regulator.`, {
      values,
    })
  if (kind === ENTRY_BATCH && party.platform === null)
    throw new TanlianError(
      'E_ORGANIZATION_UNBOUND',
      `Organization ${organization} is not bound to a platform. Ask for a binding first.`,
      {
        values,
      },
    )
}

type Head = { readonly sequence: number; readonly digest: Uint8Array } | undefined

function requireNext(entry: Entry, head: Head): void {
  if (entry.sequence === (head?.sequence ?? 0) + 1) return
  throw headMoved(entry, head)
}

/** The answer to a sequence that is not the next: it names the head, so that the sender can go on from there. */
export function headMoved(entry: Entry, head: Head): TanlianError {
  const headSequence = head?.sequence ?? 0
  return new TanlianError(
    'E_SEQUENCE_HEAD',
    `Organization ${entry.organization} stands at sequence ${headSequence}, so ${entry.sequence} cannot be next. Put on number ${headSequence + 1} and sign again.`,
    { values: { headSequence, headDigest: head === undefined ? null : toHex(head.digest) } },
  )
}

function requirePrevious(entry: Entry, previous: Uint8Array | undefined, head: Head): void {
  const same = head === undefined ? previous === undefined : previous !== undefined && equalBytes(previous, head.digest)
  if (!same)
    throw new TanlianError('E_AUDIT_PREVIOUS', 'The document does not name the one before it.', {
      values: { sequence: entry.sequence },
    })
}

/** An organization may send its own entries to the contract: what stands there cannot be contradicted here. */
async function requireChainAgrees(instance: Instance, entry: Entry, head: Head): Promise<void> {
  const there = await instance.db
    .selectFrom('entry')
    .select('digest')
    .where('organization', '=', entry.organization)
    .where('kind', '=', entry.kind)
    .where('sequence', '=', entry.sequence)
    .executeTakeFirst()
  if (there !== undefined && !equalBytes(there.digest, entry.digest))
    throw new TanlianError(
      'E_SEQUENCE_CHAIN',
      `The log on the chain holds ${cidFromDigest(there.digest)} at sequence ${entry.sequence}. Send that one here first.`,
      { values: { sequence: entry.sequence, digest: toHex(there.digest), headSequence: head?.sequence ?? 0 } },
    )
}

async function audit(instance: Instance, entry: Entry, header: Header | undefined, car: Uint8Array<ArrayBuffer>) {
  if (header === undefined) return instance.worker.audit({ kind: 2, car })
  const kept = await instance.db
    .selectFrom('organization_state')
    .select('state')
    .where('organization', '=', entry.organization)
    .executeTakeFirst()
  const state = kept === undefined ? null : new Uint8Array(kept.state)
  const { secrets: readers } = instance.privacy
  return instance.worker.audit({ kind: 1, organization: entry.organization, state, readers, car })
}

/** Frames may have come with an earlier batch; a source that is nowhere makes the batch less than whole. */
async function requireFrames(instance: Instance, organization: number, audited: Audited): Promise<void> {
  for (let at = 0; at < audited.missing.length; at += 32) {
    const digest = audited.missing.subarray(at, at + 32)
    if ((await instance.blocks.has(digest)) || (await instance.privacy.holdsFrame(organization, digest))) continue
    const cid = cidFromDigest(digest.slice()).toString()
    throw new TanlianError(
      'E_FRAME_MISSING',
      `A reading names ${cid} as its source, and that frame is not in the upload. Send it along.`,
      {
        values: { cid },
      },
    )
  }
}

function blocksOf({ car, digests, places }: Audited): StoredBlock[] {
  return Array.from({ length: places.length / 2 }, (_, at) => {
    const offset = places[2 * at] as number
    return {
      digest: digests.slice(32 * at, 32 * at + 32),
      bytes: car.subarray(offset, offset + (places[2 * at + 1] as number)),
    }
  })
}

/** Compare-and-swap (R27): the state moves from exactly the head that was audited, or the transaction fails. */
async function moveHead(
  trx: Transaction<Schema>,
  { entry, previous, state }: { entry: Entry; previous: Uint8Array | undefined; state: Uint8Array | undefined },
): Promise<void> {
  const { organization, sequence, digest } = entry
  if (state === undefined) return
  if (previous === undefined) {
    await trx.insertInto('organization_state').values({ organization, sequence, digest, state }).execute()
    return
  }
  const moved = await trx
    .updateTable('organization_state')
    .set({ sequence, digest, state })
    .where('organization', '=', organization)
    .where('sequence', '=', sequence - 1)
    .where('digest', '=', previous)
    .executeTakeFirst()
  if (moved.numUpdatedRows !== 1n) throw headMoved(entry, { sequence: sequence - 1, digest: previous })
}

const QUEUE_MAX = 64

const queues = new WeakMap<Instance, Map<string, { waiting: number; last: Promise<unknown> }>>()

/** Work of one name is done one after the other; a queue that is too long is refused, not grown (F26). @throws TanlianError E_BUSY */
export async function oneAtATime<T>(instance: Instance, name: string, work: () => Promise<T>): Promise<T> {
  const all = queues.get(instance) ?? new Map<string, { waiting: number; last: Promise<unknown> }>()
  queues.set(instance, all)
  const queue = all.get(name) ?? { waiting: 0, last: Promise.resolve() }
  all.set(name, queue)
  if (queue.waiting >= QUEUE_MAX)
    throw new TanlianError(
      'E_BUSY',
      `${queue.waiting} statements of this organization are waiting. Send this one again in a moment.`,
      {
        values: { waiting: queue.waiting, retryAfterS: 2 },
      },
    )
  queue.waiting++
  const turn = queue.last.then(work, work)
  queue.last = turn.catch(() => {})
  try {
    return await turn
  } finally {
    queue.waiting--
    if (queue.waiting === 0) all.delete(name)
  }
}
