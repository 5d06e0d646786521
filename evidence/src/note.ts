import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { base64pad } from 'multiformats/bases/base64'

/** A signed note (C2SP signed-note) taken apart: the signed text, and each signature line. */
export interface Note {
  /** With its final newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** One signature line of a note. */
export interface NoteSignature {
  readonly name: string
  /** Four bytes in hex. */
  readonly id: string
  readonly signature: Uint8Array
}

/** A note may have this many characters and signatures; the specification asks verifiers to set some limit of 16 or more. */
const MAX_LENGTH = 16_384
const MAX_SIGNATURES = 64

/** Takes a note apart; undefined where it is not of the form. */
export function splitNote(note: string): Note | undefined {
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

/** A signature line, with its newline. */
export function signatureLine({ name, id, signature }: NoteSignature): string {
  return `— ${name} ${base64pad.baseEncode(concatBytes(hexToBytes(id), signature))}\n`
}

/** First four bytes of H(name ‖ LF ‖ type ‖ key), in hex. */
export function keyIdOf(name: string, type: number, publicKey: Uint8Array): string {
  const hash = sha256(concatBytes(utf8ToBytes(`${name}\n`), Uint8Array.of(type), publicKey))
  return bytesToHex(hash.subarray(0, 4))
}

/** Whether a text can name a key. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && !hasControls(name) && /^[^\p{White_Space}+]{1,255}$/u.test(name)
}

/** Standard base64 with padding, in its one canonical form; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = base64pad.baseDecode(text)
    return base64pad.baseEncode(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
}

function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x20 && unit !== 0x0a) return true
  }
  return false
}
