import { concatBytes } from '@noble/hashes/utils.js'
import { TanlianError } from '@tanlian/units'
import { type Checkpoint, COSIGNATURE_BYTES, checkpointText, cosignedBytes, openVkey } from './checkpoint.ts'
import { checkEd25519, ed25519PublicKey, signEd25519 } from './ed25519.ts'
import { keyIdOf, signatureLine, splitNote } from './note.ts'

/** Type of a witness's Ed25519 key in its id. */
const COSIGNER = 0x04

/**
 * A witness's signature line under a checkpoint (C2SP tlog-cosignature, Ed25519): as of `timeS`, the largest state of this log that the
 * witness has seen and found consistent had this root. Its key signs nothing else (safety R9).
 * @param timeS Unix seconds
 */
export function cosign(
  checkpoint: Checkpoint,
  witness: { readonly name: string; readonly privateKey: Uint8Array },
  timeS: number,
): string {
  const { name, privateKey } = witness
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeS))
  const signature = concatBytes(time, signEd25519(cosignedBytes(checkpointText(checkpoint), timeS), privateKey))
  return signatureLine({ name, id: keyIdOf(name, COSIGNER, ed25519PublicKey(privateKey)), signature })
}

/** What a cosignature that holds tells. */
export interface Cosignature {
  /** The line in its one form, with its newline. */
  readonly line: string
  readonly name: string
  readonly timeS: number
}

/**
 * Checks one signature line of a witness over a checkpoint.
 * @throws TanlianError E_COSIGNATURE where it is not of the form, by another key, or does not hold.
 */
export function checkCosignature(checkpoint: Checkpoint, line: string, vkey: string): Cosignature {
  const text = checkpointText(checkpoint)
  const key = openVkey(vkey)
  const parts = splitNote(`${text}\n${line}`)
  const given = parts?.signatures[0]
  if (key.use !== 'cosigner') throw refused('the key is not one for cosignatures')
  if (parts?.signatures.length !== 1 || given === undefined || given.signature.length !== COSIGNATURE_BYTES)
    throw refused('it is not one line of the form of C2SP tlog-cosignature')
  if (given.name !== key.name || given.id !== key.id) throw refused(`it is not by ${key.name}`)
  const timeS = Number(new DataView(given.signature.buffer, given.signature.byteOffset).getBigUint64(0))
  if (!Number.isSafeInteger(timeS)) throw refused('its time is beyond 2^53 − 1')
  if (!checkEd25519(cosignedBytes(text, timeS), given.signature.subarray(8), key.publicKey))
    throw refused(`the signature of ${key.name} does not hold over size ${checkpoint.size}`)
  return { line: signatureLine(given), name: key.name, timeS }
}

function refused(why: string): TanlianError {
  return new TanlianError('E_COSIGNATURE', `The cosignature cannot be used: ${why}.`, { values: { why } })
}
