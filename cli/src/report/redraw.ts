import {
  type Assignment,
  type Draw,
  drawVerifiers,
  planSample,
  type Report,
  readDocumentContent,
  type SamplingPlan,
  samplingSeed,
  strataOf,
} from '@tanlian/accounting'
import {
  createLog,
  decodeDocument,
  decodeHeader,
  decodeReportPackage,
  decodeStreams,
  encodeEntry,
  equalBytes,
  type Header,
  type Log,
  leafHash,
  leavesOfChunks,
  type Reader,
  type ReportPackage,
  type StreamItem,
  TILE_WIDTH,
  tilePath,
  toHex,
} from '@tanlian/evidence'
import { type BlockSource, type Chain, type Client, openChunks } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'

/** Who verified a report and what was looked at, drawn again from public data (抽签与抽样复算). */
export interface Redrawn {
  /** Entries of the log that was rebuilt, and its root right after the report's entry, hex: what the sample's seed is made of. */
  readonly size: number
  readonly rootAfter: string
  /** The log is the one that the package names; with a chain node, the chain's. */
  readonly log: boolean
  /** The draw's pairs are what its root gives; with a chain node, that root is the one after the announced block. Null before an assignment. */
  readonly drawn: boolean | null
  readonly assigned: Assignment['assigned']
  /** The plan's seed is the log's; null before a plan. */
  readonly seeded: boolean | null
  readonly seed: string | null
  /** The plan's readings are those that the seed draws; null where some of their batches are closed to whoever asks. */
  readonly sampled: boolean | null
  readonly items: number
  /** Batches that were looked at, and those of them that are closed. */
  readonly batches: number
  readonly closed: number
}

/** Where the log and the batches come from: the entries from a chain node, else from a platform's tiles. */
export interface RedrawSources {
  readonly client: Client
  readonly chain: Chain | undefined
  readonly blocks: BlockSource
  readonly readers: readonly Reader[]
}

/** Draws verifier and sample of a packaged report again. Codes: those of packages, E_CHAIN_…, E_TRACE_BLOCK, E_LOG_SIZE. */
export async function redraw(bytes: Uint8Array, sources: RedrawSources): Promise<Redrawn> {
  const pack = decodeReportPackage(bytes)
  const { report, index, plan, assignment, draw } = documentsOf(pack)
  const { log, sizeAfter, roots } = await rebuildLog(pack.log.size, sources)
  const isLog = equalBytes(log.root(), pack.log.root) && (roots?.has(toHex(log.root())) ?? true)
  const rootAfter = log.root(index + 1)
  const seed = assignment === undefined ? undefined : samplingSeed(rootAfter, assignment.cid)
  const found =
    plan === undefined || seed === undefined ? undefined : await sampleAgain(pack, report, plan, seed, sources)
  return {
    size: log.size,
    rootAfter: toHex(rootAfter),
    log: isLog,
    drawn: assignment === undefined || draw === undefined ? null : isDrawn(assignment.content, draw, log, sizeAfter),
    assigned: assignment?.content.assigned ?? [],
    seeded: plan === undefined || seed === undefined ? null : equalBytes(plan.seed, seed),
    seed: seed === undefined ? null : toHex(seed),
    sampled: found?.sampled ?? null,
    items: plan?.items.length ?? 0,
    batches: found?.batches ?? 0,
    closed: found?.closed ?? 0,
  }
}

interface Documents {
  readonly report: Report
  /** Place of the report's entry in the log. */
  readonly index: number
  readonly plan: SamplingPlan | undefined
  readonly assignment: { readonly cid: CID; readonly content: Assignment } | undefined
  readonly draw: Draw | undefined
}

