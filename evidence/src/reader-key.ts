import { TanlianError } from '@tanlian/units'
import { MAX_READERS } from './form.ts'
import { compareKeys } from './key.ts'
import { isReaderKey } from './sealed.ts'

/** Kind of the document that lists an organization's readers' keys. */
export const READER_KEY_DOCUMENT = 'reader-key'

/** The content of a document of kind `reader-key`: every key that others may seal for from now on. */
export function readerKeyContent(keys: readonly Uint8Array[]): { readonly keys: readonly Uint8Array[] } {
  const sorted = [...keys].sort(compareKeys)
  return { keys: readReaderKeys({ keys: sorted }) }
}

/** Reads the content of such a document: up to 64 keys of 32 bytes, sorted. @throws TanlianError E_READER_KEY_FORM */
export function readReaderKeys(content: unknown): Uint8Array[] {
  const { keys, ...more } = (content ?? {}) as Record<string, unknown>
  if (!Array.isArray(keys) || keys.length > MAX_READERS || Object.keys(more).length > 0) throw readerKeyError()
  for (const [at, key] of keys.entries()) {
    if (!(key instanceof Uint8Array) || !isReaderKey(key)) throw readerKeyError()
    if (at > 0 && compareKeys(keys[at - 1] as Uint8Array, key) >= 0) throw readerKeyError()
  }
  return keys
}

function readerKeyError(): TanlianError {
  return new TanlianError(
    'E_READER_KEY_FORM',
    `A document of readers’ keys lists up to ${MAX_READERS} keys of 32 bytes, sorted.`,
  )
}
