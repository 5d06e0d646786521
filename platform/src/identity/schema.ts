import type { Role } from './caller.ts'

/** Tables of migration 0100. */
declare module '../schema.ts' {
  interface Schema {
    person: PersonTable
    passkey: PasskeyTable
    challenge: ChallengeTable
    session: SessionTable
    member: MemberTable
    invitation: InvitationTable
  }
}

/** Somebody who can sign in. */
export interface PersonTable {
  id: string
  login: string
  name: string
  /** In the form of password.ts; null for who has passkeys only. */
  password: string | null
  admin: boolean
  created_ms: number
}

/** A passkey (WebAuthn credential). */
export interface PasskeyTable {
  /** Credential id, base64url. */
  id: string
  person: string
  /** COSE key. */
  public_key: Uint8Array
  counter: number
  /** Comma-separated, as the browser named them. */
  transports: string
  name: string
  created_ms: number
}

/** What a sign-in challenge is for. */
export type ChallengePurpose = 'key' | 'passkey-add' | 'passkey-new' | 'passkey-sign-in'

export interface ChallengeTable {
  nonce: string
  purpose: ChallengePurpose
  /** What the answer must be about: an organization's number and key, a person, a sign-in name; may be empty. */
  subject: string
  expires_ms: number
}

/** A session of a person, or of a program with an organization's key. */
export interface SessionTable {
  /** SHA-256 of the token. */
  token: Uint8Array
  person: string | null
  organization: number | null
  address: string | null
  created_ms: number
  expires_ms: number
}

export interface MemberTable {
  organization: number
  person: string
  role: Role
  since_ms: number
}

export interface InvitationTable {
  id: string
  /** SHA-256 of the token. */
  token: Uint8Array
  organization: number
  role: Role
  /** The caller's name. */
  invited_by: string
  created_ms: number
  expires_ms: number
}
