/** What this browser keeps: encrypted keys, signed statements on their way, and how far imports have come. */
export type StoreName = 'keys' | 'outbox' | 'imports'

const NAME = 'tanlian'
const STORES: readonly (readonly [StoreName, string])[] = [
  ['keys', 'address'],
  ['outbox', 'id'],
  ['imports', 'id'],
]

/** One act on one store; resolves only when its transaction is complete, so that "kept" is not said too early. */
export function inStore<T>(
  name: StoreName,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1)
    opening.onupgradeneeded = () => {
      for (const [store, keyPath] of STORES) opening.result.createObjectStore(store, { keyPath })
    }
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const database = opening.result
      // Strict: the browser says done only after the disk has it, as far as browsers promise that.
      const transaction = database.transaction(name, mode, { durability: 'strict' })
      const request = act(transaction.objectStore(name))
      transaction.oncomplete = () => {
        database.close()
        resolve(request.result as T)
      }
      transaction.onabort = () => {
        database.close()
        reject(transaction.error)
      }
    }
  })
}
