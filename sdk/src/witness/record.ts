import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { type Checkpoint, cosign, equalBytes, fromHex, openVkey, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { below, createDurably, makeFolder, readIfThere, writeDurably } from '../node/files.ts'
import { oneAtATime } from './turn.ts'

/**
 * What a witness's key has vouched for of one log, on its disk: the only way to a cosignature. A size is never signed with two roots and never
 * after a greater one, whatever ends the process and whoever asks at once (C2SP tlog-witness, safety R9).
 */
export interface CosignRecord {
  /** The last checkpoint that was cosigned; undefined before the first. */
  readonly last: Last | undefined
  /** Why nothing is cosigned any more; undefined where all is well. */
  readonly stopped: string | undefined
  /** Runs one piece of work after another, so that what it looks at is still so when it signs. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  /** Keeps a checkpoint as the last, and only then signs it. @returns the line @throws TanlianError E_WITNESS_CHECKPOINT */
  sign(checkpoint: Checkpoint, note: string): Promise<string>
  /** Ends cosigning until a person has looked and starts the witness anew; keeps the checkpoint that is at fault. @returns the error to throw */
  stop(size: number, note: string, why: string): Promise<TanlianError>
}

/** A checkpoint as it was cosigned: `root` in hex, `note` as the log signed it. */
export interface Last {
  readonly size: number
  readonly root: string
  readonly note: string
}

/** Under which name and key the lines are, by whose clock, and whom there is proof against. */
export interface CosignHand {
  readonly name: string
  readonly privateKey: Uint8Array
  readonly clock: () => number
  /** CID of a proof of equivocation against the log's key: nothing of that log is signed ever after. */
  readonly convicted: (vkey: string) => string | undefined
}

/** Opens the record of one log, by its key, in its folder. Codes: E_WITNESS_DAMAGED. */
export async function openCosignRecord(folder: string, vkey: string, hand: CosignHand): Promise<CosignRecord> {
  const { name, privateKey, clock, convicted } = hand
  await makeFolder(folder)
  const path = below(folder, 'cosigned.json')
  let last = await readLast(path)
  let stopped: string | undefined
  const reason = () => {
    const proof = convicted(vkey)
    return proof === undefined ? stopped : `the log’s key signed two histories, proof ${proof}`
  }
  const inTurn = oneAtATime()
  return {
    get last() {
      return last
    },
    get stopped() {
      return reason()
    },
    inTurn,
    async sign(checkpoint, note) {
      const { size, root } = checkpoint
      const why = reason()
      if (why !== undefined) throw contradicts(size, why)
      const isSame = last?.size === size && last.root === toHex(root)
      if (last !== undefined && !isSame && size <= last.size)
        throw contradicts(size, `this witness has cosigned size ${last.size} already`)
      if (!isSame) {
        const next = { size, root: toHex(root), note }
        await writeDurably(path, JSON.stringify(next))
        last = next
      }
      return cosign(checkpoint, { name, privateKey }, Math.floor(clock() / 1000))
    },
    async stop(size, note, why) {
      stopped ??= why
      await createDurably(below(folder, `checkpoint-${size}.txt`), note)
      return contradicts(size, why)
    },
  }
}

/** Opens the records of logs that this witness knows by their keys alone, each in a folder of its own. Codes: E_CHECKPOINT_VKEY, E_WITNESS_DAMAGED. */
export async function openOtherLogs(
  folder: string,
  vkeys: readonly string[],
  hand: CosignHand,
): Promise<{ readonly vkey: string; readonly record: CosignRecord }[]> {
  const place = below(folder, 'logs')
  return Promise.all(
    vkeys.map(async (vkey) => {
      // By its name alone: under another key a log is still the one whose last size counts.
      const name = toHex(sha256(utf8ToBytes(openVkey(vkey).name))).slice(0, 32)
      return { vkey, record: await openCosignRecord(below(place, name), vkey, hand) }
    }),
  )
}

/** Whether a checkpoint is of the last one's size and has another root. */
export function forksLast({ last }: CosignRecord, { size, root }: Checkpoint): boolean {
  return last !== undefined && size === last.size && !equalBytes(fromHex(last.root), root)
}

async function readLast(path: string): Promise<Last | undefined> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return undefined
  try {
    const { size, root, note } = JSON.parse(new TextDecoder().decode(bytes)) as Last
    if (!Number.isSafeInteger(size) || typeof note !== 'string') throw new TypeError('a field is missing')
    return { size, root: toHex(fromHex(root, 32)), note }
  } catch (cause) {
    throw new TanlianError(
      'E_WITNESS_DAMAGED',
      `The file ${path} cannot be read. Restore it from a copy: without it this key must not sign again.`,
      { values: { path, why: 'it cannot be read' }, cause },
    )
  }
}

/** The refusal to sign a checkpoint, or any more. */
export function contradicts(size: number, why: string): TanlianError {
  return new TanlianError(
    'E_WITNESS_CHECKPOINT',
    `The checkpoint of size ${size} cannot be true: ${why}. Nothing of this log is cosigned any more; keep the checkpoint and ask the platform.`,
    { values: { size, why } },
  )
}
