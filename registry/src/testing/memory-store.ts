import { TanlianError } from '@tanlian/units'
import type { Intent, IntentRecord, OutboxChanges, OutboxStore, TransactionRecord } from '../intent.ts'

/** An outbox store in memory, with failures on demand: `fail` may throw before a change is made (not kept) or after (kept). */
export interface MemoryStore extends OutboxStore {
  readonly intentsById: Map<string, IntentRecord>
  readonly transactions: Map<number, TransactionRecord>
  fail: (what: 'add' | 'save', when: 'before' | 'after') => void
}

export function memoryStore(): MemoryStore {
  const intentsById = new Map<string, IntentRecord>()
  const transactions = new Map<number, TransactionRecord>()
  let holder: string | undefined
  const store: MemoryStore = {
    intentsById,
    transactions,
    fail: () => undefined,
    async hold(sender) {
      if (holder !== undefined) throw new TanlianError('E_OUTBOX_HELD', 'Another process sends with this key.')
      holder = sender
    },
    async release() {
      holder = undefined
    },
    async open(sender) {
      const own = [...transactions.values()].filter((record) => record.sender === sender)
      return {
        transactions: own.filter((record) => record.state !== 'final').sort((a, b) => a.nonce - b.nonce),
        nextNonce: Math.max(-1, ...own.map((record) => record.nonce)) + 1,
      }
    },
    async add(intent: Intent) {
      store.fail('add', 'before')
      const kept = intentsById.get(intent.id)
      if (kept !== undefined) return kept
      const record: IntentRecord = {
        ...intent,
        state: 'waiting',
        nonce: null,
        transaction: null,
        block: null,
        failure: null,
      }
      intentsById.set(intent.id, record)
      store.fail('add', 'after')
      return record
    },
    async waiting(limit) {
      return [...intentsById.values()].filter((intent) => intent.state === 'waiting').slice(0, limit)
    },
    async intents(ids) {
      return ids.map((id) => intentsById.get(id)).filter((intent) => intent !== undefined)
    },
    async save({ intents = [], transactions: changed = [] }: OutboxChanges) {
      store.fail('save', 'before')
      for (const intent of intents) intentsById.set(intent.id, intent)
      for (const record of changed) transactions.set(record.nonce, record)
      store.fail('save', 'after')
    },
  }
  return store
}
