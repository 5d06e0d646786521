import {
  type AuditEvidence,
  type AuditedDigest,
  type BatchProof,
  type BatchQuestions,
  type Block,
  bodySalt,
  buildTree,
  type Chunk,
  cidFromDigest,
  compareKeys,
  createLog,
  decodeDocument,
  decodeHeader,
  decodeStreams,
  type EvidencePackage,
  encodeEntry,
  encodeKey,
  fromHex,
  type Header,
  type Interval,
  type LoggedAudit,
  leafHash,
  leavesOfChunks,
  locate,
  multiproof,
  neededAudits,
  type OpenedBody,
  type PackageQuestion,
  prove,
  type Reader,
  readAuditContent,
  type StreamItem,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { BlockSource } from './blocks.ts'
import type { AppendedEvent, Chain } from './chain.ts'
import { signaturesOf } from './entry-signatures.ts'
import { inTurns } from './in-turns.ts'
import { openChunks, openHeader } from './open-chunks.ts'

/** How far the gathering has come. */
export type CollectProgress =
  | { readonly step: 'locate'; readonly entries: number; readonly batches: number }
  | { readonly step: 'retrieve'; readonly batch: number; readonly of: number; readonly bytes: number }

/**
 * Makes the evidence package of a question from a chain node and block gateways alone, without any platform: events name the headers,
 * headers name the rest, each tree is rebuilt from all of its readings, signatures are taken from the transactions. The log's root is
 * recomputed from every entry that the contract announced. What comes out is checked like any package. Batches that are not open whole to
 * whoever asks stay out of it, and its verdict says so (spec, package).
 * @param readers keys that open sealed chunks here; what they open leaves this machine only as the proofs and readings of the question
 * Codes: E_TRACE_BLOCK, E_CHAIN_…, E_TREE_…, E_FILTER_FORM, E_SEALED_…, E_GRANTED_NOTHING.
 */
export async function collectPackage(
  chain: Chain,
  blocks: BlockSource,
  question: PackageQuestion,
  onProgress?: (progress: CollectProgress) => void,
  readers: readonly Reader[] = [],
): Promise<EvidencePackage> {
  const chainId = await chain.checkChainId()
  const latest = await chain.block('latest')
  const all = await chain.appended({ toBlock: latest.number })
  requireWhole(all)
  const own = all.filter((event) => event.kind === 1 && event.organization === question.organization)
  onProgress?.({ step: 'locate', entries: all.length, batches: own.length })
  const leaves = all.map((event) => leafHash(entryOf(event)))
  const signatures = await signaturesOf(chain, own)
  const { headers, streams, plan, chunksOf } = await openBatches(blocks, own, question, readers)
  const proofs: BatchProof[] = []
  const bodies: OpenedBody[] = []
  for (const [at, { sequence, questions }] of plan.entries()) {
    const chunks = await chunksOf(sequence)
    const tree = buildTree(leavesOfChunks(chunks))
    for (const parts of questions) {
      const intervals = parts.map(({ interval }) => interval)
      proofs.push({
        sequence,
        intervals: intervals.map(({ lo, hi }) => [lo, hi] as const),
        proof: prove(tree, { intervals, mode: question.mode }),
      })
      if (question.mode === 'readings') for (const body of openBodies(sequence, chunks, intervals)) bodies.push(body)
    }
    onProgress?.({ step: 'retrieve', batch: at + 1, of: plan.length, bytes: blocks.bytes })
  }
  const asked = plan.map(({ sequence }) => own[sequence - 1] as AppendedEvent)
  const audits = await auditsOf(chain, blocks, all, question.organization, asked)
  const times = await blockTimes(chain, own)
  const indexes = [...own, ...audits.map(({ event }) => event)].map((event) => event.index)
  const places = [...new Set(indexes)].sort((a, b) => a - b)
  const tree = createLog()
  for (const leaf of leaves) tree.append(leaf)
  return {
    question,
    headers,
    entries: own.map(entryOf),
    signatures,
    streams,
    proofs,
    bodies,
    frames: [],
    audits: audits.map(({ evidence }) => evidence),
    log: { size: all.length, root: tree.root(all.length), chain: chainId, block: all.at(-1)?.block ?? latest.number },
    contracts: {
      registry: fromHex(chain.address.organizationRegistry.slice(2).toLowerCase()),
      log: fromHex(chain.address.evidenceLog.slice(2).toLowerCase()),
    },
    inclusion: {
      indexes,
      path: places.length === 0 ? [] : multiproof(places, all.length, tree.subtree),
    },
    keys: [],
    anchors: own.map((event) => [event.block, times.get(event.block) ?? 0] as const),
    checkpoint: '',
  }
}

/** Events of a node that skips one would hide an entry: their places must count from 0 without a gap. */
function requireWhole(events: readonly AppendedEvent[]) {
  for (const [at, event] of events.entries()) {
    if (event.index === at) continue
    throw new TanlianError(
      'E_CHAIN_ANSWER',
      `The node's events skip entry ${at} of the log. Use another node, or one that keeps all events.`,
      {
        values: { index: at },
      },
    )
  }
}

function entryOf({ kind, organization, sequence, digest }: AppendedEvent): Uint8Array {
  return encodeEntry({ kind: kind as 1 | 2, organization, sequence, digest })
}

async function blockOf(blocks: BlockSource, digest: Uint8Array): Promise<Block> {
  const cid = cidFromDigest(digest)
  return { cid, bytes: await blocks.get(cid) }
}

async function distinctStreams(blocks: BlockSource, headers: readonly Header[]): Promise<Block[]> {
  const cids = [...new Map(headers.map(({ streams }) => [streams.toString(), streams])).values()]
  return inTurns(cids, 8, async (cid) => ({ cid, bytes: await blocks.get(cid) }))
}

/** The batches that are open to whoever asks, and the questions to each. */
interface OpenBatches {
  readonly headers: readonly Block[]
  readonly streams: readonly Block[]
  readonly plan: readonly BatchQuestions[]
  chunksOf(sequence: number): Promise<readonly Chunk[]>
}

/**
 * Locates the question among the batches that are open whole. One that is not stays out of the package, where its entry tells that it exists.
 * Codes: E_GRANTED_NOTHING where none is left.
 */
async function openBatches(
  blocks: BlockSource,
  own: readonly AppendedEvent[],
  question: PackageQuestion,
  readers: readonly Reader[],
): Promise<OpenBatches> {
  const found = await inTurns(own, 8, (event) => openHeader(blocks, event.digest))
  const hidden = new Set(own.flatMap(({ sequence }, at) => (found[at] === undefined ? [sequence] : [])))
  const all = new Map(
    found.flatMap((block) => {
      if (block === undefined) return []
      const header = decodeHeader(block.bytes)
      return [[header.sequence, { block, header }] as const]
    }),
  )
  for (;;) {
    const shown = [...all.values()].filter(({ header }) => !hidden.has(header.sequence))
    const streams = await distinctStreams(
      blocks,
      shown.map(({ header }) => header),
    )
    const declared = new Map<number, StreamItem>()
    for (const block of streams) for (const item of decodeStreams(block.bytes).streams) declared.set(item.stream, item)
    const plan = locate(
      question,
      shown.map(({ header }) => header),
      declared.values(),
    )
    if (plan.length === 0 && hidden.size > 0) throw nothingOpen()
    const before = hidden.size
    for (const { sequence } of plan) {
      const { closed } = await openChunks(blocks, all.get(sequence)?.header as Header, readers)
      if (closed > 0) hidden.add(sequence)
    }
    // A batch that goes may have restated another, which is then asked in its place.
    if (hidden.size > before) continue
    return {
      headers: shown.map(({ block }) => block),
      streams,
      plan,
      chunksOf: async (sequence) => (await openChunks(blocks, all.get(sequence)?.header as Header, readers)).chunks,
    }
  }
}

/** Of the batches that a question is about, these keys open none. */
export function nothingOpen(): TanlianError {
  return new TanlianError(
    'E_GRANTED_NOTHING',
    'Nothing of this period and these types is open to the keys given. What was sealed before a grant stays closed; ask the owner for a package of it.',
  )
}

function openBodies(sequence: number, chunks: readonly Chunk[], intervals: readonly Interval[]): OpenedBody[] {
  const bodies: OpenedBody[] = []
  for (const chunk of chunks) {
    for (const [start, , , flag, source] of chunk.rows) {
      const key = encodeKey(chunk.type, chunk.stream, start)
      if (!intervals.some(({ lo, hi }) => compareKeys(lo, key) <= 0 && compareKeys(key, hi) <= 0)) continue
      const origin = source === null ? null : (chunk.sources[source] ?? null)
      bodies.push({ sequence, key, flag, source: origin, salt: bodySalt(chunk.seed, key) })
    }
  }
  return bodies
}

/** Audit documents of other organizations that speak of these batches; those whose block cannot be had are left out. */
async function auditsOf(
  chain: Chain,
  blocks: BlockSource,
  all: readonly AppendedEvent[],
  organization: number,
  asked: readonly AuditedDigest[],
): Promise<{ event: AppendedEvent; evidence: AuditEvidence }[]> {
  const documents = all.filter((event) => event.kind === 2 && event.organization !== organization)
  const found: (LoggedAudit & { readonly event: AppendedEvent; readonly document: Block })[] = []
  await inTurns(documents, 8, async (event) => {
    try {
      const document = await blockOf(blocks, event.digest)
      const { kind, content } = decodeDocument(document.bytes)
      if (kind !== 'audit') return
      const { organization: auditor, sequence } = event
      found.push({ organization: auditor, sequence, content: readAuditContent(content), event, document })
    } catch (error) {
      // A document that cannot be had or read is no audit of anything.
      if (!(error instanceof TanlianError)) throw error
    }
  })
  const needed = neededAudits(asked, found)
  const signatures = await signaturesOf(
    chain,
    needed.map(({ event }) => event),
  )
  return needed.map(({ event, document }, at) => ({
    event,
    evidence: { document, entry: entryOf(event), signature: signatures[at] as Uint8Array, keys: [] },
  }))
}

async function blockTimes(chain: Chain, events: readonly AppendedEvent[]): Promise<Map<number, number>> {
  const numbers = [...new Set(events.map((event) => event.block))]
  const times = new Map<number, number>()
  await inTurns(numbers, 8, async (number) => {
    times.set(number, (await chain.block(number)).timestamp)
  })
  return times
}
