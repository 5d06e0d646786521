import { TanlianError } from '@tanlian/units'

/** Arrays and objects inside each other that a body may have. */
const DEPTH_MAX = 32
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Reads a JSON body strictly: valid UTF-8, no key twice in an object, no key that reaches a prototype, no zero character and no half
 * of a surrogate pair (PostgreSQL takes neither), nesting bounded (R6, R22).
 * @throws TanlianError E_REQUEST_JSON, E_REQUEST_DUPLICATE_KEY, E_REQUEST_KEY, E_REQUEST_TEXT, E_REQUEST_DEPTH
 */
export function readJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new TanlianError('E_REQUEST_TEXT', 'The body is not UTF-8.')
  }
  requireDepth(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TanlianError('E_REQUEST_JSON', 'The body is not JSON.')
  }
  requireKeysOnce(text)
  return value
}

/**
 * True for a text that can be stored and shown: no zero character, no half of a surrogate pair.
 */
export function isPlainText(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

/** Bounds the nesting before a parser sees the text. Brackets inside strings do not count. */
function requireDepth(text: string) {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === 0x22) at = endOfString(text, at)
    else if (c === 0x7b || c === 0x5b) {
      depth++
      if (depth > DEPTH_MAX)
        throw new TanlianError('E_REQUEST_DEPTH', `The body is nested more than ${DEPTH_MAX} deep.`, {
          values: { limit: DEPTH_MAX },
        })
    } else if (c === 0x7d || c === 0x5d) depth--
  }
}

/** Walks text that is known to be JSON; a string directly after `{` or `,` inside an object is a key. */
function requireKeysOnce(text: string) {
  const open: (Set<string> | null)[] = []
  let keyNext = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b:
        open.push(new Set())
        keyNext = true
        break
      case 0x5b:
        open.push(null)
        keyNext = false
        break
      case 0x7d:
      case 0x5d:
        open.pop()
        keyNext = false
        break
      case 0x2c:
        keyNext = open.at(-1) instanceof Set
        break
      case 0x22: {
        const end = endOfString(text, at)
        const string: string = JSON.parse(text.slice(at, end + 1))
        if (!isPlainText(string))
          throw new TanlianError('E_REQUEST_TEXT', 'A text of the body has a zero character or broken Unicode.')
        const keys = open.at(-1)
        if (keyNext && keys instanceof Set) {
          if (FORBIDDEN_KEYS.has(string))
            throw new TanlianError('E_REQUEST_KEY', `The body uses the reserved key ${string}.`, {
              values: { key: string },
            })
          if (keys.has(string))
            throw new TanlianError('E_REQUEST_DUPLICATE_KEY', 'An object in the body names one key twice.', {
              values: { key: string.slice(0, 80) },
            })
          keys.add(string)
          keyNext = false
        }
        at = end
      }
    }
  }
}

/** Index of the closing quote, or of the end where there is none. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1
  return at
}
