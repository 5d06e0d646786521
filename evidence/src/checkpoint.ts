import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { type Refusal, TanlianError } from '@tanlian/units'
import { base64pad } from 'multiformats/bases/base64'
import { checkEd25519, ed25519PublicKey, requireEd25519Key, signEd25519 } from './ed25519.ts'
import { decodeBase64, isKeyName, keyIdOf, type NoteSignature, signatureLine, splitNote } from './note.ts'

/** What a checkpoint says: the log named `origin` had this root at this size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** A public key that may sign checkpoints, with the name it goes by (C2SP signed-note). */
export interface NoteKey {
  readonly name: string
  /** First four bytes of H(name ‖ LF ‖ type ‖ key), in hex. */
  readonly id: string
  /** `log`: its own signature, type 01. `cosigner`: a witness's timestamped cosignature, type 04 (C2SP tlog-cosignature). */
  readonly use: 'log' | 'cosigner'
  readonly publicKey: Uint8Array
}

/** A checkpoint whose signatures held. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly ok: true
  /** Names of the known keys that signed it, the log's own among them. */
  readonly signers: readonly string[]
  /** Witnesses of these that cosigned it, each with the Unix second at which it did. */
  readonly cosigners: readonly { readonly name: string; readonly timeS: number }[]
}

const KEY_TYPES = { log: 0x01, cosigner: 0x04 } as const

/**
 * The checkpoint as a signed note, by the log's own key under the log's own name.
 * @throws TanlianError E_CHECKPOINT_FORM where origin, size or root cannot be written.
 */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: Uint8Array): string {
  const text = checkpointText(checkpoint)
  const { origin: name } = checkpoint
  const id = keyIdOf(name, KEY_TYPES.log, ed25519PublicKey(privateKey))
  return `${text}\n${signatureLine({ name, id, signature: signEd25519(utf8ToBytes(text), privateKey) })}`
}

/** The text that log and witnesses sign. @throws TanlianError E_CHECKPOINT_FORM */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== 32)
    throw new TanlianError('E_CHECKPOINT_FORM', `A checkpoint of ${origin} at size ${size} cannot be written.`)
  return `${origin}\n${size}\n${base64pad.baseEncode(root)}\n`
}

/**
 * Opens a checkpoint against keys that are trusted beforehand. Signatures by other keys are passed over; a known key whose signature
 * does not hold refuses the whole note, and the log itself (a key of the origin's name) must be among the signers.
 * Codes in order: E_CHECKPOINT_FORM, E_CHECKPOINT_SIGNATURE, E_CHECKPOINT_UNSIGNED.
 */
export function openCheckpoint(note: string, vkeys: readonly string[]): OpenedCheckpoint | Refusal {
  const keys = vkeys.map(openVkey)
  const parts = splitNote(note)
  const checkpoint = parts === undefined ? undefined : readBody(parts.text)
  if (parts === undefined || checkpoint === undefined)
    return no('E_CHECKPOINT_FORM', 'This is not a checkpoint in the form of C2SP tlog-checkpoint.')
  const signers: string[] = []
  const cosigners: { name: string; timeS: number }[] = []
  for (const line of parts.signatures) {
    const key = keys.find((known) => known.name === line.name && known.id === line.id)
    if (key === undefined || signers.includes(line.name)) continue
    const timeS = timeOf(line, key)
    if (!checkLine(parts.text, line, key))
      return no('E_CHECKPOINT_SIGNATURE', `The signature of ${line.name} does not hold over this checkpoint.`)
    signers.push(line.name)
    if (timeS !== undefined) cosigners.push({ name: line.name, timeS })
  }
  if (!keys.some(({ name, use }) => use === 'log' && name === checkpoint.origin && signers.includes(name)))
    return no('E_CHECKPOINT_UNSIGNED', `No trusted key of the log ${checkpoint.origin} signed this checkpoint.`)
  return { ok: true, ...checkpoint, signers, cosigners }
}

