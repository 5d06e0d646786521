import { TanlianError } from '@tanlian/units'
import { type Block, decodeBlock, encodeBlock } from './block.ts'
import type { LogDomain } from './entry.ts'
import { decodeKey, type Interval, MAX_INTEGER } from './key.ts'
import { type Address, recoverHash, signHash, typedDataHash } from './typed-data.ts'

/**
 * What an owner lets another organization read (授权): the chunks of these types and streams whose readings lie wholly in `[from, to)`, or a
 * summary of such batches at a step. It holds for what is sealed while it stands; what was sealed for a reader stays readable to it (R13).
 */
export interface Grant {
  readonly organization: number
  /** The organization that may read. */
  readonly reader: number
  readonly access: 'read' | 'summary'
  /** Of a summary, seconds; 0 for reading. */
  readonly step: number
  /** One to three bytes each; at least one. */
  readonly types: readonly Uint8Array[]
  /** Only these; none for every stream of the types. */
  readonly streams: readonly number[]
  /** Unix seconds. */
  readonly from: number
  readonly to: number
  /** 16 random bytes: two grants are never one. */
  readonly salt: Uint8Array
}

export const GRANT_FORMAT = 'tanlian/grant/1'
const LIST_MAX = 256

/** A grant's block. @throws TanlianError E_GRANT_FORM */
export function encodeGrant(grant: Grant): Block {
  return encodeBlock({ format: GRANT_FORMAT, ...requireGrant(grant) })
}

/** Reads a grant's block. @throws TanlianError E_BLOCK_NOT_CANONICAL, E_GRANT_FORM */
export function decodeGrant(bytes: Uint8Array): Grant {
  const { format, ...fields } = (decodeBlock(bytes) ?? {}) as Record<string, unknown>
  if (format !== GRANT_FORMAT || Object.keys(fields).sort().join() !== FIELDS)
    throw grantError(`it is no ${GRANT_FORMAT}`)
  return requireGrant(fields as unknown as Grant)
}

/** Signs a grant for one chain and log, by a key of the owner: `Grant(uint64 organization, bytes32 digest)`. */
export function signGrant(grant: Block, organization: number, domain: LogDomain, privateKey: Uint8Array): Uint8Array {
  return signHash(grantHash(grant, organization, domain), privateKey)
}

/** Whose key signed a grant. @throws TanlianError E_SIGNATURE_… */
export function recoverGrantSigner(
  grant: Block,
  organization: number,
  domain: LogDomain,
  signature: Uint8Array,
): Address {
  return recoverHash(grantHash(grant, organization, domain), signature)
}

/** Whether everything between two keys of one type and stream is granted. */
export function isGranted({ types, streams, from, to }: Grant, { lo, hi }: Interval): boolean {
  const { stream, start } = decodeKey(lo)
  return (
    types.some((prefix) => prefix.every((byte, at) => lo[at] === byte)) &&
    (streams.length === 0 || streams.includes(stream)) &&
    start >= from &&
    decodeKey(hi).start < to
  )
}

const FIELDS = 'access,from,organization,reader,salt,step,streams,to,types'

function requireGrant(grant: Grant): Grant {
  const { organization, reader, access, step, types, streams, from, to, salt } = grant
  const integer = (value: unknown, least: number) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= MAX_INTEGER
  const list = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length <= LIST_MAX
  if (!integer(organization, 1) || !integer(reader, 1) || organization === reader)
    throw grantError('it does not name two organizations')
  if (access !== 'read' && access !== 'summary') throw grantError('its access is neither read nor summary')
  if (!integer(step, 0) || (access === 'summary') !== step > 0) throw grantError('only a summary has a step')
  if (
    !list(types) ||
    types.length === 0 ||
    !types.every((prefix) => prefix instanceof Uint8Array && prefix.length >= 1 && prefix.length <= 3)
  )
    throw grantError('a type is not one to three bytes')
  if (!list(streams) || !streams.every((stream) => integer(stream, 1) && (stream as number) <= 0xffffffff))
    throw grantError('a stream is not a number')
  if (!integer(from, 0) || !integer(to, 1) || from >= to) throw grantError('its time is empty')
  if (!(salt instanceof Uint8Array) || salt.length !== 16) throw grantError('its salt is not 16 bytes')
  return { organization, reader, access, step, types, streams, from, to, salt }
}

function grantHash({ cid }: Block, organization: number, { chainId, verifyingContract }: LogDomain): Uint8Array {
  return typedDataHash(
    { name: 'Tanlian Grant', version: '1', chainId, verifyingContract },
    'Grant',
    [
      { name: 'organization', type: 'uint64' },
      { name: 'digest', type: 'bytes32' },
    ],
    { organization, digest: cid.multihash.digest },
  )
}

function grantError(why: string): TanlianError {
  return new TanlianError('E_GRANT_FORM', `The grant cannot be read: ${why}.`, { values: { why } })
}
