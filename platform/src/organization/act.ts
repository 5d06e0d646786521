import { fromHex0x, toHex, toHex0x } from '@tanlian/evidence'
import { ACTS, type ActMessage, type ActName, actHash, newKeysOf, recoverActSigners } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'

/** A signed act that has the right form: who signed it, and the digest that names it. */
export interface ReadAct {
  readonly name: ActName
  readonly message: ActMessage
  readonly signatures: Uint8Array
  /** EIP-712 digest: what was signed. For Apply the application's name. */
  readonly digest: Uint8Array
  readonly signer: `0x${string}`
}

/**
 * Reads a registry act from outside and checks all that can be checked without the chain: name, fields, number of signatures, that each
 * new key signed, expiry.
 * @throws TanlianError E_ACT_UNKNOWN, E_ACT_FORM, E_ACT_EXPIRED, E_SIGNATURE_FORM
 */
export function readAct(
  instance: Instance,
  name: string,
  given: Readonly<Record<string, unknown>>,
  signature: string,
): ReadAct {
  if (!isActName(name)) {
    const acts = Object.keys(ACTS).join(', ')
    throw new TanlianError('E_ACT_UNKNOWN', `The registry has no act ${name.slice(0, 40)}; it has ${acts}.`, {
      values: { acts },
    })
  }
  const message = readMessage(name, given)
  const signatures = fromHex0x(signature)
  const domain = { chainId: instance.chain.chainId, verifyingContract: instance.chain.contracts.OrganizationRegistry }
  const signers = recoverActSigners(domain, name, message, signatures)
  const newKeys = newKeysOf(name, message)
  const [signer, ...others] = signers
  if (signer === undefined || others.length !== newKeys.length || others.some((key, at) => key !== newKeys[at]))
    throw formError('signature', `needs the acting key and then ${newKeys.length} new keys to have signed this message`)
  const { expires } = message
  if (expires * 1000 < instance.clock())
    throw new TanlianError(
      'E_ACT_EXPIRED',
      `The act could be relayed until ${new Date(expires * 1000).toISOString()}.`,
      {
        values: { expires },
      },
    )
  return { name, message, signatures, digest: actHash(domain, name, message), signer }
}

/** Name of the job that relays an act: the same act is the same job. */
export function jobOf(act: Pick<ReadAct, 'digest'>): string {
  return toHex(act.digest)
}

/** Id of the outbox's intent behind a job. */
export function intentIdOf(job: string): string {
  return `act:${job}`
}

function isActName(name: string): name is ActName {
  return Object.hasOwn(ACTS, name)
}

/** Exactly the act's fields; integers as numbers or decimal texts, digests and addresses as 0x-hex. */
function readMessage(name: ActName, given: Readonly<Record<string, unknown>>): ActMessage {
  const fields = ACTS[name].fields
  for (const field of Object.keys(given))
    if (!fields.some((known) => known.name === field)) throw formError(field.slice(0, 40), 'is not a field of this act')
  const message: Record<string, unknown> = {}
  for (const { name: field, type } of fields) {
    const value = given[field]
    if (value === undefined) throw formError(field, 'is missing')
    message[field] = type === 'bytes32' || type === 'address' ? bytesOf(field, value, type) : integerOf(field, value)
  }
  return message as ActMessage
}

function bytesOf(field: string, value: unknown, type: 'bytes32' | 'address'): string {
  const length = type === 'bytes32' ? 32 : 20
  if (typeof value !== 'string' || !new RegExp(`^0x[0-9a-fA-F]{${2 * length}}$`).test(value))
    throw formError(field, `is not ${length} bytes, 0x and hex`)
  return toHex0x(fromHex0x(value, length))
}

function integerOf(field: string, value: unknown): number {
  const number = typeof value === 'string' && /^(?:0|[1-9][0-9]{0,15})$/.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
    throw formError(field, 'is not an integer of 0 … 2^53 − 1')
  return number
}

function formError(field: string, why: string): TanlianError {
  return new TanlianError('E_ACT_FORM', `The field ${field} of the act ${why}.`, { values: { field, why } })
}
