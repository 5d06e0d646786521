import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A certificate with its key, both as PEM. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** Who makes certificates for the devices of one plant. */
export interface Authority {
  /** Its own certificate, as PEM: what both sides trust. */
  readonly certificate: string
  /** A broker's certificate for the names it is reached by. */
  forServer(hosts: readonly string[]): Certificate
  /** A device's certificate; its common name is the device's id (safety R24). */
  forDevice(id: string): Certificate
}

/** Ten years: a plant's own authority, on a network of its own. */
const LIFE_MS = 10 * 365 * 86_400_000

/** Makes an authority whose key lives in this process alone, for plants that are simulated. */
export function createAuthority(name: string, nowMs: number): Authority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issue = (subject: string, key: KeyObject, extensions: Uint8Array[]) =>
    certificateOf({ issuer: name, subject, key, issuerKey: pair.privateKey, extensions, nowMs })
  const issueTo = (subject: string, extensions: Uint8Array[]): Certificate => {
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return {
      certificate: issue(subject, own.publicKey, extensions),
      key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
  }
  return {
    certificate: issue(name, pair.publicKey, [extension('551d13', true, sequence(tagged(0x01, [0xff])))]),
    forServer: (hosts) =>
      issueTo(hosts[0] ?? name, [
        extension('551d11', false, sequence(...hosts.map(hostName))),
        extension('551d25', false, sequence(tagged(0x06, Buffer.from('2b06010505070301', 'hex')))),
      ]),
    forDevice: (id) =>
      issueTo(id, [extension('551d25', false, sequence(tagged(0x06, Buffer.from('2b06010505070302', 'hex'))))]),
  }
}

/** ECDSA with SHA-256. */
const ALGORITHM = sequence(tagged(0x06, Buffer.from('2a8648ce3d040302', 'hex')))

/** A certificate of version 3 (RFC 5280, section 4.1), as PEM. */
function certificateOf(given: {
  readonly issuer: string
  readonly subject: string
  readonly key: KeyObject
  readonly issuerKey: KeyObject
  readonly extensions: readonly Uint8Array[]
  readonly nowMs: number
}): string {
  const serial = randomBytes(16)
  // Positive, and of full length.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const body = sequence(
    tagged(0xa0, tagged(0x02, [2])),
    tagged(0x02, serial),
    ALGORITHM,
    commonName(given.issuer),
    sequence(time(given.nowMs - 86_400_000), time(given.nowMs + LIFE_MS)),
    commonName(given.subject),
    given.key.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...given.extensions)),
  )
  const signature = sign('sha256', body, given.issuerKey)
  const whole = sequence(body, ALGORITHM, tagged(0x03, Buffer.concat([Uint8Array.of(0), signature])))
  const lines =
    Buffer.from(whole)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [tagged(0x01, [0xff])] : []
  return sequence(tagged(0x06, Buffer.from(id, 'hex')), ...flag, tagged(0x04, value))
}

function hostName(host: string): Uint8Array {
  const parts = host.split('.').map(Number)
  const isAddress = parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256)
  return isAddress ? tagged(0x87, parts) : tagged(0x82, Buffer.from(host))
}

function commonName(name: string): Uint8Array {
  const attribute = sequence(tagged(0x06, Buffer.from('550403', 'hex')), tagged(0x0c, Buffer.from(name)))
  return sequence(tagged(0x31, attribute))
}

/** YYMMDDhhmmssZ, good until 2049 (RFC 5280, section 4.1.2.5.1). */
function time(ms: number): Uint8Array {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')
  return tagged(0x17, Buffer.from(text.slice(2)))
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, Buffer.concat(parts))
}

/** One DER element: tag, length, content. */
function tagged(tag: number, content: ArrayLike<number>): Uint8Array {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Uint8Array.from([tag, ...size, ...Array.from(content)])
}
