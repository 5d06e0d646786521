import { type Checkpoint, type Equivocation, equalBytes, fromHex, type Log, openCheckpoint } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { type CosignHand, type CosignRecord, contradicts, openCosignRecord } from './record.ts'

/** Cosigns the platform's checkpoints (C2SP tlog-cosignature) after holding them against the chain. */
export interface Cosigner {
  /**
   * Looks at a checkpoint; where it is the chain's, deep enough and greater than the last, keeps it as the last and only then gives the line.
   * @returns the checkpoint with its line, or undefined where there is nothing to sign now.
   * @throws TanlianError E_WITNESS_CHECKPOINT where the log's key signed what cannot be: nothing is signed any more.
   */
  look(note: string): Promise<Cosigned | undefined>
  /** Holds a checkpoint of the log against the chain. @returns whether it may be signed now @throws TanlianError E_WITNESS_CHECKPOINT */
  judge(checkpoint: Checkpoint, note: string): Promise<boolean>
  readonly record: CosignRecord
  /** Size of the last checkpoint that was cosigned; 0 before the first. */
  readonly size: number
}

/** A checkpoint that this witness cosigned. */
export interface Cosigned extends Checkpoint {
  /** The signature line, with its newline. */
  readonly line: string
}

export interface CosignerOptions extends CosignHand {
  readonly folder: string
  /** The log as it was read from the chain. */
  readonly log: Log
  /** Size of the log at the depth from which the chain is believed. */
  readonly deepSize: () => number
  /** The log's own key, known beforehand. */
  readonly vkey: string
  /** Keeps a proof of two checkpoints that cannot both be true, on the disk. @returns whether it holds */
  readonly keepProof: (proof: Equivocation) => Promise<boolean>
  /** Looks for the entry in which a forged checkpoint's tree is not the chain's: with an honest one it is a proof. Undefined where it cannot be had. */
  readonly findFork: (honest: string, forged: string) => Promise<Equivocation | undefined>
}

/** Checkpoints that wait until the chain is deep enough over them, and those that were seen: two of one size must agree. */
const SEEN_MAX = 1000

/** Opens a cosigner with what it signed before. Codes: E_WITNESS_DAMAGED. */
export async function openCosigner(options: CosignerOptions): Promise<Cosigner> {
  const { folder, log, deepSize, vkey, keepProof, findFork } = options
  const record = await openCosignRecord(folder, vkey, options)
  const seen = new Map<number, Seen>()
  if (record.last !== undefined) {
    const { size, root, note } = record.last
    seen.set(size, { size, root: fromHex(root), note })
  }
  const isChains = ({ size, root }: Omit<Checkpoint, 'origin'>) => size > log.size || equalBytes(log.root(size), root)

  const judge = async (checkpoint: Checkpoint, note: string): Promise<boolean> => {
    const { size, root } = checkpoint
    if (record.stopped !== undefined) throw contradicts(size, record.stopped)
    const before = seen.get(size)
    if (before !== undefined && !equalBytes(before.root, root)) {
      await keepProof({ kind: 'checkpoints', vkey, notes: [before.note, note], difference: null })
      throw await record.stop(size, note, 'the log’s key signed two roots for this size')
    }
    seen.set(size, { size, root, note })
    if (seen.size > SEEN_MAX) seen.delete(seen.keys().next().value as number)
    if (!isChains(checkpoint)) {
      const error = await record.stop(size, note, 'its root is not the one that the entries on the chain give')
      const honest = [...seen.values()].findLast((one) => one.size <= log.size && isChains(one))
      const proof = honest === undefined ? undefined : await findFork(honest.note, note)
      if (proof !== undefined) await keepProof(proof)
      throw error
    }
    const { last } = record
    if (last !== undefined && (last.size > log.size || !equalBytes(log.root(last.size), fromHex(last.root))))
      throw await record.stop(last.size, last.note, 'the chain took back what this witness has cosigned')
    return size <= Math.min(deepSize(), log.size)
  }

  return {
    record,
    judge,
    get size() {
      return record.last?.size ?? 0
    },
    look: (note) =>
      record.inTurn(async () => {
        const opened = openCheckpoint(note, [vkey])
        if (!opened.ok) throw new TanlianError(opened.code, opened.message)
        const { origin } = opened
        await judge({ origin, size: opened.size, root: opened.root }, note)
        const ready = greatest(seen, (one) => one > (record.last?.size ?? 0) && one <= Math.min(deepSize(), log.size))
        if (ready === undefined) return undefined
        const checkpoint = { origin, size: ready.size, root: ready.root }
        // One that was ahead of the chain when it was seen is held against it now.
        if (!(await judge(checkpoint, ready.note))) return undefined
        return { ...checkpoint, line: await record.sign(checkpoint, ready.note) }
      }),
  }
}

/** A checkpoint that the log's key signed, as it came. */
interface Seen {
  readonly size: number
  readonly root: Uint8Array
  readonly note: string
}

function greatest(seen: ReadonlyMap<number, Seen>, fits: (size: number) => boolean): Seen | undefined {
  let found: Seen | undefined
  for (const one of seen.values()) if (fits(one.size) && one.size > (found?.size ?? 0)) found = one
  return found
}
