import type { Report } from '@tanlian/accounting'
import { decodeDocument, digestOf, isEvidenceCid, toHex } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { Instance } from '../instance.ts'

/** What the fold asks of evidence and the log. Answers are looked up before a document is weighed, since the fold itself waits for nothing. */
export interface Facts {
  batchesOf(organization: number, report: Report): readonly string[] | undefined
  rootAt(size: number): Uint8Array | undefined
  sizeAfter(block: number): number | undefined
  /** Looks up what weighing a document of this kind and content will ask. */
  prepare(kind: string, content: unknown): Promise<void>
}

type Parts = Pick<Instance, 'db' | 'blocks' | 'log' | 'chain'>

/** Facts from this platform's own store and its reading of the contract's log. */
export function openFacts(instance: Parts): Facts {
  const batches = new Map<string, readonly string[]>()
  const sizes = new Map<number, number>()
  return {
    batchesOf: (organization, report) => batches.get(nameOf(organization, report)),
    rootAt: (size) => (size <= instance.log.size ? instance.log.root(size) : undefined),
    sizeAfter: (block) => sizes.get(block),
    async prepare(kind, content) {
      const named = content as { readonly report?: unknown; readonly draw?: unknown } | null
      if (kind === 'opinion') {
        const found = await readDocument(instance, named?.report)
        if (found?.kind !== 'report') return
        const report = found.content as Report
        batches.clear()
        const below = await batchesBelow(instance, found.organization, report)
        batches.set(
          nameOf(found.organization, report),
          below.map(({ digest }) => toHex(digest)),
        )
      } else if (kind === 'assignment') {
        const found = await readDocument(instance, named?.draw)
        const block = (found?.content as { readonly block?: unknown } | null)?.block
        if (found?.kind !== 'draw' || typeof block !== 'number') return
        const size = await sizeAfterBlock(instance, block)
        if (size !== undefined) sizes.set(block, size)
      }
    },
  }
}

/** A batch that totals rest on. */
export interface BatchBelow {
  readonly sequence: number
  readonly digest: Uint8Array
}

/**
 * The batches that a report's totals rest on, as of its size: those with a reading in the window of a total, and those that restate, since
 * what they void is in no total.
 */
export async function batchesBelow(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  report: Pick<Report, 'inputs' | 'size'>,
): Promise<BatchBelow[]> {
  const windows = report.inputs.flatMap(({ origin }) => (origin.kind === 'total' ? [origin] : []))
  if (windows.length === 0) return []
  const from = Math.min(...windows.map((window) => window.from))
  const to = Math.max(...windows.map((window) => window.to))
  return db
    .selectFrom('accepted')
    .innerJoin('entry', 'entry.digest', 'accepted.digest')
    .select(['accepted.sequence', 'accepted.digest'])
    .where('accepted.organization', '=', organization)
    .where('accepted.kind', '=', 1)
    .where('entry.index', '<', report.size)
    .where((eb) =>
      eb.or([
        eb.and([eb('accepted.from_s', '<', to), eb('accepted.to_s', '>', from)]),
        eb.exists(
          eb
            .selectFrom('series_void')
            .select('series_void.sequence')
            .whereRef('series_void.organization', '=', 'accepted.organization')
            .whereRef('series_void.sequence', '=', 'accepted.sequence'),
        ),
      ]),
    )
    .orderBy('accepted.sequence')
    .execute()
}

/** The log's size after a block; undefined while the chain is not past it. */
export async function sizeAfterBlock(
  { db, chain }: Pick<Instance, 'db' | 'chain'>,
  block: number,
): Promise<number | undefined> {
  if (chain.block < block) return undefined
  const row = await db
    .selectFrom('log_root')
    .select('size')
    .where('block', '<=', block)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.size ?? 0
}

async function readDocument({ blocks }: Pick<Instance, 'blocks'>, cid: unknown) {
  if (!isEvidenceCid(cid)) return undefined
  const bytes = await blocks.get(digestOf(cid as CID))
  return bytes === undefined ? undefined : decodeDocument(bytes)
}

function nameOf(organization: number, { subject, type, period, size }: Report): string {
  return JSON.stringify([organization, subject, type, ...period, size])
}
