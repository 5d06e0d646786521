import {
  decodeHeader,
  fromHex,
  type Interval,
  prove,
  proveFromSummary,
  type Summary,
  type Tree,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { requireBlock } from './tree-store.ts'

/** What is asked of one batch. */
type Question = Parameters<typeof prove>[1]

/** `LO-HI`, each 32 hex digits. @throws TanlianError E_RANGE */
export function readInterval(text: string): Interval {
  const match = /^([0-9a-f]{32})-([0-9a-f]{32})$/.exec(text)
  if (match === null) throw new TanlianError('E_RANGE', 'An interval is LO-HI, each 32 lower-case hex digits.')
  return { lo: fromHex(match[1] as string), hi: fromHex(match[2] as string) }
}

/**
 * The proof of a question to one batch (spec section 4).
 * @param source where a caller may have a summary alone, that summary
 * @throws TanlianError E_QUESTION_FORM, E_SUMMARY_COARSE, E_PROOF_READINGS where more readings would be opened than one answer may hold, E_UNAVAILABLE.
 */
export async function proofOf(
  instance: Instance,
  header: Uint8Array,
  question: Question,
  source: 'tree' | Summary,
): Promise<Uint8Array> {
  // A digest that names another sort of block is refused by its form.
  decodeHeader(await requireBlock(instance.blocks, header))
  if (source !== 'tree') return proveFromSummary(source, question)
  const tree = await instance.trees.get(header)
  requireSmall(instance, countInside(tree, question), question)
  return prove(tree, question)
}

/** Refuses a question whose answer opens too many readings. @throws TanlianError E_PROOF_READINGS */
export function requireSmall(instance: Pick<Instance, 'config'>, readings: number, question: Pick<Question, 'mode'>) {
  const limit = instance.config.limits.proofReadings
  if (question.mode === 'readings' && readings > limit)
    throw new TanlianError(
      'E_PROOF_READINGS',
      `The answer would open ${readings} readings, at most ${limit} are given at a time. Ask for a shorter window.`,
      {
        values: { readings, limit },
      },
    )
}

/** How many readings of a tree lie inside the intervals. */
export function countInside({ leaves }: Tree, { intervals }: Question): number {
  let inside = 0
  for (const { lo, hi } of intervals) inside += firstAfter(leaves, hi, true) - firstAfter(leaves, lo, false)
  return Math.max(0, inside)
}

/** The place of the first key that is greater than `key`, or not less where `beyond` is false. */
export function firstAfter({ keys, count }: Tree['leaves'], key: Uint8Array, beyond: boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    const order = compareAt(keys, middle * 16, key)
    if (order < 0 || (beyond && order === 0)) low = middle + 1
    else high = middle
  }
  return low
}

function compareAt(keys: Uint8Array, at: number, key: Uint8Array): number {
  for (let i = 0; i < 16; i++) {
    const difference = (keys[at + i] as number) - (key[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}
