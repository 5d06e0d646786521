import { decodeEntry, fromHex0x, toHex0x } from '@tanlian/evidence'
import type { Refusal } from '@tanlian/units'
import { type Address, type Hex, keccak256, toHex } from 'viem'
import type { Inclusion, IntentRecord } from '../intent.ts'
import type { Call, Fees, OutboxChain, OutboxSigner, Unsigned } from '../outbox-chain.ts'

/** What a transaction of the fake chain does: entries of organizations, or one act, all as hex of an intent's data. */
interface FakeTransaction extends Omit<Unsigned, 'to'>, Call {
  readonly hash: Hex
  readonly sender: Address
}

interface FakeBlock {
  readonly hash: Hex
  readonly mined: readonly (FakeTransaction & { readonly ok: boolean })[]
}

/** The calls of the chain's port that a test may let fail before they act, or after. */
export type FakeCall = Exclude<keyof OutboxChain, 'callOf' | 'callIn'>

/**
 * A chain in memory with one contract: entries must come in sequence, organizations in `refused` may not append, an act works once. It mines on
 * `send`, unless `paused` or the fee is below `leastFee`.
 */
export interface FakeChain extends OutboxChain {
  readonly blocks: FakeBlock[]
  readonly refused: Set<number>
  leastFee: bigint
  paused: boolean
  fail: (what: FakeCall, when: 'before' | 'after') => void
  /** Runs just before a transaction is mined. */
  beforeMining: () => void
  /** The last n blocks, and all that waited, are forgotten; `reorganized`: the waiting ones come back into other blocks. */
  forget(n: number): void
  mine(): void
  /** Somebody else's transaction. */
  foreign(data: readonly Uint8Array[], sender?: Address, nonce?: number): void
  /** All that has had an effect, in order: `organization/sequence` of entries, hex of acts. */
  effects(): string[]
}

export const FAKE_LOG: Address = `0x${'10'.repeat(20)}`
export const FAKE_SENDER: Address = `0x${'5e'.repeat(20)}`

/** Signs by writing the transaction down. */
export const fakeSigner: OutboxSigner = {
  address: FAKE_SENDER,
  async sign(transaction) {
    const bytes = toHex(
      JSON.stringify({ ...transaction, sender: FAKE_SENDER }, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)),
    )
    return { bytes, hash: keccak256(bytes) }
  },
}

