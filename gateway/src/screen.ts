import {
  type Block,
  type DeviceKeys,
  type Draft,
  declareKeys,
  decodeChunk,
  decodeIndex,
  decodeStreams,
  draftBatch,
  type Frame,
  KEY_CHANGE_TYPE,
  type Reading,
  type StreamItem,
  signingOf,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { readFrame } from './frame.ts'

/** A window after what must not go into a batch any more was left out. */
export interface Screened {
  /** The same draft where nothing was; undefined where nothing remains. */
  readonly draft: Draft | undefined
  /** Messages by a key that another machine of the organization has ended meanwhile. */
  readonly leftOut: readonly Frame[]
}

/**
 * Leaves out what is signed by a key of a device that was ended before its counter (safety S13): a platform refuses such a batch, and what was
 * signed once must not be signed otherwise. So it is asked before the number is put on.
 * @param declared items of the organization's batches up to `after` that change keys of devices
 * @param seed fresh random bytes for the chunks of a smaller draft
 * @throws TanlianError E_UPLINK_KEYS where this plant's own changes do not fit those that are declared
 */
export function screen(
  draft: Draft,
  given: {
    readonly organization: number
    readonly after: number
    readonly declared: readonly StreamItem[]
    readonly seed: () => Uint8Array
  },
): Screened {
  const { organization, after, declared, seed } = given
  const { items, frames, chunks } = open(draft)
  const before: DeviceKeys = declareKeys(new Map(), organization, [...firstKeys(items), ...declared], after)
  const keys = declareKeys(before, organization, items, after + 1, ({ stream, device }, why) => {
    throw new TanlianError(
      'E_UPLINK_KEYS',
      `Stream ${stream} changes the keys of device ${device} otherwise than the batches that are there: ${why}. Correct the plant file; nothing was signed.`,
      { values: { stream, device, why } },
    )
  })
  const ended = new Map<string, Frame>()
  for (const { cid, bytes } of frames) {
    const frame = readFrame(bytes)
    if (!(keys.get(frame.device) ?? []).some(({ ended }) => ended !== undefined)) continue
    if (signingOf(keys, frame, after + 1).state === 'ended') ended.set(cid.toString(), frame)
  }
  if (ended.size === 0) return { draft, leftOut: [] }
  const readings = chunks.flatMap(({ bytes }) => readingsOf(bytes, ended))
  return {
    draft:
      readings.length === 0
        ? undefined
        : draftBatch({
            readings,
            streams: items,
            seed,
            frames: frames.filter(({ cid }) => !ended.has(cid.toString())),
          }),
    leftOut: [...ended.values()],
  }
}

/** The first keys stand in items of measured streams, which this plant declares as it did before. */
function firstKeys(items: readonly StreamItem[]): StreamItem[] {
  return items.filter(({ type }) => type !== KEY_CHANGE_TYPE)
}

function open({ blocks, streams, data }: Draft) {
  const byName = new Map(blocks.map((block) => [block.cid.toString(), block]))
  const take = (name: string): Block => {
    const block = byName.get(name) as Block
    byName.delete(name)
    return block
  }
  const items = decodeStreams(take(streams.toString()).bytes).streams
  const index = decodeIndex(take(data.toString()).bytes)
  const chunks = index.chunks.map(([, , , cid]) => take(cid.toString()))
  return { items, chunks, frames: [...byName.values()] }
}

function readingsOf(bytes: Uint8Array, ended: ReadonlyMap<string, Frame>): Reading[] {
  const { type, stream, sources, rows } = decodeChunk(bytes)
  return rows.flatMap(([start, seconds, quantity, flag, at]) => {
    const source = at === null ? null : (sources[at] ?? null)
    if (source !== null && ended.has(source.toString())) return []
    return [{ type: type >>> 8, stream, start, seconds, quantity, flag, source }]
  })
}
