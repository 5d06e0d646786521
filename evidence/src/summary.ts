import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import { encodeValue } from './block.ts'
import { checkPruned } from './check-proof.ts'
import { NODE_BYTES } from './form.ts'
import { compareKeys, KEY_BYTES } from './key.ts'
import { OUTSIDE, placeOf, type Question, requireQuestion, STRADDLES } from './proof.ts'
import { pruneTree } from './prove.ts'
import type { ProofParts } from './read-proof.ts'
import type { Tree } from './tree.ts'

/** The sum of one stream, kind and validity over one step of a summary. */
export interface SummaryCell {
  /** All four bytes. */
  readonly type: number
  readonly stream: number
  /** The step's first second, Unix time. */
  readonly start: number
  count: number
  quantity: number
  seconds: number
}

/** A summary that holds. */
export interface Summary {
  readonly ok: true
  readonly stepSeconds: number
  readonly cells: readonly SummaryCell[]
  /** How many readings it opens: those that stand alone in a subtree at the edge of a step. */
  readonly opened: number
  readonly parts: ProofParts
}

const DAY = 86_400
const STEP_MAX = 366 * DAY
/** Asia/Shanghai is eight hours ahead and has no summer time: a step of days begins at 16:00 UTC (spec section 4). */
const ZONE_SECONDS = 8 * 3600

/**
 * A summary (汇总): the tree pruned to sums by stream, kind, validity and step, which its owner may publish instead of its readings (spec
 * section 4). Where a step's edge does not fall on an edge of the tree, the sums on the way to it, and single readings, are told too.
 * @throws TanlianError E_SUMMARY_FORM
 */
export function summarize(tree: Tree, stepSeconds: number): Uint8Array {
  requireStep(stepSeconds)
  return pruneTree(tree, 'total', (min, max) => (sameCell(min, max, stepSeconds) ? 0 : STRADDLES))
}

/** Checks a summary against a header's tree like a proof: nothing finer than the step is hidden, nothing coarser is given. */
export function checkSummary(root: Uint8Array, stepSeconds: number, summary: Uint8Array): Summary | Refusal {
  try {
    requireStep(stepSeconds)
    const cells: SummaryCell[] = []
    let opened = 0
    const parts = checkPruned(root, summary, {
      placeOf(min, max) {
        if (!sameCell(min, max, stepSeconds)) return STRADDLES
        const cell = cellOf(min, stepSeconds)
        const last = cells.at(-1)
        if (last === undefined || last.type !== cell.type || last.stream !== cell.stream || last.start !== cell.start)
          cells.push({ ...cell, count: 0, quantity: 0, seconds: 0 })
        return cells.length - 1
      },
      mode: 'total',
      total: (place) => cells[place] as SummaryCell,
      leaf: () => {
        opened++
      },
    })
    return { ok: true, stepSeconds, cells, opened, parts }
  } catch (error) {
    return refusalOf(error)
  }
}

/**
 * The proof of a question, made from a summary alone: byte for byte the one that the whole tree would give.
 * @throws TanlianError E_QUESTION_FORM, E_SUMMARY_COARSE where the question cuts through a step, or asks for readings
 */
export function proveFromSummary({ parts }: Pick<Summary, 'parts'>, question: Question): Uint8Array {
  requireQuestion(question)
  const { intervals, mode } = question
  const { nodes, lefts, rights, digests, bodyDigests, quantities, seconds } = parts
  return encodeValue(prune(parts.count - 1, false))

  function prune(part: number, open: boolean): unknown {
    const node = nodes.subarray(NODE_BYTES * part, NODE_BYTES * (part + 1))
    const key = node.slice(0, KEY_BYTES)
    const left = lefts[part] as number
    const leaf = (digests[part] as number) - 1
    if (left < 0 && leaf >= 0)
      return [key, quantities[part], seconds[part], bodyDigests.slice(32 * leaf, 32 * (leaf + 1))]
    const where = placeOf(key, node.subarray(KEY_BYTES, 2 * KEY_BYTES), intervals)
    if (!open && (where === OUTSIDE || (where >= 0 && mode === 'total'))) return node.slice()
    if (left < 0)
      throw new TanlianError(
        'E_SUMMARY_COARSE',
        'The question is finer than the summary. Ask for totals over whole steps of it.',
      )
    return [prune(left, open || where >= 0), prune(rights[part] as number, open || where >= 0)]
  }
}

function cellOf(key: Uint8Array, stepSeconds: number): Pick<SummaryCell, 'type' | 'stream' | 'start'> {
  const view = new DataView(key.buffer, key.byteOffset, KEY_BYTES)
  // Beyond 2^53 the start is refused by the rules of the proof.
  const start = Number(view.getBigUint64(8))
  const shift = stepSeconds % DAY === 0 ? ZONE_SECONDS : 0
  return {
    type: view.getUint32(0),
    stream: view.getUint32(4),
    start: Math.floor((start + shift) / stepSeconds) * stepSeconds - shift,
  }
}

function sameCell(min: Uint8Array, max: Uint8Array, stepSeconds: number): boolean {
  return (
    compareKeys(min.subarray(0, 8), max.subarray(0, 8)) === 0 &&
    cellOf(min, stepSeconds).start === cellOf(max, stepSeconds).start
  )
}

function requireStep(stepSeconds: number) {
  if (!Number.isSafeInteger(stepSeconds) || stepSeconds < 1 || stepSeconds > STEP_MAX)
    throw new TanlianError('E_SUMMARY_FORM', `A summary has a step of 1 second to 366 days, not ${stepSeconds}.`, {
      values: { step: stepSeconds },
    })
}
