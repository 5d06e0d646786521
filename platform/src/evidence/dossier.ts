import {
  type Block,
  cidFromDigest,
  decodeHeader,
  decodeStreams,
  digestOf,
  encodeEntry,
  type Header,
  multiproof,
  type PackageKey,
  type PackageParts,
  packageParts,
  type StreamItem,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import { requireOrganization } from '../organization/view.ts'
import { section } from './gateway.ts'
import { requireBlock } from './tree-store.ts'

/**
 * What every trace of one organization shares: all its headers, entries and streams as of a size of the log. Kept in memory and added to
 * as the log grows, so that a trace reads only what its question needs.
 */
export interface Dossier {
  readonly headers: readonly Block[]
  readonly decoded: readonly Header[]
  readonly entries: readonly Uint8Array[]
  readonly signatures: readonly Uint8Array[]
  readonly indexes: readonly number[]
  readonly anchors: readonly (readonly [block: number, time: number])[]
  readonly streams: readonly Block[]
  readonly declared: ReadonlyMap<number, StreamItem>
  /** Headers and streams as sections of a CAR, joined: every package of the organization holds them. */
  readonly sections: Uint8Array
  /** What every package of the organization has in its root. */
  readonly parts: PackageParts
  /** Log size that all of this is as of. */
  readonly size: number
  readonly root: Uint8Array
  /** Block of the last entry. */
  readonly block: number
}

/** Dossiers in memory; the least recently asked go first. */
export interface Dossiers {
  /** @throws TanlianError E_NOT_FOUND, E_UNAVAILABLE where a header of the organization is in the log and not here. */
  get(organization: number): Promise<Dossier>
  /** The root's part with the one proof that these entries are in the log of this size. */
  inclusion(indexes: readonly number[], size: number): PackageParts
  /** The chain went back: nothing that was remembered counts. */
  clear(): void
}

/** What a trace of one organization shares for whoever may not see some of its batches: every entry, but only the headers that are open to them. */
export function openPart(dossier: Dossier, hidden: ReadonlySet<number>): Dossier {
  if (hidden.size === 0) return dossier
  const shown = dossier.decoded.map(({ sequence }) => !hidden.has(sequence))
  const headers = dossier.headers.filter((_, at) => shown[at])
  const decoded = dossier.decoded.filter((_, at) => shown[at])
  const named = new Set(decoded.map(({ streams }) => streams.toString()))
  const known = new Map(dossier.streams.map((block) => [block.cid.toString(), block]))
  const streams = [...named].map((name) => known.get(name) as Block)
  const items = streams.flatMap(({ bytes }) => decodeStreams(bytes).streams)
  return {
    ...dossier,
    headers,
    decoded,
    streams,
    declared: new Map(items.map((item) => [item.stream, item])),
    sections: sectionsOf(headers, streams),
    parts: new Map([...dossier.parts, ...packageParts({ headers, streams })]),
  }
}

/** The header of a batch and its block. */
export function headerIn(
  { headers, decoded }: Pick<Dossier, 'headers' | 'decoded'>,
  sequence: number,
): { readonly block: Block; readonly header: Header } {
  // Batches stand in sequence, and some may be absent: never later than their number says.
  let at = Math.min(sequence, decoded.length) - 1
  while (at > 0 && (decoded[at] as Header).sequence > sequence) at--
  return { block: headers[at] as Block, header: decoded[at] as Header }
}

const KEPT = 256

export function createDossiers(instance: Pick<Instance, 'db' | 'blocks' | 'log'>): Dossiers {
  const kept = new Map<number, Dossier>()
  const building = new Map<number, Promise<Dossier>>()
  let era = 0
  let proven: { readonly name: string; readonly part: PackageParts } | undefined

  const build = async (organization: number): Promise<Dossier> => {
    const began = era
    const before = kept.get(organization)
    const dossier = await extend(instance, organization, before)
    if (began === era) {
      kept.delete(organization)
      kept.set(organization, dossier)
      const [oldest] = kept.keys()
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    }
    return dossier
  }
  return {
    async get(organization) {
      const found = kept.get(organization)
      if (found !== undefined && found.size === instance.log.size) return found
      let wait = building.get(organization)
      if (wait === undefined) {
        wait = build(organization).finally(() => building.delete(organization))
        building.set(organization, wait)
      }
      return wait
    },
    inclusion(indexes, size) {
      const name = `${era}/${size}/${indexes.join()}`
      if (proven?.name === name) return proven.part
      const places = [...new Set(indexes)].sort((a, b) => a - b)
      const rangeHash = (from: number, to: number) => instance.log.rangeHash(from, to)
      const path = places.length === 0 ? [] : multiproof(places, size, rangeHash)
      proven = { name, part: packageParts({ inclusion: { indexes, path } }) }
      return proven.part
    },
    clear() {
      era++
      kept.clear()
      proven = undefined
    },
  }
}

/** A dossier as of the log's size now, from one of an earlier size. */
async function extend(
  { db, blocks, log }: Pick<Instance, 'db' | 'blocks' | 'log'>,
  organization: number,
  before: Dossier | undefined,
): Promise<Dossier> {
  const { size } = log
  const root = log.root(size)
  await requireOrganization({ db }, organization)
  const [rows, keyRows] = await Promise.all([
    db
      .selectFrom('entry')
      .leftJoin('accepted', 'accepted.digest', 'entry.digest')
      .select([
        'entry.index',
        'entry.sequence',
        'entry.digest',
        'entry.signature',
        'entry.block',
        'entry.time_s',
        'accepted.signature as handed',
      ])
      .where('entry.organization', '=', organization)
      .where('entry.kind', '=', 1)
      .where('entry.sequence', '>', before?.headers.length ?? 0)
      .where('entry.index', '<', size)
      .orderBy('entry.sequence')
      .execute(),
    db
      .selectFrom('organization_key')
      .select(['key', 'purpose', 'from_sequence', 'to_sequence'])
      .where('organization', '=', organization)
      .where('purpose', '=', 1)
      .orderBy('block')
      .orderBy('key')
      .execute(),
  ])
  const keys = keyRows.map(
    ({ key, purpose, from_sequence, to_sequence }): PackageKey => [
      new Uint8Array(key),
      purpose,
      from_sequence,
      to_sequence,
    ],
  )
  const headers = [...(before?.headers ?? [])]
  const decoded = [...(before?.decoded ?? [])]
  const entries = [...(before?.entries ?? [])]
  const signatures = [...(before?.signatures ?? [])]
  const indexes = [...(before?.indexes ?? [])]
  const anchors = [...(before?.anchors ?? [])]
  const streams = [...(before?.streams ?? [])]
  const known = new Set(streams.map((block) => block.cid.toString()))
  const declared = new Map(before?.declared ?? [])
  for (const row of rows) {
    const digest = new Uint8Array(row.digest)
    const header = { cid: cidFromDigest(digest), bytes: await requireBlock(blocks, digest) }
    const read = decodeHeader(header.bytes)
    const signature = row.signature ?? row.handed
    if (signature === null)
      throw new TanlianError(
        'E_UNAVAILABLE',
        `The signature of batch ${row.sequence} (${toHex(digest)}) is not here.`,
        {
          values: { sequence: row.sequence },
        },
      )
    headers.push(header)
    decoded.push(read)
    entries.push(encodeEntry({ kind: 1, organization, sequence: row.sequence, digest }))
    signatures.push(new Uint8Array(signature))
    indexes.push(row.index)
    anchors.push([row.block, row.time_s])
    if (known.has(read.streams.toString())) continue
    known.add(read.streams.toString())
    const block = { cid: read.streams, bytes: await requireBlock(blocks, digestOf(read.streams)) }
    streams.push(block)
    for (const item of decodeStreams(block.bytes).streams) declared.set(item.stream, item)
  }
  const sections = rows.length === 0 && before !== undefined ? before.sections : sectionsOf(headers, streams)
  const rootRow = await db
    .selectFrom('log_root')
    .select('block')
    .where('size', '<=', size)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    headers,
    decoded,
    entries,
    signatures,
    indexes,
    anchors,
    streams,
    declared,
    sections,
    parts: packageParts({ headers, entries, signatures, streams, keys, anchors }),
    size,
    root,
    block: rootRow?.block ?? 0,
  }
}

function sectionsOf(headers: readonly Block[], streams: readonly Block[]): Uint8Array {
  return Buffer.concat([...headers, ...streams].map(({ cid, bytes }) => section(digestOf(cid), bytes)))
}
