import {
  type Block,
  checkTotals,
  compareKeys,
  decodeHeader,
  digestOf,
  encodeBlock,
  encodeKey,
  fromHex,
  locateTotals,
  prove,
  type Reading,
  type StreamItem,
  type TotalFilter,
} from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import {
  type DraftInput,
  draftReport,
  drawVerifiers,
  filterText,
  planSample,
  programOf,
  type Report,
  type ReportOrigin,
  readDocumentContent,
  samplingSeed,
  strataOf,
} from '../src/index.ts'
import { createArchive, type Forge, PLANT } from './archive.ts'

const DAY = 86_400
const HOUR = 3600

/** A plant's data and what its report asks of it. */
export interface PlantPlan {
  readonly streams: readonly StreamItem[]
  readonly days: number
  /** Rows of groups: windows that follow one another from 0. */
  readonly windows: readonly (readonly [from: number, to: number])[]
  readonly methodology: Block
  readonly factors: readonly Block[]
  /** Inputs filled by totals: one a window where they have a group, else one of the whole period. */
  readonly totals: readonly { readonly name: string; readonly group: string | null; readonly type: string }[]
  /** Inputs of each window that a laboratory measures: name, result, value, unit. */
  readonly analysed: readonly {
    readonly name: string
    readonly group: string
    readonly value: string
    readonly unit: string
  }[]
  readonly manual: readonly { readonly name: string; readonly value: string }[]
  /** A day whose readings of stream 1 are stated anew by one more batch. */
  readonly restatedDay?: number
}

/** A plant's log from its first reading to the acceptance of its report. */
export type PlantReport = ReturnType<typeof reportPlant>

/** Hourly readings of a day; quantities differ by stream and hour, and some are filled in or not valid. */
export function readingsOf({ streams }: Pick<PlantPlan, 'streams'>, day: number): Reading[] {
  return streams.flatMap(({ stream, type }) =>
    Array.from({ length: 24 }, (_, hour): Reading => {
      const odd = (day * 24 + hour + stream * 7) % 97
      return {
        type,
        stream,
        start: day * DAY + hour * HOUR,
        seconds: HOUR,
        quantity: 1_000_000 + stream * 1000 + ((day * 31 + hour * 7) % 500),
        flag: odd === 0 ? 'E' : odd === 1 ? 'D' : 'N',
        source: null,
      }
    }),
  )
}

/**
 * Logs everything that a report's life has, in its order; the same plan gives the same bytes.
 * @param tell what the plant signs in place of the report as drafted: verifier and regulator sign what it says
 * @param forge what anybody logs in place of a document, past the rules
 */
export function reportPlant(plan: PlantPlan, tell: (report: Report) => Report = (report) => report, forge?: Forge) {
  const { methodology, factors, windows, days } = plan
  const archive = createArchive(plan.streams, forge)
  const program = programOf(
    methodology.bytes,
    factors.map(({ bytes }) => bytes),
  )
  for (const { cid } of [methodology, ...factors])
    archive.state(
      cid.equals(methodology.cid) ? 'methodology' : 'factors',
      2,
      { format: 'tanlian/publication/1', subject: cid, state: 'published', reason: null },
      0,
    )
  for (let day = 0; day < days; day++) archive.batch(readingsOf(plan, day))
  if (plan.restatedDay !== undefined) restate(archive, plan, plan.restatedDay)
  const analyses = windows.map((window, row) => analyse(archive, plan, window, row))
  const size = archive.log.size
  const period = [0, days * DAY] as const
  const draft = draftInputs(plan, period, analyses, archive)
  const head = {
    type: 'year',
    subject: 'the plant',
    period,
    zone: 'UTC',
    size,
    answers: [],
    corrects: null,
    reason: null,
  } as const
  const content = tell(draftReport(program, head, draft).content)
  const end = days * DAY + 10 * DAY
  const report = archive.state('report', PLANT, content, end)
  verify(archive, plan, report, content, end)
  return { archive, program, report, content, size, blocks: [methodology, ...factors], head, draft }
}

/** Stream 1 had a wrong factor that day: half of each reading. */
function restate(archive: ReturnType<typeof createArchive>, plan: PlantPlan, day: number) {
  const old = readingsOf(plan, day).filter(({ stream }) => stream === 1)
  const type = (old[0] as Reading).type
  archive.batch(
    old.map((reading) => ({ ...reading, quantity: Math.floor(reading.quantity / 2) })),
    [0, 1, 2].map((validity) => [
      encodeKey(type * 256 + validity, 1, day * DAY),
      encodeKey(type * 256 + validity, 1, (day + 1) * DAY - 1),
    ]),
  )
}

