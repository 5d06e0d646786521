import { TanlianError } from '@tanlian/units'
import type { Inclusion, IntentRecord, TransactionRecord } from './intent.ts'
import type { OutboxDesk } from './outbox.ts'

/** After so many looks in a row, a used nonce without one of our transactions was used by another sender with our key. */
const LOOKS_UNTIL_TAKEN = 5

/**
 * Compares what is stored with the present chain: what was mined, what is deep enough, what a chain that went back has forgotten (S30, F22).
 * @throws TanlianError `E_OUTBOX_CHAIN_SHORT` where the chain forgot transactions whose bytes are no longer kept: nothing is sent then.
 */
export async function observe(desk: OutboxDesk): Promise<void> {
  const { chain, signer } = desk
  const head = await chain.head()
  const count = await chain.count(signer.address)
  requireKept(desk, count)
  const found = await forgotten(desk)
  for (const record of desk.open) {
    if (record.state !== 'signed' || record.nonce >= count) continue
    const inclusion = await inclusionOf(desk, record)
    if (inclusion !== undefined) found.set(record.nonce, inclusion)
    const looks = inclusion === undefined ? (desk.missing.get(record.nonce) ?? 0) + 1 : 0
    desk.missing.set(record.nonce, looks)
  }
  await settle(desk, { head, found })
}

/** The chain must know every transaction that is final here. */
function requireKept({ open, nextNonce }: OutboxDesk, count: number): void {
  const firstKept = open[0]?.nonce ?? nextNonce
  if (count < firstKept)
    throw new TanlianError(
      'E_OUTBOX_CHAIN_SHORT',
      `The chain knows ${count} transactions of the sender where ${firstKept} were final. It went back too far, or is another chain: ` +
        'nothing is sent. Restore the chain, or anchor anew as the operating manual says.',
      { values: { count, firstKept } },
    )
}

/** Mined transactions that are no longer where they were: new place, or null. While the newest one's block stands, all older ones do. */
async function forgotten(desk: OutboxDesk): Promise<Map<number, Inclusion | null>> {
  const moved = new Map<number, Inclusion | null>()
  let standing: number | undefined
  for (const record of desk.open.toReversed()) {
    const { included } = record
    if (included === null) continue
    if (standing !== undefined && included.block <= standing) break
    if ((await desk.chain.blockHash(included.block)) === included.blockHash) {
      standing = included.block
      continue
    }
    const inclusion = await inclusionOf(desk, record)
    if (inclusion?.blockHash !== included.blockHash) moved.set(record.nonce, inclusion ?? null)
  }
  return moved
}

async function inclusionOf({ chain }: OutboxDesk, record: TransactionRecord): Promise<Inclusion | undefined> {
  for (const attempt of record.attempts) {
    const inclusion = await chain.inclusion(attempt.hash)
    if (inclusion !== undefined) return inclusion
  }
  return undefined
}

/** Saves what was found, and tells the intents. */
async function settle(
  desk: OutboxDesk,
  { head, found }: { head: number; found: ReadonlyMap<number, Inclusion | null> },
): Promise<void> {
  const transactions: TransactionRecord[] = []
  const intents = new Map<string, IntentRecord>()
  for (const before of desk.open) {
    const after = afterLook(desk, before, { head, inclusion: found.get(before.nonce) })
    if (after === before) continue
    transactions.push(after)
    const ids = before.intents
    if (ids.length === 0 || (after.state === 'final' && before.state === 'done')) continue
    for (const intent of await desk.store.intents(ids)) intents.set(intent.id, intentOf(intent, after))
  }
  if (transactions.length === 0) return
  await desk.save(transactions, [...intents.values()])
  // What the chain forgot was sent long ago, as far as the node now knows: it is due at once.
  for (const { nonce, state } of transactions) if (state === 'signed') desk.sentAtMs.delete(nonce)
}

function afterLook(
  { options, missing }: OutboxDesk,
  record: TransactionRecord,
  { head, inclusion }: { head: number; inclusion: Inclusion | null | undefined },
): TransactionRecord {
  if ((missing.get(record.nonce) ?? 0) >= LOOKS_UNTIL_TAKEN)
    return { ...record, state: 'final', included: null, attempts: [], intents: [] }
  const included = inclusion === undefined ? record.included : inclusion
  if (included === null) return record.included === null ? record : { ...record, state: 'signed', included }
  const depth = head - included.block + 1
  const state = depth > options.keepBlocks ? 'final' : depth >= options.confirmations ? 'done' : 'included'
  if (state === record.state && included === record.included) return record
  return {
    ...record,
    state,
    included,
    attempts: state === 'final' ? [] : record.attempts,
    intents: included.ok ? record.intents : [],
  }
}

/** What became of an intent, given what became of its transaction. */
function intentOf(intent: IntentRecord, { nonce, included, state }: TransactionRecord): IntentRecord {
  // Reverted, or its nonce taken: no effect by this transaction, so it waits again; if it has its effect already, `carry` will find it.
  if (state === 'final' ? included === null || !included.ok : included !== null && !included.ok)
    return { ...intent, state: 'waiting', nonce: null, transaction: null, block: null }
  if (included === null) return { ...intent, state: 'carried', nonce, transaction: null, block: null }
  const isDone = state === 'done' || state === 'final'
  return {
    ...intent,
    state: isDone ? 'done' : 'carried',
    nonce,
    transaction: included.transaction,
    block: included.block,
  }
}
