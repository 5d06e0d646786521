import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'

/** Flags of WebAuthn section 6.1: somebody was present; they were verified; a credential is attached. */
const PRESENT = 0x01
const VERIFIED = 0x04
const ATTACHED = 0x40

/** A passkey in software: one ES256 credential for one site, as a browser's WebAuthn calls give it; told so, it does not check who holds it. */
export function createAuthenticator(rpId: string, origin: string, id: Uint8Array = randomBytes(32)) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = publicKey.export({ format: 'jwk' })
  const rpIdHash = createHash('sha256').update(rpId).digest()
  const idText = Buffer.from(id).toString('base64url')
  let counter = 0

  const clientData = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
  const head = (flags: number, verified: boolean) => {
    counter++
    const bytes = Buffer.alloc(37)
    rpIdHash.copy(bytes)
    bytes[32] = flags | PRESENT | (verified ? VERIFIED : 0)
    bytes.writeUInt32BE(counter, 33)
    return bytes
  }
  return {
    /** `navigator.credentials.create`: present, attested data; attestation "none". */
    create(challenge: string, verified = true) {
      const cose = Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        Buffer.from(jwk.x ?? '', 'base64url'),
        Buffer.from('225820', 'hex'),
        Buffer.from(jwk.y ?? '', 'base64url'),
      ])
      const name = Buffer.from(id)
      const authData = Buffer.concat([
        head(ATTACHED, verified),
        Buffer.alloc(16),
        Buffer.from([0, name.length]),
        name,
        cose,
      ])
      const attestation = Buffer.concat([
        Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
        Buffer.from([0x58, authData.length]),
        authData,
      ])
      return {
        id: idText,
        rawId: idText,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: clientData('webauthn.create', challenge).toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      }
    },
    /** `navigator.credentials.get`. */
    get(challenge: string, verified = true) {
      const data = clientData('webauthn.get', challenge)
      const authData = head(0, verified)
      const signed = Buffer.concat([authData, createHash('sha256').update(data).digest()])
      return {
        id: idText,
        rawId: idText,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: data.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: createSign('sha256').update(signed).sign(privateKey).toString('base64url'),
        },
      }
    },
  }
}