/** The report with its plan, the assignment that the plan names, or the package's last, and its draw. @throws TanlianError E_REPORT_PACKAGE */
function documentsOf(pack: ReportPackage): Documents {
  const all = pack.documents.map(({ document }, at) => {
    const { kind, content } = decodeDocument(document.bytes)
    const index = pack.inclusion.indexes[pack.headers.length + at]
    return { cid: document.cid, index, read: kind === 'audit' ? undefined : readDocumentContent(kind, content) }
  })
  const own = all.find(({ cid }) => cid.equals(pack.report))
  if (own?.read?.kind !== 'report' || own.index === undefined)
    throw new TanlianError('E_CHECK_FAILED', 'The package does not hold the report that it names.')
  const plan = all.flatMap(({ read }) =>
    read?.kind === 'sampling-plan' && read.content.report.equals(pack.report) ? [read.content] : [],
  )[0]
  const assignment = all
    .flatMap(({ cid, read }) => (read?.kind === 'assignment' ? [{ cid, content: read.content }] : []))
    .findLast(({ cid }) => plan === undefined || cid.equals(plan.assignment))
  const draw = all.find(({ cid }) => assignment !== undefined && cid.equals(assignment.content.draw))?.read
  return {
    report: own.read.content,
    index: own.index,
    plan,
    assignment,
    draw: draw?.kind === 'draw' ? draw.content : undefined,
  }
}

interface Rebuilt {
  readonly log: Log
  /** Size of the log after a block, and roots that the contract announced, hex: known from a chain node alone. */
  readonly sizeAfter: ((block: number) => number) | undefined
  readonly roots: ReadonlySet<string> | undefined
}

/** The log of a size, leaf by leaf. */
async function rebuildLog(size: number, { client, chain }: RedrawSources): Promise<Rebuilt> {
  const log = createLog()
  if (chain !== undefined) {
    const events = (await chain.appended()).filter(({ index }) => index < size)
    for (const { kind, organization, sequence, digest } of events)
      log.append(leafHash(encodeEntry({ kind: kind as 1 | 2, organization, sequence, digest })))
    const roots = new Set((await chain.roots()).map(({ root }) => toHex(root)))
    return { log, roots, sizeAfter: (block) => events.filter((event) => event.block <= block).length }
  }
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const tile = { level: 0, index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, size - first) }
    const hashes = await client.http.bytes(`/log/${tilePath(tile)}`)
    for (let at = 0; at < tile.width; at++) log.append(hashes.slice(at * 32, at * 32 + 32))
  }
  return { log, roots: undefined, sizeAfter: undefined }
}

function isDrawn({ size, root, assigned }: Assignment, draw: Draw, log: Log, sizeAfter: Rebuilt['sizeAfter']): boolean {
  if (size > log.size || !equalBytes(log.root(size), root)) return false
  if (sizeAfter !== undefined && sizeAfter(draw.block) !== size) return false
  return JSON.stringify(drawVerifiers(root, draw)) === JSON.stringify(assigned)
}

/** Draws the sample from the keys of all batches that the report's totals reach into, rebuilt from their chunks. */
async function sampleAgain(
  pack: ReportPackage,
  report: Report,
  { items, risks }: SamplingPlan,
  seed: Uint8Array,
  { blocks, readers }: RedrawSources,
): Promise<{ readonly sampled: boolean | null; readonly batches: number; readonly closed: number }> {
  const headers = pack.headers
    .filter((_, at) => (pack.inclusion.indexes[at] ?? report.size) < report.size)
    .map(({ bytes }) => decodeHeader(bytes))
  const streams = new Map<number, StreamItem>()
  for (const { bytes } of pack.streams) for (const item of decodeStreams(bytes).streams) streams.set(item.stream, item)
  const asked = headers.filter((header) => reaches(report, header))
  const shown: { sequence: number; keys: Uint8Array }[] = []
  for (const header of asked) {
    const { chunks, closed } = await openChunks(blocks, header, readers)
    if (closed === 0) shown.push({ sequence: header.sequence, keys: leavesOfChunks(chunks).keys })
  }
  const closed = asked.length - shown.length
  if (closed > 0) return { sampled: null, batches: asked.length, closed }
  const voids = headers.flatMap(({ sequence, restates }) => restates.map(([lo, hi]) => ({ sequence, lo, hi })))
  const strata = strataOf(report, [...streams.values()], shown, voids, risks)
  const again = planSample(seed, strata, items.length)
  const sampled = again.length === items.length && again.every((key, at) => equalBytes(key, items[at] as Uint8Array))
  return { sampled, batches: asked.length, closed }
}

function reaches({ inputs }: Report, { from, to }: Header): boolean {
  return inputs.some(({ origin }) => origin.kind === 'total' && origin.from < to && from < origin.to)
}
