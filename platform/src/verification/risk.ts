import type { Report } from '@tanlian/accounting'
import { toHex } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'
import { figuresOf, type StreamFigures } from '../series/figures.ts'

/** How much a type of a report's readings is to be looked at (风险). */
export interface Risk {
  /** Type in six hex digits: the stratum of the sample. */
  readonly stratum: string
  readonly points: number
  readonly reasons: string[]
}

/**
 * Points of risk of each type of reading that a report's totals are of: time that is missing or not measured, messages that nobody signed or that
 * came late, readings that were replaced. A point each, three where more than a tenth is concerned.
 */
export async function risksOf(
  instance: Pick<Instance, 'db'>,
  organization: number,
  report: Pick<Report, 'inputs' | 'period'>,
): Promise<Risk[]> {
  const [from, to] = report.period
  const figures = await figuresOf(instance, organization, { from, to })
  const prefixes = report.inputs.flatMap(({ origin }) =>
    origin.kind === 'total' ? [{ type: toHex(origin.type).slice(0, 6), streams: origin.streams }] : [],
  )
  const used = figures.filter(({ type, stream }) =>
    prefixes.some((one) => type.startsWith(one.type) && (one.streams === null || one.streams.includes(stream))),
  )
  return [...new Set(used.map(({ type }) => type))].sort().map((stratum) => {
    const streams = used.filter(({ type }) => type === stratum)
    const found = SIGNS.map(({ reason, part }) => ({ reason, points: pointsOf(part(streams)) }))
    return {
      stratum,
      points: found.reduce((sum, { points }) => sum + points, 0),
      reasons: found.filter(({ points }) => points > 0).map(({ reason }) => reason),
    }
  })
}

const sum = (streams: readonly StreamFigures[], of: (one: StreamFigures) => number) =>
  streams.reduce((total, one) => total + of(one), 0)
const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)

/** Signs of risk, each as a part of the whole between 0 and 1. */
const SIGNS: readonly { readonly reason: string; readonly part: (streams: readonly StreamFigures[]) => number }[] = [
  {
    reason: 'missing',
    part: (streams) =>
      share(
        sum(streams, (one) => one.missingSeconds),
        sum(streams, (one) => one.expectedSeconds),
      ),
  },
  {
    reason: 'notMeasured',
    part: (streams) =>
      share(
        sum(streams, ({ coveredSeconds: [, byHand, invalid] }) => byHand + invalid),
        sum(streams, (one) => one.expectedSeconds),
      ),
  },
  {
    reason: 'unsigned',
    part: (streams) =>
      share(
        sum(streams, (one) => one.frames - one.signed),
        sum(streams, (one) => one.frames),
      ),
  },
  {
    reason: 'late',
    part: (streams) =>
      share(
        sum(streams, (one) => one.late),
        sum(streams, (one) => one.readings),
      ),
  },
  {
    reason: 'restated',
    part: (streams) =>
      share(
        sum(streams, (one) => one.restated),
        sum(streams, (one) => one.readings),
      ),
  },
  {
    reason: 'repeated',
    part: (streams) =>
      share(
        sum(streams, (one) => one.repeated + one.refused),
        sum(streams, (one) => one.readings),
      ),
  },
]

function pointsOf(part: number): number {
  return part === 0 ? 0 : part > 0.1 ? 3 : 1
}
