/** An organization (组织) as the platform lists it; `id` is given by the registry on approval. */
export interface Organization {
  readonly id: number
  readonly kind: string
  readonly name: string | null
  readonly nameEn: string | null
  readonly region: string | null
  readonly industry: string | null
  readonly website: string | null
  readonly suspended: boolean
  /** The platform that it is bound to. */
  readonly platform: number | null
  /** When the registry approved it, RFC 3339. */
  readonly since: string
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

/** A signed statement of an organization, with what it holds; what is not known yet is null. */
export interface Entry {
  readonly kind: number
  readonly sequence: number
  readonly cid: string
  readonly index: number | null
  readonly block: number | null
  readonly status: 'sealed' | 'anchored' | 'unavailable'
  /** RFC 3339. */
  readonly received: string | null
  readonly bytes: number | null
  /** Whether readings in it are encrypted; what may not be told is null. */
  readonly sealed: boolean
  /** Of a batch. */
  readonly readings: number | null
  readonly from: number | null
  readonly to: number | null
  /** Of a document, its kind. */
  readonly document: string | null
}