/** A sample of a window on its way through the laboratory. @returns the analysis */
function analyse(
  archive: ReturnType<typeof createArchive>,
  plan: PlantPlan,
  [from, to]: readonly [number, number],
  row: number,
): CID {
  const sample = archive.state(
    'sample',
    PLANT,
    {
      format: 'tanlian/sample/1',
      label: `row ${row + 1}`,
      material: 'as-fired coal',
      stream: null,
      period: [from, to],
      taken: to,
      sealed: to + 60,
      seal: `S-${row + 1}`,
    },
    to + HOUR,
  )
  const at = to + 2 * HOUR
  const handover = archive.state('handover', PLANT, { format: 'tanlian/handover/1', sample, laboratory: 9, at }, at)
  const receipt = archive.state(
    'receipt',
    9,
    { format: 'tanlian/sample-receipt/1', handover, at: at + 1, intact: true },
    at + 1,
  )
  const results = plan.analysed
    .map(({ name, value, unit }) => ({ name, value, unit, method: 'GB/T 30733' }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const content = {
    format: 'tanlian/analysis/1',
    receipt,
    number: `A-${row + 1}`,
    analysed: at + 2,
    results,
    report: null,
  }
  return archive.state('analysis', 9, content, at + 2)
}

function draftInputs(
  plan: PlantPlan,
  period: readonly [number, number],
  analyses: readonly CID[],
  archive: ReturnType<typeof createArchive>,
): readonly DraftInput[] {
  const asked = plan.totals.flatMap(({ name, group, type }) =>
    (group === null ? [period] : plan.windows).map(([from, to], row) => ({
      name,
      group,
      row,
      filter: { type: fromHex(type), streams: null, from, to } as TotalFilter,
    })),
  )
  const totals = proveTotals(
    plan,
    archive,
    asked.map(({ filter }) => filter),
  )
  return [
    ...asked.map(({ name, group, row, filter }): DraftInput => {
      const { quantity, seconds } = totals.get(filterText(filter)) as { quantity: bigint; seconds: number }
      return { name, group, row, origin: { kind: 'total', ...filter, quantity: String(quantity), seconds } }
    }),
    ...plan.analysed.flatMap(({ name, group, value }) =>
      analyses.map((document, row): DraftInput => {
        const origin: ReportOrigin = { kind: 'analysis', document, result: name }
        return { name, group, row, value, origin }
      }),
    ),
    ...plan.manual.map(
      ({ name, value }): DraftInput => ({
        name,
        group: null,
        row: 0,
        value,
        origin: { kind: 'manual', reason: 'read off' },
      }),
    ),
  ]
}

/** Totals of filters over all batches, by proofs that are made and checked at once. */
export function proveTotals(
  { streams }: Pick<PlantPlan, 'streams'>,
  { batches }: Pick<ReturnType<typeof createArchive>, 'batches'>,
  filters: readonly TotalFilter[],
) {
  const headers = batches.map(({ header }) => decodeHeader(header.bytes))
  const located = locateTotals(filters, headers, streams)
  const proofs = located.map(({ sequence, questions }) => {
    const tree = batches[sequence - 1]?.tree
    if (tree === undefined) throw new Error(`no batch ${sequence}`)
    return [
      sequence,
      questions.map((pieces) => prove(tree, { intervals: pieces.map(({ interval }) => interval), mode: 'total' })),
    ] as const
  })
  const answer = checkTotals(filters, located, headers, proofs)
  if (!answer.ok) throw new Error(answer.message)
  return new Map(filters.map((filter, at) => [filterText(filter), answer.totals[at]]))
}

/** Draw, assignment, sampling plan, audits, opinion, decision. */
function verify(
  archive: ReturnType<typeof createArchive>,
  { streams }: PlantPlan,
  report: CID,
  content: Report,
  time: number,
) {
  const { log, state, batches } = archive
  const { outputs, period } = content
  const index = log.size
  const draw = {
    format: 'tanlian/draw/1',
    period,
    enterprises: [PLANT],
    candidates: [21, 22],
    excluded: [],
    previous: [],
    block: archive.nextBlock() + 1,
    due: time + 90 * DAY,
  }
  const drawn = state('draw', 1, draw, time)
  archive.passBlock()
  const root = log.root()
  const read = readDocumentContent('draw', draw)
  const assigned = read.kind === 'draw' ? drawVerifiers(root, read.content) : []
  const verifier = assigned[0]?.[1] ?? 0
  const assignment = state(
    'assignment',
    1,
    { format: 'tanlian/assignment/1', draw: drawn, size: log.size, root, assigned },
    time,
  )
  const seed = samplingSeed(log.root(index), assignment)
  const sampled = batches.map(({ tree }, at) => ({ sequence: at + 1, keys: tree.leaves.keys }))
  const voids = archive
    .headers()
    .flatMap(({ sequence, restates }) => restates.map(([lo, hi]) => ({ sequence, lo, hi })))
  const items = planSample(seed, strataOf(content, streams, sampled, voids, []), 10)
  const plan = state(
    'sampling-plan',
    verifier,
    { format: 'tanlian/sampling-plan/1', report, assignment, seed, risks: [], items },
    time,
  )
  const held = batches.map(({ entry }) => entry.digest).sort((a, b) => compareKeys(a, b))
  const audit = state('audit', verifier, { log: log.size, held, failed: [], unavailable: [] }, time)
  const opinion = state(
    'opinion',
    verifier,
    {
      format: 'tanlian/opinion/1',
      report,
      assignment,
      plan,
      outcome: 'unqualified',
      outputs,
      audits: [audit],
      findings: [],
      thread: digestOf(encodeBlock('no words').cid),
      visits: [],
      statement: 'The report is right in all that matters.',
    },
    time,
  )
  state(
    'decision',
    2,
    { format: 'tanlian/decision/1', report, opinion, outcome: 'accepted', outputs, reason: null },
    time,
  )
}
