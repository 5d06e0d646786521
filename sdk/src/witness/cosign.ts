import {
  type Checkpoint,
  cosign,
  type Equivocation,
  equalBytes,
  fromHex,
  type Log,
  openCheckpoint,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { below, createDurably, readIfThere, writeDurably } from '../node/files.ts'

/** Cosigns the platform's checkpoints (C2SP tlog-cosignature) after holding them against the chain. */
export interface Cosigner {
  /**
   * Looks at a checkpoint; where it is the chain's, deep enough and greater than the last, keeps it as the last and only then gives the line.
   * @returns the checkpoint with its line, or undefined where there is nothing to sign now.
   * @throws TanlianError E_WITNESS_CHECKPOINT where the log's key signed what cannot be: nothing is signed any more.
   */
  look(note: string): Promise<Cosigned | undefined>
  /** Size of the last checkpoint that was cosigned; 0 before the first. */
  readonly size: number
}

/** A checkpoint that this witness cosigned. */
export interface Cosigned extends Checkpoint {
  /** The signature line, with its newline. */
  readonly line: string
}

export interface CosignerOptions {
  readonly folder: string
  /** The log as it was read from the chain. */
  readonly log: Log
  /** Size of the log at the depth from which the chain is believed. */
  readonly deepSize: () => number
  /** The log's own key, known beforehand. */
  readonly vkey: string
  readonly name: string
  readonly privateKey: Uint8Array
  readonly clock: () => number
  /** Hears of two checkpoints of the log that cannot both be true. */
  readonly onDouble: (proof: Equivocation) => void
}

/** Checkpoints that wait until the chain is deep enough over them, and those that were seen: two of one size must agree. */
const SEEN_MAX = 1000

/** Opens a cosigner with what it signed before. Codes: E_WITNESS_DAMAGED. */
export async function openCosigner(options: CosignerOptions): Promise<Cosigner> {
  const { folder, log, deepSize, vkey, name, privateKey, clock, onDouble } = options
  const path = below(folder, 'cosigned.json')
  const seen = new Map<number, string>()
  let last = await readLast(path)
  if (last !== undefined) seen.set(last.size, last.note)
  /** What the log's key signed is kept: whoever asks the contract for its root at this size sees that it is false. */
  const contradiction = async (size: number, note: string, why: string) => {
    await createDurably(below(folder, `checkpoint-${size}.txt`), note)
    return contradicts(size, why)
  }

  return {
    get size() {
      return last?.size ?? 0
    },
    async look(note) {
      const opened = openCheckpoint(note, [vkey])
      if (!opened.ok) throw new TanlianError(opened.code, opened.message)
      const { size, root, origin } = opened
      const before = seen.get(size)
      if (before !== undefined) {
        const earlier = openCheckpoint(before, [vkey])
        if (earlier.ok && !equalBytes(earlier.root, root)) {
          onDouble({ kind: 'checkpoints', vkey, notes: [before, note], difference: null })
          throw await contradiction(size, note, 'the log’s key signed two roots for this size')
        }
      }
      seen.set(size, note)
      if (seen.size > SEEN_MAX) seen.delete(seen.keys().next().value as number)
      if (size <= log.size && !equalBytes(log.root(size), root))
        throw await contradiction(size, note, 'its root is not the one that the entries on the chain give')
      const ready = greatest(seen, (one) => one > (last?.size ?? 0) && one <= Math.min(deepSize(), log.size))
      if (ready === undefined) return undefined
      if (last !== undefined && (last.size > log.size || !equalBytes(log.root(last.size), fromHex(last.root))))
        throw await contradiction(last.size, last.note, 'the chain took back what this witness has cosigned')
      const [chosen, text] = ready
      const checkpoint = { origin, size: chosen, root: log.root(chosen) }
      const read = openCheckpoint(text, [vkey])
      if (!read.ok || !equalBytes(read.root, checkpoint.root))
        throw await contradiction(chosen, text, 'its root is not the one that the entries on the chain give')
      // Kept before it is signed: two witnesses' words of one key must never differ, whatever ends this process (C2SP tlog-witness).
      last = { size: chosen, root: toHex(checkpoint.root), note: text }
      await writeDurably(path, JSON.stringify(last))
      return { ...checkpoint, line: cosign(checkpoint, { name, privateKey }, Math.floor(clock() / 1000)) }
    },
  }
}

interface Last {
  readonly size: number
  readonly root: string
  readonly note: string
}

async function readLast(path: string): Promise<Last | undefined> {
  const bytes = await readIfThere(path)
  if (bytes === undefined) return undefined
  try {
    const { size, root, note } = JSON.parse(new TextDecoder().decode(bytes)) as Last
    return { size, root: toHex(fromHex(root, 32)), note }
  } catch (cause) {
    throw new TanlianError(
      'E_WITNESS_DAMAGED',
      `The file ${path} cannot be read. Restore it from a copy: without it this key must not sign again.`,
      { values: { path, why: 'it cannot be read' }, cause },
    )
  }
}

function greatest(seen: ReadonlyMap<number, string>, fits: (size: number) => boolean): [number, string] | undefined {
  let found: [number, string] | undefined
  for (const [size, note] of seen) if (fits(size) && size > (found?.[0] ?? 0)) found = [size, note]
  return found
}

function contradicts(size: number, why: string): TanlianError {
  return new TanlianError(
    'E_WITNESS_CHECKPOINT',
    `The checkpoint of size ${size} cannot be true: ${why}. Nothing is cosigned any more; keep the checkpoint and ask the platform.`,
    { values: { size, why } },
  )
}
