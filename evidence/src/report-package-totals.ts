import type { Refusal } from '@tanlian/units'
import { checkProof } from './check-proof.ts'
import type { Header, StreamItem } from './form.ts'
import { compareKeys, type Interval, keyAfter, keyBefore, prefixInterval } from './key.ts'
import { cutIntervals, inQuestions, mergeIntervals, partsOf } from './question.ts'

/** A total that a report rests on: one type of two to four bytes, some streams or all, a window. */
export interface TotalFilter {
  readonly type: Uint8Array
  readonly streams: readonly number[] | null
  readonly from: number
  readonly to: number
}

/** A stretch of keys of one batch: which totals it counts for, and whether nothing may be in it. */
export interface TotalPiece {
  readonly interval: Interval
  /** Places of filters, ascending. */
  readonly counts: readonly number[]
  readonly gap: boolean
}

/** What to put to one batch for all filters together: at most 256 intervals a question. */
export interface TotalQuestions {
  readonly sequence: number
  readonly questions: readonly (readonly TotalPiece[])[]
}

/** What a filter's readings come to: validity measured and entered, over all batches. */
export interface FilterTotal {
  count: number
  quantity: bigint
  seconds: number
}

interface Stretch {
  readonly interval: Interval
  readonly gap: boolean
}

/**
 * Locates many totals at once (定位): for each batch the common refinement of all that the filters ask of it, so that each of its subtrees is
 * proven once however many totals it counts for. A filter of all streams whose window holds a batch wholly asks for whole kinds; otherwise for
 * each stream's window. Prover and checker compute the same (safety R3; `docs/spec/report-package.md`).
 * @param headers all batches of the organization as of the report, in sequence
 * @throws TanlianError E_FILTER_FORM
 */
export function locateTotals(
  filters: readonly TotalFilter[],
  headers: readonly Pick<Header, 'sequence' | 'from' | 'to' | 'restates'>[],
  declared: Iterable<StreamItem>,
): readonly TotalQuestions[] {
  const items = [...declared]
  const asked = filters.map((filter) => ({
    filter,
    whole: wholeKinds(filter, items),
    windows: windowsOf(filter, items),
  }))
  const result: TotalQuestions[] = []
  // From the newest back: voids add up.
  let voids: readonly Interval[] = []
  for (const header of [...headers].reverse()) {
    const stretches = asked.map(({ filter, whole, windows }) => {
      if (header.from >= filter.to || header.to <= filter.from) return []
      const all = filter.streams === null && header.from >= filter.from && header.to <= filter.to
      return live(all ? whole : windows, voids)
    })
    const pieces = refine(stretches)
    if (pieces.length > 0) result.push({ sequence: header.sequence, questions: inQuestions(pieces) })
    if (header.restates.length > 0)
      voids = mergeIntervals([...voids, ...header.restates.map(([lo, hi]) => ({ lo, hi }))])
  }
  return result.reverse()
}

/**
 * Checks the proofs of located totals, batch by batch, and adds them up.
 * Codes: E_VERDICT_PROOF_MISSING, E_VERDICT_PROOF_UNUSED, E_VERDICT_STRANGER, and those of `checkProof`.
 */
export function checkTotals(
  filters: readonly TotalFilter[],
  located: readonly TotalQuestions[],
  headers: readonly Header[],
  proofs: readonly (readonly [sequence: number, proofs: readonly Uint8Array[]])[],
): { readonly ok: true; readonly totals: readonly FilterTotal[] } | Refusal {
  const totals = filters.map((): FilterTotal => ({ count: 0, quantity: 0n, seconds: 0 }))
  for (const [at, { sequence, questions }] of located.entries()) {
    const given = proofs[at]
    if (given === undefined || given[0] !== sequence || given[1].length !== questions.length)
      return refuse('E_VERDICT_PROOF_MISSING', `The proof of batch ${sequence} is not in the package.`, { sequence })
    const { tree } = headers[sequence - 1] as Header
    for (const [place, pieces] of questions.entries()) {
      const intervals = pieces.map(({ interval }) => interval)
      const answer = checkProof(tree, { intervals, mode: 'total' }, given[1][place] as Uint8Array)
      if (!answer.ok)
        return refuse(answer.code, `The proof of batch ${sequence} does not hold: ${answer.message}`, { sequence })
      for (const [number, { counts, gap }] of pieces.entries()) {
        const { count, quantity, seconds } = answer.totals[number] as (typeof answer.totals)[number]
        if (count === 0) continue
        if (gap)
          return refuse('E_VERDICT_STRANGER', `${count} readings of batch ${sequence} belong to no declared stream.`, {
            sequence,
            readings: count,
          })
        for (const filter of counts) {
          const total = totals[filter] as FilterTotal
          total.count += count
          total.quantity += BigInt(quantity)
          total.seconds += seconds
        }
      }
    }
  }
  const extra = proofs[located.length]
  if (extra !== undefined)
    return refuse('E_VERDICT_PROOF_UNUSED', 'The package holds a proof that no total calls for.', {
      sequence: extra[0],
    })
  return { ok: true, totals }
}

