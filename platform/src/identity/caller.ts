import type { Address } from '@tanlian/evidence'

/** What a person or key may do for one organization: read what is private, write, or also name people. */
export type Role = 'owner' | 'editor' | 'reader'

/** Who sends a request. It comes from the session alone, never from anything else in the request. */
export interface Caller {
  /** `anonymous`, `person:<id>` or `key:<address>`: what the audit log names. */
  readonly name: string
  readonly person: string | undefined
  /** The organization's key that a program signed in with. */
  readonly key: Address | undefined
  /** May see everything of the instance; given when the instance is set up. */
  readonly admin: boolean
  /** Has a role in an organization that is a regulator and not suspended. */
  readonly regulator: boolean
  readonly roles: ReadonlyMap<number, Role>
  /** SHA-256 of the session's token; undefined for nobody. */
  readonly session: Uint8Array | undefined
  /** The session came in a cookie, so that a write needs the page's own origin. */
  readonly byCookie: boolean
}

/** Nobody who is known. */
export const ANONYMOUS: Caller = {
  name: 'anonymous',
  person: undefined,
  key: undefined,
  admin: false,
  regulator: false,
  roles: new Map(),
  session: undefined,
  byCookie: false,
}
