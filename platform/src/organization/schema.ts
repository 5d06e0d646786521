/** Tables of migrations 0102 and 0110 that concern organizations. */
declare module '../schema.ts' {
  interface Schema {
    profile: ProfileTable
    application_file: ApplicationFileTable
    act: ActTable
    reason: ReasonTable
  }
}

/** A profile that somebody handed in: what the chain's digest names. */
export interface ProfileTable {
  digest: Uint8Array
  /** JSON of the public part. */
  public_part: string
  /** The public part's block. */
  block: Uint8Array
  /** The private part's block; only the organization's people and the regulator see it (S33). */
  private_block: Uint8Array | null
  /** Names in lower case, for search. */
  name_search: string
  created_ms: number
}

/** What was handed in with an application; its state is the chain's. */
export interface ApplicationFileTable {
  application: Uint8Array
  profile: Uint8Array
  person: string | null
  address: string
  job: string
  created_ms: number
  granted_ms: number | null
}

/** The text behind the digest of a decision about an application; only the applicant and regulators see it (S33). */
export interface ReasonTable {
  digest: Uint8Array
  block: Uint8Array
  created_ms: number
}

/** An act that was handed in here to be relayed. */
export interface ActTable {
  /** Its EIP-712 digest, hex. */
  job: string
  name: string
  /** JSON of its message. */
  message: string
  signer: string
  created_ms: number
}
