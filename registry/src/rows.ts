import type { Address, Hex } from 'viem'

/** Kinds of party, by their number in the contract. */
export const ORGANIZATION_KINDS = {
  1: 'regulator',
  2: 'platform',
  3: 'enterprise',
  4: 'verifier',
  5: 'exchange',
  6: 'laboratory',
  7: 'other',
} as const

/** What a key may sign, by its number in the contract. */
export const KEY_PURPOSES = { 1: 'batches', 2: 'documents', 3: 'acts' } as const

/** An organization (组织) as the chain now knows it. `id` is its key. */
export interface OrganizationRow {
  readonly id: number
  /** 1 … 7, see `ORGANIZATION_KINDS`. */
  readonly kind: number
  /** Digest of its profile document. */
  readonly profile: Hex
  readonly recovery: Address
  readonly suspended: boolean
  /** The platform it is bound to, and the one it asked. */
  readonly platform: number | null
  readonly requested: number | null
  /** Ids of the rows of that binding and of that request. */
  readonly binding: number | null
  readonly request: number | null
  /** The application it came from, null for the first regulator. */
  readonly application: Hex | null
  /** A recovery that a regulator approved and that waits. */
  readonly recoveryWaiting: {
    readonly newKey: Address
    readonly newRecovery: Address
    readonly regulator: number
    readonly reason: Hex
    /** Unix seconds from which it can be carried out. */
    readonly effective: number
  } | null
  readonly block: number
  readonly time: number
}

/** An application (申请). `application`, the digest that was signed, is its key. */
export interface ApplicationRow {
  readonly application: Hex
  readonly kind: number
  readonly profile: Hex
  readonly key: Address
  readonly recovery: Address
  readonly batchKey: Address | null
  readonly documentKey: Address | null
  /** Unix seconds after which an open one can no longer be approved. */
  readonly lapses: number
  readonly state: 'open' | 'approved' | 'refused' | 'lapsed'
  readonly organization: number | null
  readonly regulator: number | null
  readonly reason: Hex | null
  readonly block: number
  readonly time: number
  /** Block and time of approval, refusal or lapse. */
  readonly endedBlock: number | null
  readonly endedTime: number | null
}

/** A key of an organization. `key` is its key: it belongs to one organization for ever. */
export interface KeyRow {
  readonly key: Address
  readonly organization: number
  /** 1 … 3, see `KEY_PURPOSES`. */
  readonly purpose: number
  /** Sequences for which it counts, none if to < from; both 0 for acts. */
  readonly from: number
  readonly to: number
  /** For acts: whether it counts now. For others: whether its range is not empty. */
  readonly active: boolean
  readonly block: number
  readonly endedBlock: number | null
}

/** A binding of an enterprise to a platform (绑定), from request to end. `id` counts from 1 and is its key. */
export interface BindingRow {
  readonly id: number
  readonly enterprise: number
  readonly platform: number
  /** `withdrawn`: ended before it was confirmed. `replaced`: another platform was asked instead. */
  readonly state: 'requested' | 'bound' | 'unbound' | 'withdrawn' | 'replaced'
  readonly requestedBlock: number
  readonly boundBlock: number | null
  readonly endedBlock: number | null
  /** Who ended it and why. */
  readonly endedBy: number | null
  readonly reason: Hex | null
}

/** The last entry of an organization and kind. (organization, kind) is its key. */
export interface HeadRow {
  readonly organization: number
  readonly kind: number
  readonly sequence: number
  readonly digest: Hex
}

/** The key of a head in a projection. */
export function headKey(organization: number, kind: number): string {
  return `${organization}/${kind}`
}

/** An entry of the log (存证). `index` is its key, (kind, organization, sequence) another. */
export interface EntryRow {
  readonly index: number
  readonly kind: number
  readonly organization: number
  readonly sequence: number
  readonly digest: Hex
  readonly signature: Hex | null
  readonly signer: Address | null
  readonly block: number
  readonly time: number
  readonly transaction: Hex
}

/** A root of the log at a size, as the contract computed it and we computed it again. `size` is its key. */
export interface RootRow {
  readonly size: number
  readonly root: Hex
  readonly block: number
  readonly time: number
  readonly transaction: Hex
}

/** Rows that change in place: small, and replaced as a whole after a rollback. */
export interface RegistryRows {
  readonly organizations: readonly OrganizationRow[]
  readonly applications: readonly ApplicationRow[]
  readonly keys: readonly KeyRow[]
  readonly bindings: readonly BindingRow[]
  readonly heads: readonly HeadRow[]
}

/** What some events change: rows to insert or replace by their keys. Entries and roots are only ever inserted. */
export interface Changes extends RegistryRows {
  readonly entries: readonly EntryRow[]
  readonly roots: readonly RootRow[]
}
