import { cidOf, digestOf, encodeBlock, fromHex, fromHex0x, toHex } from '@tanlian/evidence'

/** What a device signs to prove that it holds its key (持有证明). */
export interface KeyStatement {
  readonly chainId: number
  readonly log: `0x${string}`
  readonly organization: number
  readonly device: string
  /** Raw Ed25519 public key, hex. */
  readonly key: string
  /** The first counter that it signs. */
  readonly firstCounter: number
  /** Unix seconds. */
  readonly expires: number
}

/** The bytes to be signed, as `POST …/devices/{device}/keys` holds them: canonical DAG-CBOR that names purpose, log, organization and device. */
export function statementBytes({ chainId, log, key, ...rest }: KeyStatement): Uint8Array {
  const named = { chain: chainId, log: fromHex0x(log, 20), key: fromHex(key, 32) }
  return encodeBlock({ format: 'tanlian/device-key/1', ...named, ...rest }).bytes
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in a public key file. */
const ED25519_HEAD = '302a300506032b6570032100'

/** A public key as it is pasted, 64 hex digits or a PEM file, as hex; undefined where it is no Ed25519 key. */
export function readPublicKey(text: string): string | undefined {
  const hex = hexOf(text, 32)
  if (hex !== undefined) return hex
  const der = pemBytes(text, 'PUBLIC KEY')
  const all = der === undefined ? '' : toHex(der)
  return all.startsWith(ED25519_HEAD) && all.length === ED25519_HEAD.length + 64
    ? all.slice(ED25519_HEAD.length)
    : undefined
}

/** A signature as it is pasted: 128 hex digits, or 64 bytes in base64. */
export function readSignature(text: string): string | undefined {
  const bytes = base64Bytes(text)
  return hexOf(text, 64) ?? (bytes?.length === 64 ? toHex(bytes) : undefined)
}

/** SHA-256 of a certificate's DER, by which a certificate is enrolled; undefined where the file holds none. */
export function certificateFingerprint(file: Uint8Array): string | undefined {
  const der = pemBytes(new TextDecoder().decode(file), 'CERTIFICATE') ?? file
  // A certificate is a SEQUENCE with a length of two bytes (RFC 5280); the whole file must be one.
  const [tag, size, high = 0, low = 0] = der
  if (tag !== 0x30 || size !== 0x82 || der.length !== 4 + high * 256 + low) return undefined
  return toHex(digestOf(cidOf(der)))
}

function hexOf(text: string, length: number): string | undefined {
  const hex = text.replaceAll(/[\s:]/g, '').toLowerCase()
  return hex.length === 2 * length && /^[0-9a-f]+$/.test(hex) ? hex : undefined
}

function pemBytes(text: string, label: string): Uint8Array | undefined {
  const [, body] = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(text) ?? []
  return body === undefined ? undefined : base64Bytes(body)
}

function base64Bytes(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (sign) => sign.charCodeAt(0))
  } catch {
    return undefined
  }
}
