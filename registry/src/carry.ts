import type { Refusal } from '@tanlian/units'
import type { IntentRecord, TransactionRecord } from './intent.ts'
import { observe } from './observe.ts'
import type { OutboxDesk } from './outbox.ts'

/**
 * Forms, saves and sends the next transaction, once every earlier one is mined: only then can the contract be asked what it will say (a gas
 * estimate), and no nonce gap can open. Returns the milliseconds until the next look is due.
 */
export async function carry(desk: OutboxDesk): Promise<number> {
  const { store, options, now } = desk
  if (isUnderWay(desk)) return options.pollMs
  const waiting = await store.waiting(options.entriesPerTransaction)
  const unsettled = desk.open.some((record) => record.state === 'included')
  const first = waiting[0]
  if (first === undefined) return unsettled ? options.pollMs : options.idleMs
  const group = together(waiting)
  const lingerMs = first.createdAtMs + options.lingerMs - now()
  const mayGrow =
    first.kind === 'entry' && group.length === waiting.length && group.length < options.entriesPerTransaction
  if (mayGrow && lingerMs > 0) return Math.min(lingerMs, options.lingerMs, options.idleMs)
  const accepted = await sift(desk, group)
  if (accepted !== undefined) await sendNew(desk, accepted)
  return 0
}

/** Whether something signed is not mined. */
function isUnderWay({ open }: OutboxDesk): boolean {
  return open.some((record) => record.state === 'signed')
}

/** The oldest intents that one transaction can carry: one act, or entries of one log. The order is kept, so none waits for ever. */
function together(waiting: readonly IntentRecord[]): readonly IntentRecord[] {
  const first = waiting[0] as IntentRecord
  if (first.kind === 'act') return [first]
  const end = waiting.findIndex((intent) => intent.kind !== 'entry' || intent.to !== first.to)
  return end === -1 ? waiting : waiting.slice(0, end)
}

interface Accepted {
  readonly intents: readonly IntentRecord[]
  readonly gas: bigint
}

/** Takes out, one by one, what the contract refuses (F23), until it accepts the rest; undefined if nothing is left, or nothing can be said now. */
async function sift(desk: OutboxDesk, group: readonly IntentRecord[]): Promise<Accepted | undefined> {
  let intents = group
  while (intents.length > 0) {
    const answer = await estimate(desk, intents)
    if (answer.ok) return { intents, gas: answer.gas }
    const { at, refusal } = await refusedOne(desk, intents, answer)
    const refused = intents[at] as IntentRecord
    const landed = await desk.chain.landed(refused)
    // A chain that went back since the look refuses what follows on its lost blocks; they are sent again first, and then it is asked again.
    await observe(desk)
    if (isUnderWay(desk)) return undefined
    const settled: IntentRecord =
      landed === undefined
        ? {
            ...refused,
            state: 'failed',
            failure: { code: refusal.code, message: refusal.message, values: refusal.values ?? {} },
          }
        : { ...refused, state: 'done', nonce: null, transaction: landed.transaction, block: landed.block }
    await desk.save([], [settled])
    intents = intents.toSpliced(at, 1)
  }
  return undefined
}

/** Which one is refused: the contract names its place, or else it is the last of the shortest refused beginning. */
async function refusedOne(
  desk: OutboxDesk,
  intents: readonly IntentRecord[],
  answer: Refusal,
): Promise<{ at: number; refusal: Refusal }> {
  const named = answer.values?.place
  if (intents[0]?.kind === 'entry' && typeof named === 'number' && named < intents.length)
    return { at: named, refusal: answer }
  let refusal = answer
  let [accepted, refused] = [0, intents.length]
  while (refused - accepted > 1) {
    const middle = (accepted + refused) >> 1
    const part = await estimate(desk, intents.slice(0, middle))
    if (part.ok) accepted = middle
    else [refused, refusal] = [middle, part]
  }
  return { at: refused - 1, refusal }
}

function estimate({ chain, signer }: OutboxDesk, intents: readonly IntentRecord[]) {
  return chain.estimate(signer.address, chain.callOf(intents))
}

/** Signs, saves, and only then sends. */
async function sendNew(desk: OutboxDesk, { intents, gas: estimated }: Accepted): Promise<void> {
  const { chain, signer, now } = desk
  const nonce = Math.max(desk.nextNonce, await chain.count(signer.address))
  // Room for what another's transactions may change between estimate and block.
  const gas = (estimated * 13n) / 10n
  const fees = await chain.fees()
  const call = chain.callOf(intents)
  const signed = await signer.sign({ ...call, ...fees, nonce, gas })
  const record: TransactionRecord = {
    sender: signer.address,
    nonce,
    to: call.to,
    state: 'signed',
    intents: intents.map((intent) => intent.id),
    gas,
    attempts: [{ ...signed, ...fees, signedAtMs: now() }],
    included: null,
  }
  await desk.save(
    [record],
    intents.map((intent) => ({ ...intent, state: 'carried', nonce })),
  )
  desk.nextNonce = nonce + 1
  desk.sentAtMs.set(nonce, now())
  await chain.send(signed.bytes)
}
