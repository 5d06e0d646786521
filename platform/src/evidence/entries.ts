import { cidFromDigest, toHex, toHex0x } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'
import type { AcceptedTable, EntryTable } from '../schema.ts'
import { organizationState } from './organization-state.ts'

/** An entry of an organization as the reading side shows it (spec section 7); places on the chain are null until it is there. */
export interface EntryItem {
  readonly kind: 1 | 2
  readonly organization: number
  readonly sequence: number
  readonly digest: string
  readonly cid: string
  readonly index: number | null
  readonly transaction: string | null
  readonly block: number | null
  /** Null where another contract relayed it and it was never handed in here. */
  readonly signature: string | null
  /** Sealed: audited and receipted here. Anchored: in the contract's log at the configured depth. Unavailable: in the log, its blocks are not here. */
  readonly status: 'sealed' | 'anchored' | 'unavailable'
  /** RFC 3339; null where it was never handed in here. */
  readonly received: string | null
  /** The block's own time, RFC 3339. */
  readonly anchored: string | null
  /** Bytes of the batch as it was uploaded; null where it was never handed in here. */
  readonly bytes: number | null
  readonly readings: number | null
  readonly from: number | null
  readonly to: number | null
  /** For a document its kind. */
  readonly document: string | null
}

/** A document with what the fold says of it. */
export interface DocumentItem extends EntryItem {
  /** `void`, of a report where it stands, else `counts`; null for kinds that are not weighed. */
  readonly state: string | null
  /** Code of the rule that a void document breaks. */
  readonly void: string | null
}

/**
 * Entries of an organization and kind, from both what was accepted here and what the chain's log holds.
 * @param given.order in sequence, or the last first; `after` is the last sequence that was seen before in that order
 */
export async function listEntries(
  instance: Instance,
  given: {
    readonly organization: number
    readonly kind: 1 | 2
    readonly order: 'oldest' | 'newest'
    readonly after: number | undefined
    readonly limit: number
  },
): Promise<EntryItem[]> {
  const { organization, kind, order, limit } = given
  const isUp = order === 'oldest'
  const after = given.after ?? (isUp ? 0 : Number.MAX_SAFE_INTEGER)
  const [beyond, direction] = isUp ? (['>', 'asc'] as const) : (['<', 'desc'] as const)
  const [accepted, entries] = await Promise.all([
    instance.db
      .selectFrom('accepted')
      .select(ACCEPTED)
      .where('organization', '=', organization)
      .where('kind', '=', kind)
      .where('sequence', beyond, after)
      .orderBy('sequence', direction)
      .limit(limit)
      .execute(),
    instance.db
      .selectFrom('entry')
      .select(LOGGED)
      .where('organization', '=', organization)
      .where('kind', '=', kind)
      .where('sequence', beyond, after)
      .orderBy('sequence', direction)
      .limit(limit)
      .execute(),
  ])
  const here = new Map(accepted.map((row) => [row.sequence, row]))
  const there = new Map(entries.map((row) => [row.sequence, row]))
  const sequences = [...new Set([...here.keys(), ...there.keys()])]
    .sort((a, b) => (isUp ? a - b : b - a))
    .slice(0, limit)
  return sequences.map((sequence) =>
    itemOf(instance, { kind, organization, sequence }, here.get(sequence), there.get(sequence)),
  )
}

