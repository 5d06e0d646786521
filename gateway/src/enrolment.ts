import { checkEd25519, encodeBlock, requireEd25519Key, signEd25519 } from '@tanlian/evidence'

/** What a device's key is enrolled for (设备密钥登记). Counters below `firstCounter` are an earlier key's. */
export interface Enrolment {
  readonly organization: number
  readonly device: string
  /** Raw Ed25519 key, made on the device (safety R7). */
  readonly publicKey: Uint8Array
  readonly firstCounter: number
}

/** One purpose a signature (safety R9): a proof of possession cannot be read as a frame. */
const PURPOSE = 'tanlian/device-key/1'

/** What the device signs to show that it holds the key: the DAG-CBOR of its enrolment. */
export function enrolmentBytes({ organization, device, publicKey, firstCounter }: Enrolment): Uint8Array {
  return encodeBlock({ purpose: PURPOSE, organization, device, publicKey, firstCounter }).bytes
}

/** The proof of possession, made by the device (持有证明): 64 bytes. */
export function proveEnrolment(enrolment: Enrolment, privateKey: Uint8Array): Uint8Array {
  return signEd25519(enrolmentBytes(enrolment), privateKey)
}

/** True where the proof is by the key that is to be enrolled. @throws TanlianError E_KEY_ED25519 for a key that is none */
export function checkEnrolment(enrolment: Enrolment, proof: Uint8Array): boolean {
  requireEd25519Key(enrolment.publicKey)
  return checkEd25519(enrolmentBytes(enrolment), proof, enrolment.publicKey)
}
