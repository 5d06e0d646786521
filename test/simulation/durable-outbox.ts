import { decodeBlock, decodeEntry, encodeBlock, encodeEntry } from '@tanlian/evidence'
import type { Outbox, Receipt, SignedStatement } from '@tanlian/sdk'
import type { FaultDisk } from '../../platform/test/fault-disk.ts'
import type { Life } from './life.ts'

/** An uplink's outbox on a disk that loses what was not synced, with all that its enterprise keeps of its statements. */
export interface DurableOutbox extends Outbox {
  /** Receipts in the order in which they came. */
  receipts(): Promise<readonly { readonly note: string; readonly receipt: Receipt }[]>
}

const FOLDER = '/outbox'

/** Opens it for one process of the uplink. */
export function openDurableOutbox(disk: FaultDisk, life: Life): DurableOutbox {
  const pathOf = ({ entry }: SignedStatement) =>
    `${FOLDER}/${entry.kind}-${String(entry.sequence).padStart(6, '0')}.signed`
  const write = (path: string, bytes: Uint8Array) =>
    life.call(async () => {
      await disk.remove(`${path}.new`)
      const file = await disk.open(`${path}.new`, 'create')
      await file.write(bytes, 0)
      await file.sync()
      await disk.rename(`${path}.new`, path)
      await disk.syncDirectory(FOLDER)
    })
  const read = (path: string) =>
    life.call(async () => {
      const file = await disk.open(path, 'existing')
      const bytes = new Uint8Array(await file.size())
      await file.read(bytes, 0)
      return bytes
    })
  const names = async (ending: string) =>
    (await life.call(() => disk.list(FOLDER))).filter((name) => name.endsWith(ending)).sort()
  const remove = (path: string) =>
    life.call(async () => {
      await disk.remove(path)
      await disk.syncDirectory(FOLDER)
    })
  return {
    async save(statement) {
      const { entry, signature, car, note } = statement
      await write(pathOf(statement), encodeBlock({ entry: encodeEntry(entry), signature, car, note }).bytes)
    },
    async unsettled(organization, kind) {
      const found: SignedStatement[] = []
      for (const name of await names('.signed')) {
        const kept = decodeBlock(await read(`${FOLDER}/${name}`)) as {
          entry: Uint8Array
          signature: Uint8Array
          car: Uint8Array
          note: string
        }
        const entry = decodeEntry(kept.entry)
        if (entry.organization === organization && entry.kind === kind) found.push({ ...kept, entry })
      }
      return found
    },
    async settle(statement, receipt) {
      const number = String(receipt.sequence).padStart(6, '0')
      const text = JSON.stringify({ note: statement.note, receipt })
      await write(`${FOLDER}/${number}.receipt`, new TextEncoder().encode(text))
      await remove(pathOf(statement))
    },
    abandon: (statement) => remove(pathOf(statement)),
    async receipts() {
      const found: { note: string; receipt: Receipt }[] = []
      for (const name of await names('.receipt'))
        found.push(JSON.parse(new TextDecoder().decode(await read(`${FOLDER}/${name}`))))
      return found
    },
  }
}
