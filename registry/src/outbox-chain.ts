import type { Refusal } from '@tanlian/units'
import type { Address, Hex } from 'viem'
import type { Inclusion, IntentRecord } from './intent.ts'

/** What is called, with which calldata. */
export interface Call {
  readonly to: Address
  readonly data: Hex
}

/** Wei for a unit of gas; `priorityFeePerGas` null where the chain knows one gas price only. */
export interface Fees {
  readonly feePerGas: bigint
  readonly priorityFeePerGas: bigint | null
}

/** A transaction to be signed; without `to` it makes a contract. */
export interface Unsigned extends Fees {
  readonly to?: Address
  readonly data: Hex
  readonly nonce: number
  readonly gas: bigint
}

/** The one key that the outbox sends with (R28). */
export interface OutboxSigner {
  readonly address: Address
  sign(transaction: Unsigned): Promise<{ readonly hash: Hex; readonly bytes: Hex }>
}

/**
 * What the outbox asks of the chain. A promise that rejects says nothing about what happened: unknown is not failed (F21). Only a refusal by the
 * contract, decoded to a code, counts as a failure of an intent.
 */
export interface OutboxChain {
  /** Number of the newest block. */
  head(): Promise<number>
  /** Hash of a block of the present chain. */
  blockHash(number: number): Promise<Hex | undefined>
  /** How many transactions of the sender are in the present chain: the next nonce. */
  count(sender: Address): Promise<number>
  /** Where a transaction stands in the present chain. */
  inclusion(hash: Hex): Promise<Inclusion | undefined>
  /** Whether the node has it, mined or waiting. */
  knows(hash: Hex): Promise<boolean>
  /** Hands signed bytes to the node. `underpriced`: it wants a greater fee. `refused`: it wants them for no price now, perhaps since it has them. */
  send(bytes: Hex): Promise<'accepted' | 'underpriced' | 'refused'>
  fees(): Promise<Fees>
  /** Gas of a call on top of the present chain, or why the contract refuses it. */
  estimate(from: Address, call: Call): Promise<{ readonly ok: true; readonly gas: bigint } | Refusal>
  /** Whether an intent's effect is on the chain already, whoever brought it there. */
  landed(intent: IntentRecord): Promise<{ readonly transaction: Hex; readonly block: number } | undefined>
  /** The call that carries some entries (all to one contract), or one act. */
  callOf(intents: readonly IntentRecord[]): Call
  /** What signed bytes call. */
  callIn(bytes: Hex): Call
}
