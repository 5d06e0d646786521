import type { Validity } from '../kind.ts'
import type { EvidencePackage } from '../package.ts'
import type { Evidence } from './entries.ts'
import type { BatchTotal, Total } from './form.ts'
import type { Figures } from './proofs.ts'

/** Totals by type and validity over the whole window. */
export function sumTotals(series: readonly BatchTotal[]): Total[] {
  const totals = new Map<
    string,
    { type: number; validity: Validity; count: number; quantity: bigint; seconds: number }
  >()
  for (const item of series) {
    const name = `${item.type}:${item.validity}`
    const total = totals.get(name) ?? { type: item.type, validity: item.validity, count: 0, quantity: 0n, seconds: 0 }
    total.count += item.count
    total.quantity += BigInt(item.quantity)
    total.seconds += item.seconds
    totals.set(name, total)
  }
  return [...totals.values()].sort((a, b) => a.type - b.type || a.validity - b.validity)
}

/** Seconds of measured readings, over window × streams. */
export function captureOf(pack: EvidencePackage, figures: Figures) {
  const seconds = figures.series.reduce((sum, item) => (item.validity === 0 ? sum + item.seconds : sum), 0)
  return { seconds, of: (pack.question.to - pack.question.from) * figures.streams.length }
}

/** How long after its end each asked batch came into a block. */
export function delaysOf(pack: EvidencePackage, evidence: Evidence, asked: readonly number[]) {
  if (!evidence.ok) return undefined
  const sorted = asked
    .flatMap((sequence) => {
      const anchor = pack.anchors[sequence - 1]
      const header = evidence.bySequence.get(sequence)
      return anchor === undefined || header === undefined ? [] : [anchor[1] - header.to]
    })
    .sort((a, b) => a - b)
  if (sorted.length === 0) return undefined
  return { least: sorted[0] as number, median: sorted[sorted.length >> 1] as number, greatest: sorted.at(-1) as number }
}