/** Whole kinds of the declared streams below a prefix, validity measured and entered; between them nothing may be. */
function wholeKinds({ type }: TotalFilter, items: readonly StreamItem[]): readonly Stretch[] {
  const prefix = prefixInterval(type)
  const kinds = [...new Set(items.map((item) => item.type))].sort((a, b) => a - b)
  const stretches: Stretch[] = []
  let next: Uint8Array | undefined = prefix.lo
  for (const kind of kinds) {
    const bytes = Uint8Array.of(kind >>> 16, (kind >>> 8) & 0xff, kind & 0xff)
    const whole = clip(prefixInterval(bytes), prefix)
    const valid = clip({ lo: prefixInterval(bytes).lo, hi: prefixInterval(Uint8Array.of(...bytes, 1)).hi }, prefix)
    if (whole === undefined || valid === undefined) continue
    pushGap(stretches, next, keyBefore(whole.lo))
    stretches.push({ interval: valid, gap: false })
    next = keyAfter(whole.hi)
  }
  pushGap(stretches, next, prefix.hi)
  return stretches
}

/** Windows of each stream, validity measured and entered, and what lies between streams where none is named. */
function windowsOf({ type, streams, from, to }: TotalFilter, items: readonly StreamItem[]): readonly Stretch[] {
  const filter = { types: [type], ...(streams === null ? {} : { streams }), from, to }
  return partsOf(filter, items).flatMap((part): readonly Stretch[] => {
    if ('gap' in part) return [{ interval: part.interval, gap: true }]
    return part.validity === 2 ? [] : [{ interval: part.interval, gap: false }]
  })
}

/** What is left once voids are cut out; nothing where no window remains. Gaps are not cut: nothing may ever have been there. */
function live(stretches: readonly Stretch[], voids: readonly Interval[]): readonly Stretch[] {
  if (voids.length === 0) return stretches.some(({ gap }) => !gap) ? stretches : []
  const left = stretches.flatMap((stretch) =>
    stretch.gap ? [stretch] : cutIntervals([stretch.interval], voids).map((interval) => ({ interval, gap: false })),
  )
  return left.some(({ gap }) => !gap) ? left : []
}

/** The fewest stretches on whose whole length the same totals count; neighbours that count for the same are one. */
function refine(stretches: readonly (readonly Stretch[])[]): readonly TotalPiece[] {
  const turns: { readonly key: Uint8Array; readonly filter: number; readonly gap: boolean; readonly step: 1 | -1 }[] =
    []
  for (const [filter, list] of stretches.entries())
    for (const { interval, gap } of list) {
      turns.push({ key: interval.lo, filter, gap, step: 1 })
      const end = keyAfter(interval.hi)
      // Beyond the last key of all there is nothing to end.
      if (end !== undefined) turns.push({ key: end, filter, gap, step: -1 })
    }
  turns.sort((a, b) => compareKeys(a.key, b.key))
  const pieces: TotalPiece[] = []
  const counting = new Map<number, number>()
  let gaps = 0
  for (const [at, { key, filter, gap, step }] of turns.entries()) {
    if (gap) gaps += step
    else {
      const left = (counting.get(filter) ?? 0) + step
      if (left === 0) counting.delete(filter)
      else counting.set(filter, left)
    }
    const next = turns[at + 1]
    if (next !== undefined && compareKeys(next.key, key) === 0) continue
    if (counting.size === 0 && gaps === 0) continue
    const hi = next === undefined ? new Uint8Array(16).fill(0xff) : (keyBefore(next.key) as Uint8Array)
    pushPiece(pieces, { interval: { lo: key, hi }, counts: [...counting.keys()].sort((a, b) => a - b), gap: gaps > 0 })
  }
  return pieces
}

function pushPiece(pieces: TotalPiece[], piece: TotalPiece) {
  const last = pieces.at(-1)
  const touches = last !== undefined && equalKeys(keyAfter(last.interval.hi), piece.interval.lo)
  if (last !== undefined && touches && last.gap === piece.gap && String(last.counts) === String(piece.counts))
    pieces[pieces.length - 1] = { ...last, interval: { lo: last.interval.lo, hi: piece.interval.hi } }
  else pieces.push(piece)
}

function pushGap(stretches: Stretch[], lo: Uint8Array | undefined, hi: Uint8Array | undefined) {
  if (lo !== undefined && hi !== undefined && compareKeys(lo, hi) <= 0)
    stretches.push({ interval: { lo, hi }, gap: true })
}

function clip(a: Interval, b: Interval): Interval | undefined {
  const lo = compareKeys(a.lo, b.lo) < 0 ? b.lo : a.lo
  const hi = compareKeys(a.hi, b.hi) > 0 ? b.hi : a.hi
  return compareKeys(lo, hi) > 0 ? undefined : { lo, hi }
}

function equalKeys(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && compareKeys(a, b) === 0
}

function refuse(code: string, message: string, values: Refusal['values']): Refusal {
  return { ok: false, code, message, ...(values === undefined ? {} : { values }) }
}