/** Documents of one kind that were accepted here, of all organizations or of one, by organization and sequence. */
export async function listDocuments(
  instance: Instance,
  given: {
    readonly document: string
    readonly organization?: number | undefined
    readonly after: { readonly organization: number; readonly sequence: number }
    readonly limit: number
  },
): Promise<DocumentItem[]> {
  const { document, organization, after, limit } = given
  let query = instance.db
    .selectFrom('accepted')
    .select(ACCEPTED)
    .where('kind', '=', 2)
    .where('document', '=', document)
    .where((eb) =>
      eb.or([
        eb('organization', '>', after.organization),
        eb.and([eb('organization', '=', after.organization), eb('sequence', '>', after.sequence)]),
      ]),
    )
    .orderBy('organization')
    .orderBy('sequence')
    .limit(limit)
  if (organization !== undefined) query = query.where('organization', '=', organization)
  const accepted = await query.execute()
  if (accepted.length === 0) return []
  const digests = accepted.map(({ digest }) => digest)
  const entries = await instance.db.selectFrom('entry').select(LOGGED).where('digest', 'in', digests).execute()
  const there = new Map(entries.map((row) => [toHex(row.digest), row]))
  return accepted.map((row) => {
    const place = { kind: 2, organization: row.organization, sequence: row.sequence } as const
    const item = itemOf(instance, place, row, there.get(toHex(row.digest)))
    return { ...item, ...stateOf(instance, item) }
  })
}

function stateOf({ documents }: Instance, { cid, document }: EntryItem): Pick<DocumentItem, 'state' | 'void'> {
  if (document === null || !documents.knows(document)) return { state: null, void: null }
  const broken = documents.voidOf(cid)
  if (broken !== undefined) return { state: 'void', void: broken.code }
  return { state: documents.register.report(cid)?.stage ?? 'counts', void: null }
}

const ACCEPTED = [
  'organization',
  'sequence',
  'digest',
  'signature',
  'received_s',
  'size_bytes',
  'readings',
  'from_s',
  'to_s',
  'document',
] as const satisfies readonly (keyof AcceptedTable)[]
const LOGGED = [
  'sequence',
  'digest',
  'signature',
  'index',
  'transaction',
  'block',
  'time_s',
] as const satisfies readonly (keyof EntryTable)[]

/** One entry from what was accepted here and what the log holds of it; at least one of the two is there. */
function itemOf(
  instance: Instance,
  place: { readonly kind: 1 | 2; readonly organization: number; readonly sequence: number },
  ours: Pick<AcceptedTable, (typeof ACCEPTED)[number]> | undefined,
  chains: Pick<EntryTable, (typeof LOGGED)[number]> | undefined,
): EntryItem {
  const digest = (chains ?? ours)?.digest as Uint8Array
  const signature = chains?.signature ?? ours?.signature ?? null
  const deep = chains !== undefined && instance.chain.depthOf(chains.block) >= instance.config.confirmations
  return {
    ...place,
    digest: toHex(digest),
    cid: cidFromDigest(digest).toString(),
    index: chains?.index ?? null,
    transaction: chains === undefined ? null : toHex0x(chains.transaction),
    block: chains?.block ?? null,
    signature: signature === null ? null : toHex0x(signature),
    status: ours === undefined ? 'unavailable' : deep ? 'anchored' : 'sealed',
    received: ours === undefined ? null : timeOf(ours.received_s),
    anchored: chains === undefined ? null : timeOf(chains.time_s),
    bytes: ours?.size_bytes ?? null,
    readings: ours === undefined || place.kind === 2 ? null : ours.readings,
    from: ours?.from_s ?? null,
    to: ours?.to_s ?? null,
    document: ours?.document ?? null,
  }
}

/** The streams that an organization has declared so far, as its accepted batches name them. */
export async function listStreams(instance: Instance, organization: number) {
  const state = await organizationState(instance, organization)
  if (state === undefined) return []
  return [...state.streams.values()].sort((a, b) => a.stream - b.stream)
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

/** The time that an organization's accepted readings account for, by stream. */
export async function listCoverage(instance: Instance, organization: number) {
  const state = await organizationState(instance, organization)
  if (state === undefined) return []
  return [...state.coverage]
    .map(([stream, runs]) => ({
      stream,
      runs: runs.map(({ type, start, seconds, count }): [number, number, number, number] => [
        type,
        start,
        seconds,
        count,
      ]),
    }))
    .sort((a, b) => a.stream - b.stream)
}
