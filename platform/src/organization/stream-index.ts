import { decodeHeader, decodeStreams, digestOf, type StreamItem } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'

/** Tables of migration 0104. */
declare module '../schema.ts' {
  interface Schema {
    stream_index: StreamIndexTable
    stream_index_mark: StreamIndexMarkTable
  }
}

export interface StreamIndexTable {
  organization: number
  stream: number
  /** Class, group, kind: six hex digits. */
  type: string
  device: string
  label: string
  /** What is searched: device and label in lower case. */
  search: string
}

export interface StreamIndexMarkTable {
  organization: number
  sequence: number
  /** Digest of the streams block that was read last. */
  streams: Uint8Array
}

/** Batches looked at in one go. */
const PORTION = 200

/** Keeps the index of streams at the last accepted batch of each organization. Calls while it works are joined into one more round. */
export function openStreamIndex(instance: Instance) {
  let working: Promise<void> | undefined
  let again = false
  const follow = (): Promise<void> => {
    again = true
    working ??= (async () => {
      while (again) {
        again = false
        while ((await step(instance)) === PORTION);
      }
    })().finally(() => {
      working = undefined
    })
    return working
  }
  return { follow }
}

/** Reads the streams of some batches that are not in the index yet. @returns how many. */
async function step(instance: Instance): Promise<number> {
  const rows = await instance.db
    .selectFrom('accepted')
    .leftJoin('stream_index_mark as mark', 'mark.organization', 'accepted.organization')
    .select(['accepted.organization', 'accepted.sequence', 'accepted.digest', 'mark.streams'])
    .where('accepted.kind', '=', 1)
    .where((eb) => eb.or([eb('mark.sequence', 'is', null), eb('accepted.sequence', '>', eb.ref('mark.sequence'))]))
    .orderBy('accepted.organization')
    .orderBy('accepted.sequence')
    .limit(PORTION)
    .execute()
  const known = new Map<number, string>()
  for (const { organization, sequence, digest, streams } of rows) {
    const header = await instance.blocks.get(digest)
    if (header === undefined) continue
    const named = Buffer.from(digestOf(decodeHeader(header).streams))
    const before = known.get(organization) ?? (streams === null ? '' : Buffer.from(streams).toString('hex'))
    const block = before === named.toString('hex') ? undefined : await instance.blocks.get(named)
    known.set(organization, named.toString('hex'))
    await keep(instance, organization, sequence, named, block === undefined ? [] : decodeStreams(block).streams)
  }
  return rows.length
}

async function keep(
  instance: Instance,
  organization: number,
  sequence: number,
  streams: Uint8Array,
  items: readonly StreamItem[],
) {
  await instance.db.transaction().execute(async (db) => {
    for (let at = 0; at < items.length; at += 1000)
      await db
        .insertInto('stream_index')
        .values(items.slice(at, at + 1000).map((item) => rowOf(organization, item)))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    await db
      .insertInto('stream_index_mark')
      .values({ organization, sequence, streams })
      .onConflict((conflict) => conflict.column('organization').doUpdateSet({ sequence, streams }))
      .execute()
  })
}

function rowOf(organization: number, item: StreamItem): StreamIndexTable {
  const more = [item.name, item.serial, item.meter].filter((text) => typeof text === 'string')
  const label = [item.device, ...more].join(' · ').slice(0, 300)
  return {
    organization,
    stream: item.stream,
    type: item.type.toString(16).padStart(6, '0'),
    device: item.device,
    label: label.replaceAll('\u0000', ''),
    search: label.replaceAll('\u0000', '').toLowerCase(),
  }
}