export function fakeChain(): FakeChain {
  let salt = 0
  let pool: FakeTransaction[] = []
  const blocks: FakeBlock[] = [{ hash: keccak256('0x00'), mined: [] }]
  const minedOnes = () => blocks.flatMap((block) => block.mined)
  const countOf = (sender: Address) => minedOnes().filter((one) => one.sender === sender).length

  const chain: FakeChain = {
    blocks,
    refused: new Set(),
    leastFee: 1n,
    paused: false,
    fail: () => undefined,
    beforeMining: () => undefined,
    forget(n) {
      blocks.splice(Math.max(1, blocks.length - n))
      pool = []
    },
    mine() {
      for (;;) {
        const next = pool.find((one) => one.nonce === countOf(one.sender) && one.feePerGas >= chain.leastFee)
        if (next === undefined) return
        pool = pool.filter((one) => one.sender !== next.sender || one.nonce !== next.nonce)
        chain.beforeMining()
        const ok = refusal(next) === undefined
        blocks.push({ hash: keccak256(toHex(`block ${blocks.length} ${salt++}`)), mined: [{ ...next, ok }] })
      }
    },
    foreign(data, sender = `0x${'f0'.repeat(20)}`, nonce = countOf(sender)) {
      const call = { to: FAKE_LOG, data: joined(data) }
      const hash = keccak256(toHex(`foreign ${salt++}`))
      const one = { ...call, sender, nonce, hash, feePerGas: 1n, priorityFeePerGas: null, gas: 1n }
      blocks.push({ hash: keccak256(toHex(`block ${salt++}`)), mined: [{ ...one, ok: refusal(one) === undefined }] })
    },
    effects: () => minedOnes().flatMap((one) => (one.ok ? parts(one.data).map(effectOf) : [])),
    head: () => guarded('head', () => blocks.length - 1),
    blockHash: (number) => guarded('blockHash', () => blocks[number]?.hash),
    count: (sender) => guarded('count', () => countOf(sender)),
    inclusion: (hash) => guarded('inclusion', () => inclusionOf(hash)),
    knows: (hash) => guarded('knows', () => pool.some((one) => one.hash === hash) || inclusionOf(hash) !== undefined),
    send: (bytes) =>
      guarded('send', () => {
        const one = transactionOf(bytes)
        if (one.nonce < countOf(one.sender)) return 'refused'
        const rival = pool.find((other) => other.sender === one.sender && other.nonce === one.nonce)
        if (rival !== undefined && rival.hash !== one.hash && one.feePerGas < (rival.feePerGas * 11n) / 10n)
          return 'underpriced'
        pool = [...pool.filter((other) => other !== rival), one]
        if (!chain.paused) chain.mine()
        return 'accepted'
      }),
    fees: () => guarded('fees', (): Fees => ({ feePerGas: 10n, priorityFeePerGas: 1n })),
    estimate: (_, call) => guarded('estimate', () => refusal(call) ?? ({ ok: true, gas: 1000n } as const)),
    landed: (intent) =>
      guarded('landed', () => {
        const effect = effectOf(toHex(intent.data))
        const block = blocks.findIndex(({ mined }) =>
          mined.some((one) => one.ok && parts(one.data).map(effectOf).includes(effect)),
        )
        const transaction = blocks[block]?.mined[0]?.hash
        return transaction === undefined ? undefined : { transaction, block }
      }),
    callOf: (intents: readonly IntentRecord[]): Call => ({
      to: (intents[0] as IntentRecord).to,
      data: joined(intents.map((intent) => intent.data)),
    }),
    callIn: (bytes) => transactionOf(bytes),
  }
  return chain

  async function guarded<T>(what: FakeCall, act: () => T): Promise<T> {
    chain.fail(what, 'before')
    const result = act()
    chain.fail(what, 'after')
    return result
  }

  function inclusionOf(hash: Hex): Inclusion | undefined {
    const number = blocks.findIndex((block) => block.mined.some((one) => one.hash === hash))
    const block = blocks[number]
    const mined = block?.mined.find((one) => one.hash === hash)
    if (block === undefined || mined === undefined) return undefined
    return { transaction: hash, block: number, blockHash: block.hash, ok: mined.ok }
  }

  function refusal(call: Call): Refusal | undefined {
    const effects = new Set(chain.effects())
    for (const [place, part] of parts(call.data).entries()) {
      const effect = effectOf(part)
      const [organization, sequence] = effect.split('/').map(Number)
      const isNext = sequence === undefined || sequence === 1 || effects.has(`${organization}/${sequence - 1}`)
      if (effects.has(effect) || !isNext) return no('E_ENTRY_SEQUENCE_NOT_NEXT', place)
      if (organization !== undefined && chain.refused.has(organization)) return no('E_ENTRY_KEY_REFUSED', place)
      effects.add(effect)
    }
    return undefined
  }
}

function no(code: string, place: number): Refusal {
  return { ok: false, code, message: code, values: { place } }
}

function joined(data: readonly Uint8Array[]): Hex {
  return `0x${data.map((bytes) => toHex0x(bytes).slice(2)).join('7c7c7c7c')}`
}

function parts(data: Hex): Hex[] {
  return data
    .slice(2)
    .split('7c7c7c7c')
    .map((part): Hex => `0x${part}`)
}

function effectOf(part: Hex): string {
  const bytes = fromHex0x(part)
  if (bytes.length !== 117) return part
  const entry = decodeEntry(bytes.subarray(0, 52))
  return `${entry.organization}/${entry.sequence}`
}

function transactionOf(bytes: Hex): FakeTransaction {
  const text = new TextDecoder().decode(fromHex0x(bytes))
  const bigints = (_: string, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value
  return { ...(JSON.parse(text, bigints) as Omit<FakeTransaction, 'hash'>), hash: keccak256(bytes) }
}
