import { type Keystore, readKeystore } from '@tanlian/sdk'
import { inStore } from '../database.ts'

/** A signing key kept in this browser: encrypted, with a name and, once known, its organization. */
export interface KeptKey {
  /** 0x and lower-case hex; also the name under which it is stored. */
  readonly address: `0x${string}`
  readonly name: string
  readonly keystore: Keystore
  readonly madeMs: number
  /** What it is for; a key has one purpose (safety R9). Unknown for a key that was brought back. */
  readonly purpose?: Purpose
  /** Known once the registry names it. */
  readonly organization?: number
  /** Of a reader's key, its public part in hex: what others seal for. */
  readonly readerKey?: string
}

/** What a key of an organization may sign; a reader's key signs nothing, it opens what was sealed for the organization. */
export type Purpose = 'acts' | 'batches' | 'documents' | 'reader'

/** Every key kept here, oldest first. Only encrypted keystores are ever stored. */
export async function listKeys(): Promise<KeptKey[]> {
  const found = await inStore<KeptKey[]>('keys', 'readonly', (store) => store.getAll())
  return found.sort((a, b) => a.madeMs - b.madeMs)
}

/** Keeps a key, or changes what is known of it. The browser is asked not to drop it under pressure. */
export async function keepKey(key: KeptKey): Promise<void> {
  await navigator.storage?.persist?.()
  await inStore('keys', 'readwrite', (store) => store.put(key))
}

/** Forgets a key here; an exported keystore or the recovery phrase brings it back. */
export async function forgetKey(address: string): Promise<void> {
  await inStore('keys', 'readwrite', (store) => store.delete(address))
}

/** Keeps a key from its keystore file, under the file's name. Codes: E_KEYSTORE_FORM. */
export async function keepKeyFile(file: File): Promise<void> {
  const keystore = readKeystore(await file.text())
  const name = file.name.replace(/\.json$/, '')
  await keepKey({ address: `0x${keystore.address}`, name, keystore, madeMs: Date.now() })
}
