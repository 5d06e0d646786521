import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { type Refusal, TanlianError } from '@tanlian/units'
import { base64pad } from 'multiformats/bases/base64'
import { checkEd25519, ed25519PublicKey, requireEd25519Key, signEd25519 } from './ed25519.ts'

/** What a checkpoint says: the log named `origin` had this root at this size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** A public key that may sign notes, with the name it goes by (C2SP signed-note). */
export interface NoteKey {
  readonly name: string
  /** First four bytes of H(name ‖ LF ‖ 01 ‖ key), in hex. */
  readonly id: string
  readonly publicKey: Uint8Array
}

/** A checkpoint whose signature held, and the names of the known keys that signed it. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly ok: true
  readonly signers: readonly string[]
}

/** A note may have this many bytes and signatures; the specification asks verifiers to set some limit of 16 or more. */
const MAX_LENGTH = 16_384
const MAX_SIGNATURES = 64
const ED25519 = 0x01

/**
 * The checkpoint as a signed note, by the log's own key under the log's own name.
 * @throws TanlianError E_CHECKPOINT_FORM where origin, size or root cannot be written.
 */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: Uint8Array): string {
  const { origin, size, root } = checkpoint
  if (!isKeyName(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== 32)
    throw new TanlianError('E_CHECKPOINT_FORM', `A checkpoint of ${origin} at size ${size} cannot be written.`)
  const text = `${origin}\n${size}\n${base64pad.baseEncode(root)}\n`
  const { id } = noteKey(origin, ed25519PublicKey(privateKey))
  const signature = signEd25519(utf8ToBytes(text), privateKey)
  return `${text}\n— ${origin} ${base64pad.baseEncode(concatBytes(hexToBytes(id), signature))}\n`
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
  const body = utf8ToBytes(parts.text)
  const signers: string[] = []
  for (const { name, id, signature } of parts.signatures) {
    const key = keys.find((known) => known.name === name && known.id === id)
    if (key === undefined || signers.includes(name)) continue
    if (!checkEd25519(body, signature, key.publicKey))
      return no('E_CHECKPOINT_SIGNATURE', `The signature of ${name} does not hold over this checkpoint.`)
    signers.push(name)
  }
  if (!signers.includes(checkpoint.origin))
    return no('E_CHECKPOINT_UNSIGNED', `No trusted key of the log ${checkpoint.origin} signed this checkpoint.`)
  return { ok: true, ...checkpoint, signers }
}

/** The text by which a verifier names a key: `name+id+base64(01 ‖ key)`. @throws TanlianError E_CHECKPOINT_VKEY, E_KEY_ED25519 */
export function makeVkey(name: string, publicKey: Uint8Array): string {
  requireEd25519Key(publicKey)
  if (!isKeyName(name)) throw vkeyError()
  return `${name}+${noteKey(name, publicKey).id}+${base64pad.baseEncode(concatBytes(Uint8Array.of(ED25519), publicKey))}`
}

/** Reads a vkey back. @throws TanlianError E_CHECKPOINT_VKEY, E_KEY_ED25519 */
export function openVkey(vkey: string): NoteKey {
  // Base64 has plus signs of its own: only the first two are separators.
  const [name = '', id = ''] = vkey.split('+', 2)
  const bytes = decodeBase64(vkey.slice(name.length + id.length + 2))
  if (!isKeyName(name) || bytes?.length !== 33 || bytes[0] !== ED25519) throw vkeyError()
  const key = noteKey(name, bytes.slice(1))
  if (key.id !== id) throw vkeyError()
  requireEd25519Key(key.publicKey)
  return key
}

interface NoteSignature {
  readonly name: string
  readonly id: string
  readonly signature: Uint8Array
}

function splitNote(note: string): { text: string; signatures: NoteSignature[] } | undefined {
  if (note.length > MAX_LENGTH || !note.isWellFormed() || hasControls(note)) return undefined
  const blank = note.lastIndexOf('\n\n')
  if (blank < 0 || !note.endsWith('\n')) return undefined
  const lines = note.slice(blank + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return undefined
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const [dash, name = '', encoded = '', ...rest] = line.split(' ')
    const bytes = decodeBase64(encoded)
    if (dash !== '—' || rest.length > 0 || !isKeyName(name) || bytes === undefined || bytes.length < 5) return undefined
    signatures.push({ name, id: bytesToHex(bytes.subarray(0, 4)), signature: bytes.slice(4) })
  }
  return { text: note.slice(0, blank + 1), signatures }
}

function readBody(text: string): Checkpoint | undefined {
  const lines = text.slice(0, -1).split('\n')
  const [origin = '', size = '', encoded = ''] = lines
  const root = decodeBase64(encoded)
  if (lines.some((line) => line === '') || root?.length !== 32 || !/^(0|[1-9]\d{0,15})$/.test(size)) return undefined
  return Number.isSafeInteger(Number(size)) ? { origin, size: Number(size), root } : undefined
}

function noteKey(name: string, publicKey: Uint8Array): NoteKey {
  const hash = sha256(concatBytes(utf8ToBytes(`${name}\n`), Uint8Array.of(ED25519), publicKey))
  return { name, id: bytesToHex(hash.subarray(0, 4)), publicKey }
}

function isKeyName(name: string): boolean {
  return name.isWellFormed() && !hasControls(name) && /^[^\p{White_Space}+]{1,255}$/u.test(name)
}

function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x20 && unit !== 0x0a) return true
  }
  return false
}

/** Standard base64 with padding, in its one canonical form; undefined for anything else. */
function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = base64pad.baseDecode(text)
    return base64pad.baseEncode(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
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
