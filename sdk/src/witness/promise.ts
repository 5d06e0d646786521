import { cidFromDigest, type Equivocation, fromHex, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { below, makeFolder, namesIn, readWanted, removeFile, writeDurably } from '../node/files.ts'
import type { Receipt } from '../outbox.ts'
import { checkReceipt, receiptBytes } from '../receipt.ts'
import type { LogFile } from './log-file.ts'
import { oneAtATime } from './turn.ts'

/**
 * A promise that was not kept (投诉, S8), in the form in which platforms list them: the receipt as the platform signed it, and what the chain
 * said when its time was over. Anyone checks it: the signature alone, the head at the contract.
 */
export interface Complaint {
  readonly kind: number
  readonly organization: number
  readonly sequence: number
  readonly digest: string
  readonly cid: string
  readonly receipt: Receipt
  /** RFC 3339: when it was found out, and when the promise ran out. */
  readonly made: string
  readonly due: string
  /** Block that the log was read to, its size, and the last sequence of this organization and kind in it. */
  readonly chain: { readonly block: number; readonly size: number; readonly head: number }
  /** Where the entry is by now; null while it is missing. */
  readonly settled: { readonly index: number; readonly at: string } | null
}

/** Where a receipt stands: its entry is in the log, it has time left, or it is complained of. */
export type PromiseState = 'kept' | 'waiting' | 'broken'

/** Holds a platform's receipts against the log as it was read from the chain. */
export interface PromiseKeeper {
  /** Takes a receipt in, of whomever. Codes: E_RECEIPT_INVALID; E_WITNESS_BUSY where too many wait. */
  take(receipt: Receipt): Promise<PromiseState>
  /** Looks at what waits; makes complaints and settles them. */
  look(): Promise<void>
  readonly complaints: readonly Complaint[]
}

/** Receipts that may wait at once: each is signed by the platform, and goes when its entry comes. */
const WAITING_MAX = 100_000

/**
 * Opens the promises that were not kept when the last run ended.
 * @param key the platform's receipt key @param block how far the chain was read @param keepProof keeps two receipts for one place on the disk
 */
export async function openPromiseKeeper(options: {
  readonly folder: string
  readonly key: Uint8Array
  readonly file: LogFile
  readonly block: () => number
  readonly clock: () => number
  readonly keepProof: (proof: Equivocation) => Promise<boolean>
}): Promise<PromiseKeeper> {
  const { key, file, block, clock, keepProof } = options
  const folder = below(options.folder, 'promises')
  await makeFolder(folder)
  const inTurn = oneAtATime()
  const open = new Map<string, Held>()
  for (const name of await namesIn(folder))
    if (name.endsWith('.json'))
      open.set(name, JSON.parse(new TextDecoder().decode(await readWanted(below(folder, name)))))

  const keep = async (name: string, held: Held) => {
    await writeDurably(below(folder, name), JSON.stringify(held))
    open.set(name, held)
  }
  /** Index of the receipt's entry in the log; undefined where it is not there, or another one is. */
  const indexOf = async ({ organization, kind, sequence, digest }: Receipt) => {
    const index = file.places(organization, kind)[sequence - 1]
    return index !== undefined && toHex((await file.entry(index)).digest) === digest ? index : undefined
  }
  const judge = async (name: string, { receipt, complaint }: Held): Promise<PromiseState> => {
    const { organization, kind, sequence } = receipt
    const index = await indexOf(receipt)
    const at = new Date(clock()).toISOString()
    if (index !== undefined && complaint === null) {
      open.delete(name)
      await removeFile(below(folder, name))
      return 'kept'
    }
    if (index !== undefined && complaint !== null) {
      if (complaint.settled === null) await keep(name, { receipt, complaint: { ...complaint, settled: { index, at } } })
      return 'kept'
    }
    if (complaint !== null) return 'broken'
    const head = file.places(organization, kind).length
    const dueMs = (receipt.received + receipt.promise) * 1000
    // Where another entry has the place, no time will make it true.
    if (head < sequence && clock() < dueMs) return 'waiting'
    const { digest } = receipt
    const made: Complaint = {
      ...{ kind, organization, sequence, digest, cid: cidFromDigest(fromHex(digest)).toString(), receipt },
      ...{ made: at, due: new Date(dueMs).toISOString() },
      chain: { block: block(), size: file.size, head },
      settled: null,
    }
    await keep(name, { receipt, complaint: made })
    return 'broken'
  }
  return {
    take: (given) =>
      inTurn(async () => {
        const receipt = plain(given)
        checkReceipt(receipt, key)
        const { organization, kind, sequence, digest } = receipt
        const name = `${organization}-${kind}-${sequence}-${digest}.json`
        const place = `${organization}-${kind}-${sequence}-`
        for (const [other, held] of open)
          if (other !== name && other.startsWith(place)) await keepProof(twoReceipts(held.receipt, receipt, key))
        if (!open.has(name) && open.size >= WAITING_MAX)
          throw new TanlianError(
            'E_WITNESS_BUSY',
            `${WAITING_MAX} receipts wait for their entries here. Ask another witness.`,
            {
              values: { waiting: open.size },
            },
          )
        const held = open.get(name) ?? { receipt, complaint: null }
        if (!open.has(name)) await keep(name, held)
        return judge(name, held)
      }),
    look: () =>
      inTurn(async () => {
        for (const [name, held] of [...open]) await judge(name, held)
      }),
    get complaints() {
      return [...open.values()].flatMap(({ complaint }) => complaint ?? [])
    },
  }
}

interface Held {
  readonly receipt: Receipt
  readonly complaint: Complaint | null
}

/** Only what is signed and what checks it: the rest of what a stranger hands in is not kept. @throws TanlianError E_RECEIPT_INVALID */
function plain(given: Receipt): Receipt {
  const { organization, kind, sequence, digest, received, size, promise, key, signature } = given ?? {}
  const numbers = [organization, kind, sequence, received, size, promise]
  const isForm =
    numbers.every((one) => Number.isSafeInteger(one) && (one as number) >= 0) &&
    (kind === 1 || kind === 2) &&
    /^[0-9a-f]{64}$/.test(String(digest)) &&
    /^[0-9a-f]{64}$/.test(String(key)) &&
    /^[0-9a-f]{128}$/.test(String(signature))
  if (!isForm)
    throw new TanlianError(
      'E_RECEIPT_INVALID',
      'This is no receipt of a platform. Hand in the JSON as it was received.',
    )
  return { organization, kind, sequence, digest, received, size, promise, key, signature }
}

function twoReceipts(one: Receipt, other: Receipt, key: Uint8Array): Equivocation {
  return {
    kind: 'receipts',
    key,
    receipts: [receiptBytes(one), receiptBytes(other)],
    signatures: [fromHex(one.signature, 64), fromHex(other.signature, 64)],
  }
}
