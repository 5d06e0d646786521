/** An organization (组织) as the platform lists it; `id` is given by the registry on approval. */
export interface Organization {
  readonly id: number
  readonly kind: string
  readonly name: string | null
  readonly [more: string]: unknown
}

/** A declared stream (数据流) of an organization. */
export interface Stream {
  readonly stream: number
  /** Class, group and kind: six hex digits, or the number. */
  readonly type: string | number
  readonly device: string
  /** Seconds. */
  readonly interval: number
  readonly name?: string
}

/** A key that the registry names for an organization, with the sequences that it may sign. */
export interface RegisteredKey {
  readonly address: string
  readonly purpose: 'acts' | 'batches' | 'documents'
  readonly from: number
  readonly to: number
  readonly active: boolean
}

/** A binding of an enterprise to a platform (绑定), from request to end. */
export interface Binding {
  readonly id: number
  readonly enterprise: number
  readonly platform: number
  readonly state: 'requested' | 'bound' | 'unbound' | 'withdrawn' | 'replaced'
}

/** An entry of an organization with what its batch holds. */
export interface BatchEntry {
  readonly kind: number
  readonly sequence: number
  readonly digest: string
  readonly cid: string
  /** Null until it is on the chain. */
  readonly index: number | null
  readonly block: number | null
  readonly readings?: number
  readonly from?: number
  readonly to?: number
}
