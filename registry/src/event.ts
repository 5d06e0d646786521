import type { Address, Hex } from 'viem'

/** Where on the chain an event stands; (block, logIndex) orders all events. */
export interface Place {
  readonly block: number
  readonly blockHash: Hex
  /** The block's own time, Unix seconds. */
  readonly time: number
  readonly transaction: Hex
  /** Position among all logs of the block. */
  readonly logIndex: number
}

/**
 * What the two contracts said. Field names are those of the contracts' events, integers are numbers (the contracts keep them within 2^53 − 1),
 * digests, roots and addresses are lower-case 0x-hex as the chain gives them. `Appended` carries two fields more: the entry's signature, taken
 * from the calldata of its transaction, and the account that it recovers to; both null where another contract relayed the entry.
 */
export type ContractEvent =
  | { readonly name: 'Acted'; readonly signer: Address; readonly digest: Hex; readonly nonce: number }
  | {
      readonly name: 'Applied'
      readonly application: Hex
      readonly kind: number
      readonly profile: Hex
      readonly key: Address
      readonly recovery: Address
      readonly batchKey: Address
      readonly documentKey: Address
      readonly lapses: number
    }
  | {
      readonly name: 'Approved'
      readonly application: Hex
      readonly organization: number
      readonly regulator: number
      readonly reason: Hex
    }
  | { readonly name: 'Refused'; readonly application: Hex; readonly regulator: number; readonly reason: Hex }
  | { readonly name: 'Lapsed'; readonly application: Hex }
  | {
      readonly name: 'Registered'
      readonly organization: number
      readonly kind: number
      readonly profile: Hex
      readonly recovery: Address
    }
  | {
      readonly name: 'KeyAdded'
      readonly organization: number
      readonly key: Address
      readonly purpose: number
      readonly from: number
      readonly to: number
    }
  | {
      readonly name: 'KeyRevoked'
      readonly organization: number
      readonly key: Address
      readonly purpose: number
      readonly last: number
    }
  | { readonly name: 'BindingRequested'; readonly enterprise: number; readonly platform: number }
  | { readonly name: 'Bound'; readonly enterprise: number; readonly platform: number }
  | {
      readonly name: 'Unbound'
      readonly enterprise: number
      readonly platform: number
      readonly by: number
      readonly reason: Hex
    }
  | {
      readonly name: 'RecoveryApproved'
      readonly organization: number
      readonly regulator: number
      readonly newKey: Address
      readonly newRecovery: Address
      readonly reason: Hex
      readonly effective: number
    }
  | { readonly name: 'RecoveryObjected'; readonly organization: number; readonly newKey: Address; readonly by: Address }
  | { readonly name: 'Recovered'; readonly organization: number; readonly recovery: Address }
  | { readonly name: 'Suspended'; readonly organization: number; readonly regulator: number; readonly reason: Hex }
  | { readonly name: 'Reinstated'; readonly organization: number; readonly regulator: number; readonly reason: Hex }
  | {
      readonly name: 'Succeeded'
      readonly chainId: number
      readonly log: Address
      readonly size: number
      readonly root: Hex
    }
  | {
      readonly name: 'HeadCarried'
      readonly kind: number
      readonly organization: number
      readonly sequence: number
      readonly digest: Hex
    }
  | {
      readonly name: 'Appended'
      readonly kind: number
      readonly organization: number
      readonly sequence: number
      readonly digest: Hex
      readonly index: number
      readonly signature: Hex | null
      readonly signer: Address | null
    }
  | { readonly name: 'Root'; readonly size: number; readonly root: Hex }

/** An event and where it stands: all that a projection is made of (S29). Plain JSON. */
export type ChainEvent = ContractEvent & Place