/** What a note says where one key, of a log or of a witness, signed it; undefined where it is no checkpoint or that key did not. */
export function checkpointSignedBy(note: string, key: NoteKey): Checkpoint | undefined {
  const parts = splitNote(note)
  const checkpoint = parts === undefined ? undefined : readBody(parts.text)
  const line = parts?.signatures.find(({ name, id }) => name === key.name && id === key.id)
  if (parts === undefined || checkpoint === undefined || line === undefined) return undefined
  return checkLine(parts.text, line, key) ? checkpoint : undefined
}

/** The text by which a verifier names a log's key: `name+id+base64(01 ‖ key)`. @throws TanlianError E_CHECKPOINT_VKEY, E_KEY_ED25519 */
export function makeVkey(name: string, publicKey: Uint8Array): string {
  return vkeyText(name, 'log', publicKey)
}

/** The same of a witness's key: `name+id+base64(04 ‖ key)` (C2SP tlog-cosignature). @throws TanlianError E_CHECKPOINT_VKEY, E_KEY_ED25519 */
export function makeCosignerVkey(name: string, publicKey: Uint8Array): string {
  return vkeyText(name, 'cosigner', publicKey)
}

/** Reads a vkey back. @throws TanlianError E_CHECKPOINT_VKEY, E_KEY_ED25519 */
export function openVkey(vkey: string): NoteKey {
  // Base64 has plus signs of its own: only the first two are separators.
  const [name = '', id = ''] = vkey.split('+', 2)
  const bytes = decodeBase64(vkey.slice(name.length + id.length + 2))
  const use = bytes?.[0] === KEY_TYPES.log ? 'log' : bytes?.[0] === KEY_TYPES.cosigner ? 'cosigner' : undefined
  if (!isKeyName(name) || bytes?.length !== 33 || use === undefined) throw vkeyError()
  const publicKey = bytes.slice(1)
  if (keyIdOf(name, KEY_TYPES[use], publicKey) !== id) throw vkeyError()
  requireEd25519Key(publicKey)
  return { name, id, use, publicKey }
}

/** The bytes that a witness signs: two lines of its own before the whole text of the checkpoint (C2SP tlog-cosignature). */
export function cosignedBytes(text: string, timeS: number): Uint8Array {
  return utf8ToBytes(`cosignature/v1\ntime ${timeS}\n${text}`)
}

/** Bytes of a cosignature: its time as a big-endian u64, then the signature. */
export const COSIGNATURE_BYTES = 72

function checkLine(text: string, line: NoteSignature, key: NoteKey): boolean {
  if (key.use === 'log') return checkEd25519(utf8ToBytes(text), line.signature, key.publicKey)
  const timeS = timeOf(line, key)
  return timeS !== undefined && checkEd25519(cosignedBytes(text, timeS), line.signature.subarray(8), key.publicKey)
}

/** The time in a witness's line; undefined for a log's own, and where it is not within 2^53 − 1. */
function timeOf({ signature }: NoteSignature, { use }: NoteKey): number | undefined {
  if (use === 'log' || signature.length !== COSIGNATURE_BYTES) return undefined
  const timeS = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0))
  return Number.isSafeInteger(timeS) ? timeS : undefined
}

function readBody(text: string): Checkpoint | undefined {
  const lines = text.slice(0, -1).split('\n')
  const [origin = '', size = '', encoded = ''] = lines
  const root = decodeBase64(encoded)
  if (lines.some((line) => line === '') || root?.length !== 32 || !/^(0|[1-9]\d{0,15})$/.test(size)) return undefined
  return Number.isSafeInteger(Number(size)) ? { origin, size: Number(size), root } : undefined
}

function vkeyText(name: string, use: NoteKey['use'], publicKey: Uint8Array): string {
  requireEd25519Key(publicKey)
  if (!isKeyName(name)) throw vkeyError()
  const type = KEY_TYPES[use]
  return `${name}+${keyIdOf(name, type, publicKey)}+${base64pad.baseEncode(concatBytes(Uint8Array.of(type), publicKey))}`
}

function vkeyError(): TanlianError {
  return new TanlianError(
    'E_CHECKPOINT_VKEY',
    'This is not a key of the form name+id+base64 for Ed25519. Copy it whole.',
  )
}

function no(code: string, message: string): Refusal {
  return { ok: false, code, message }
}
