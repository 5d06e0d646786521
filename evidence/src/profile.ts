import { sha256 } from '@noble/hashes/sha2.js'
import { TanlianError } from '@tanlian/units'
import { type Block, decodeBlock, encodeBlock, equalBytes } from './block.ts'

/** First field of an applicant's public profile block. */
export const PROFILE_FORMAT = 'tanlian/profile/1'
/** First field of its private part. */
export const PRIVATE_PROFILE_FORMAT = 'tanlian/private-profile/1'

/** The kinds of party (五位一体), in the order of their numbers in the registry, from 1. */
export const PARTIES = ['regulator', 'platform', 'enterprise', 'verifier', 'exchange', 'laboratory', 'other'] as const

/** One kind of party. */
export type Party = (typeof PARTIES)[number]

/** What anyone may know of an organization (公开资料). H of its block is the profile digest on the chain. */
export interface Profile {
  readonly kind: Party
  readonly name: string
  readonly nameEn: string | null
  readonly region: string | null
  readonly industry: string | null
  readonly website: string | null
  /** H of the private part's block, which its salt keeps from being guessed; null without one. */
  readonly private: Uint8Array | null
}

/** What only the organization's people and the regulator know (非公开资料, S33). */
export interface PrivateProfile {
  /** 16 random bytes. */
  readonly salt: Uint8Array
  readonly contact: string | null
  readonly phone: string | null
  readonly email: string | null
  readonly address: string | null
  /** 统一社会信用代码. */
  readonly creditCode: string | null
}

const PROFILE_TEXTS = ['nameEn', 'region', 'industry', 'website'] as const
const PRIVATE_TEXTS = ['contact', 'phone', 'email', 'address', 'creditCode'] as const
const TEXT_MAX = 500

/** The public profile's block, with exactly the fields of {@link Profile} and `format`. @throws TanlianError E_PROFILE_FORM */
export function encodeProfile(profile: Profile): Block {
  const { kind, name, nameEn, region, industry, website } = profile
  const fields = { format: PROFILE_FORMAT, kind, name, nameEn, region, industry, website, private: profile.private }
  readProfile(fields)
  return encodeBlock(fields)
}

/** Reads a public profile back. @throws TanlianError E_BLOCK_NOT_CANONICAL, E_PROFILE_FORM */
export function decodeProfile(bytes: Uint8Array): Profile {
  return readProfile(decodeBlock(bytes))
}

/** The private part's block. @throws TanlianError E_PROFILE_FORM */
export function encodePrivateProfile(profile: PrivateProfile): Block {
  const { salt, contact, phone, email, address, creditCode } = profile
  const fields = { format: PRIVATE_PROFILE_FORMAT, salt, contact, phone, email, address, creditCode }
  readPrivateProfile(fields)
  return encodeBlock(fields)
}

/** Reads a private part back. @throws TanlianError E_BLOCK_NOT_CANONICAL, E_PROFILE_FORM */
export function decodePrivateProfile(bytes: Uint8Array): PrivateProfile {
  return readPrivateProfile(decodeBlock(bytes))
}

/** True where the public profile names this private part, or names none and there is none. */
export function checkPrivateProfile(profile: Profile, block: Uint8Array | null): boolean {
  if (profile.private === null || block === null) return profile.private === null && block === null
  return equalBytes(profile.private, sha256(block))
}

function readProfile(value: unknown): Profile {
  const map = fieldsOf(value, PROFILE_FORMAT, ['kind', 'name', ...PROFILE_TEXTS, 'private'])
  const kind = PARTIES.find((party) => party === map.kind)
  if (kind === undefined) throw formError('kind', 'is no kind of party')
  if (typeof map.name !== 'string' || map.name.trim() === '') throw formError('name', 'is empty')
  requireText('name', map.name)
  for (const field of PROFILE_TEXTS) requireText(field, map[field])
  const { private: hidden } = map
  if (hidden !== null && !(hidden instanceof Uint8Array && hidden.length === 32))
    throw formError('private', 'is neither 32 bytes nor null')
  return map as unknown as Profile
}

function readPrivateProfile(value: unknown): PrivateProfile {
  const map = fieldsOf(value, PRIVATE_PROFILE_FORMAT, ['salt', ...PRIVATE_TEXTS])
  if (!(map.salt instanceof Uint8Array && map.salt.length === 16)) throw formError('salt', 'is not 16 bytes')
  for (const field of PRIVATE_TEXTS) requireText(field, map[field])
  return map as unknown as PrivateProfile
}

/** The fields but `format`, where exactly these are there. */
function fieldsOf(value: unknown, format: string, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw formError('block', 'is not a map')
  const { format: given, ...fields } = value as Record<string, unknown>
  if (given !== format) throw formError('format', `is not ${format}`)
  for (const name of names) if (!Object.hasOwn(fields, name)) throw formError(name, 'is missing')
  for (const name of Object.keys(fields)) if (!names.includes(name)) throw formError(name, 'is one too many')
  return fields
}

function requireText(field: string, value: unknown) {
  if (value === null) return
  if (typeof value !== 'string' || value.length > TEXT_MAX || !value.isWellFormed() || value.includes('\u0000'))
    throw formError(field, `is no text of at most ${TEXT_MAX} characters`)
}

function formError(field: string, why: string): TanlianError {
  return new TanlianError('E_PROFILE_FORM', `The field ${field} of the profile ${why}.`, { values: { field, why } })
}
