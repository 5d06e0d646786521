import { type Entry, toHex } from '@tanlian/evidence'
import type { Outbox, SignedStatement } from '@tanlian/sdk'
import { inStore } from '../database.ts'

interface Kept {
  readonly id: string
  readonly statement: SignedStatement
}

/** Signed statements of this browser, kept from before they are sent until their receipt is here: a closed tab loses nothing (safety R27, R28). */
export function browserOutbox(): Outbox {
  const drop = (statement: SignedStatement) =>
    inStore<undefined>('outbox', 'readwrite', (store) => store.delete(nameOf(statement.entry)))
  return {
    async save(statement) {
      await inStore('outbox', 'readwrite', (store) =>
        store.put({ id: nameOf(statement.entry), statement } satisfies Kept),
      )
    },
    async unsettled(organization, kind) {
      const kept = await inStore<Kept[]>('outbox', 'readonly', (store) => store.getAll())
      return kept
        .map(({ statement }) => statement)
        .filter(({ entry }) => entry.organization === organization && entry.kind === kind)
        .sort((a, b) => a.entry.sequence - b.entry.sequence)
    },
    async settle(statement) {
      await drop(statement)
    },
    async abandon(statement) {
      await drop(statement)
    },
  }
}

const nameOf = ({ organization, kind, sequence, digest }: Entry) =>
  `${organization}:${kind}:${sequence}:${toHex(digest)}`
