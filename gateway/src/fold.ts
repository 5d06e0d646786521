import {
  type Block,
  cidFromDigest,
  type Draft,
  digestOf,
  draftBatch,
  encodeBlock,
  equalBytes,
  type Interval,
  nameOf,
  type Reading,
  type StreamItem,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { ProtocolName, Sample } from './arrival.ts'
import { type Corrected, type CorrectedState, createCorrected, readCorrection } from './correction.ts'
import type { Device, Point } from './device.ts'
import { keyItems } from './device-key.ts'
import { sha256 } from './digest.ts'
import type { Entry } from './entry.ts'
import { readFrame, uncleared } from './frame.ts'
import { createMonths } from './month.ts'
import type { Check } from './quality/check.ts'
import { type Derived, derivedStreams } from './quality/derived.ts'
import type { Judged } from './quality/judged.ts'
import { createQuality, type Quality } from './quality/stream.ts'

/** What a message became, for the page. */
export interface Seen {
  readonly device: Device
  readonly receivedMs: number
  readonly samples: readonly Sample[]
  readonly judged: readonly Judged[]
}

/** A window that is closed (窗口): what goes into a batch, and the state behind it. */
export interface Closed {
  /** The last position that it holds. */
  readonly through: number
  /** Undefined where no reading came. */
  readonly draft: Draft | undefined
  /** Earlier readings that the batch voids. */
  readonly restates: readonly Interval[]
  readonly state: FoldState
}

/** All that the fold remembers from one window to the next. */
export interface FoldState {
  /** The last time in the journal. */
  readonly nowMs: number
  /** Canonical bytes of the quality rules' own state. */
  readonly quality: Uint8Array
  /** Digest of each stream's item that a batch has declared: what a stream is never changes. */
  readonly declared: readonly (readonly [stream: number, digest: Uint8Array])[]
  readonly corrected: CorrectedState
}

/** When a window closes. */
export interface WindowLimits {
  readonly seconds: number
  readonly readings: number
}

export interface FoldOptions {
  readonly devices: readonly Device[]
  /** Streams that are made of others. */
  readonly derived: readonly Derived[]
  readonly checks: readonly Check[]
  /** Reads a kept message again, by its protocol. */
  readonly samples: (protocol: ProtocolName, bytes: Uint8Array, device: Device) => readonly Sample[]
  readonly zone: string
  readonly window: WindowLimits
  /** 32 fresh random bytes each time: a chunk's seed. */
  readonly seed: () => Uint8Array
  /** Where the last closed window ended. */
  readonly from?: FoldState
  readonly onSeen?: (seen: Seen) => void
}

/**
 * From the journal's entries, in their order, to readings in windows. Nothing but the kept bytes, the times kept with them and the plant
 * file goes in, so after a crash the same entries make the same readings; only seeds are drawn anew, for a draft that nobody saw.
 */
export interface Fold {
  /** Messages that no device of the plant sent, or that do not read: put aside, and the rest goes on (safety F25). */
  readonly aside: number
  readonly readings: number
  /** Whether the open window holds nothing, not even a message that waits for others. */
  readonly isEmpty: boolean
  readonly quality: Quality
  readonly corrected: Corrected
  /** Whether the open window must be closed before this entry: its month is over. */
  endsBefore(entry: Entry): boolean
  take(position: number, entry: Entry): void
  /** Whether the open window must be closed now. */
  isFull(): boolean
  /** Settles all that waits and closes the window. */
  close(): Closed
}

/** What one window holds at most, so that a batch is built and sent in the memory of a small box. */
const MOST_READINGS = 25_000
const FRAME_BYTES = 4 * 1024 * 1024
/** Half of what the sums of a tree can hold, so that the message which passes it still fits (spec section 1). */
const MOST_SUM = 2 ** 52

/** Begins, or goes on from a state. @throws TanlianError E_PLANT for a stream that was something else before */
export function createFold(options: FoldOptions): Fold {
  const { devices, samples, window, seed, from, onSeen = () => {} } = options
  const monthOf = createMonths(options.zone)
  const byId = new Map(devices.map((device) => [device.id, device]))
  const changes = devices.flatMap(keyItems)
  const items = new Map(
    [
      ...changes,
      ...devices.flatMap((device) => device.points.map((point) => itemOf(device, point))),
      ...derivedStreams(options.derived),
    ].map((item) => [item.stream, item]),
  )
  const declared = new Map(from?.declared)
  for (const item of items.values()) requireSame(item, declared.get(item.stream))
  const points = new Map(devices.flatMap((device) => device.points.map((point) => [point.stream, point] as const)))
  const corrected = createCorrected(points, from?.corrected)
  const quality = createQuality(devices, options)
  if (from !== undefined) quality.decodeState(from.quality)
  let nowMs = from?.nowMs ?? 0
  let through = 0
  let openedMs: number | undefined
  let readings: Reading[] = []
  let frames = new Map<string, Block>()
  let frameBytes = 0
  let sum = 0
  let restates: readonly Interval[] = []
  let aside = 0

  const add = (judged: readonly Judged[]) => {
    if (judged.length > 0) openedMs ??= nowMs
    for (const { reading, frame } of judged) {
      if (!corrected.admits(reading)) continue
      readings.push(reading)
      sum += reading.quantity + reading.seconds
      if (frame !== undefined) keep(frame)
    }
  }
  const keep = (block: Block) => {
    frames.set(nameOf(block.cid), block)
    frameBytes += block.bytes.length
  }

  const takeMessage = (kept: Uint8Array, receivedMs: number) => {
    const { device: id, protocol, bytes, signature } = readFrame(kept)
    const device = byId.get(id)
    const said = device === undefined ? undefined : read(samples, protocol as ProtocolName, bytes, device)
    if (device === undefined || said === undefined) {
      aside++
      return
    }
    openedMs ??= nowMs
    const block = blockOf(kept)
    keep(block)
    const judged = quality.push(id, said, { frame: block.cid, receivedMs, signed: signature !== undefined })
    add(judged)
    onSeen({ device, receivedMs, samples: said, judged })
  }

  const takeCorrection = (kept: Uint8Array) => {
    const block = blockOf(kept)
    try {
      const placed = corrected.place(readCorrection(JSON.parse(new TextDecoder().decode(readFrame(kept).bytes))))
      openedMs ??= nowMs
      restates = placed.voids
      for (const reading of placed.readings) readings.push({ ...reading, source: block.cid })
      keep(block)
    } catch (error) {
      // It was possible when it was written down, and a reading came between.
      if (!(error instanceof TanlianError)) throw error
      aside++
    }
  }

  return {
    quality,
    corrected,
    get aside() {
      return aside
    },
    get isEmpty() {
      return openedMs === undefined && readings.length === 0
    },
    get readings() {
      return readings.length
    },
    endsBefore(entry) {
      // A batch voids readings of those before it, never its own (spec section 5): a correction has a batch for itself.
      if (entry.kind === 'correction') return !this.isEmpty
      const ms = timeOf(entry)
      return ms !== undefined && openedMs !== undefined && monthOf(ms) !== monthOf(openedMs)
    },
    take(position, entry) {
      through = position
      const ms = timeOf(entry)
      nowMs = ms ?? nowMs
      if (entry.kind === 'tick') add(quality.tick(nowMs))
      else if (entry.kind === 'correction') takeCorrection(entry.block)
      else if (entry.kind === 'frame') takeMessage(entry.block, entry.receivedMs)
    },
    isFull() {
      if (restates.length > 0) return true
      if (readings.length >= Math.min(window.readings, MOST_READINGS) || frameBytes >= FRAME_BYTES || sum >= MOST_SUM)
        return true
      // A clock that was set back (safety F14) closes the window too, rather than keep it open until it has caught up.
      return openedMs !== undefined && Math.abs(nowMs - openedMs) >= window.seconds * 1000
    },
    close() {
      // Settled now, no message is a source of two batches.
      add(quality.flush(nowMs))
      const used = new Set([...readings, ...changes].map(({ stream }) => stream))
      const streams = [...used].sort((a, b) => a - b).map((stream) => items.get(stream) as StreamItem)
      for (const item of streams) declared.set(item.stream, digestOf(encodeBlock(item).cid))
      const draft =
        readings.length === 0 ? undefined : draftBatch({ readings, streams, seed, frames: [...frames.values()] })
      const closed = { through, draft, restates }
      readings = []
      restates = []
      frames = new Map()
      frameBytes = 0
      sum = 0
      openedMs = undefined
      const state = { nowMs, quality: quality.encodeState(), declared: [...declared], corrected: corrected.state }
      return { ...closed, state }
    },
  }
}

/** A kept frame as a block of its own: what the journal's reader gives is gone with the next group. */
function blockOf(kept: Uint8Array): Block {
  const bytes = uncleared(kept.length)
  bytes.set(kept)
  return { cid: cidFromDigest(sha256(bytes)), bytes }
}

/** What a stream is, for the batch's `streams` block (spec section 5): it never changes, a replaced meter is a new stream. */
export function itemOf(device: Device, point: Point): StreamItem {
  const { stream, type, interval, name, unit, value, rounding, scale, offset, definition } = point
  const [first] = device.keys ?? []
  return {
    stream,
    type,
    device: device.id,
    interval,
    name,
    unit,
    value,
    rounding,
    ...(scale === '1' && offset === '0' ? {} : { scale, offset }),
    model: device.model,
    protocol: device.protocol,
    method: definition,
    ...(first === undefined ? {} : { key: first.publicKey }),
  }
}

/** An item that differs from what was declared would be refused by every audit, and everything after it with it. */
function requireSame(item: StreamItem, declared: Uint8Array | undefined): void {
  if (declared === undefined || equalBytes(digestOf(encodeBlock(item).cid), declared)) return
  throw new TanlianError(
    'E_PLANT',
    `Stream ${item.stream} of device ${item.device} was declared otherwise in an earlier batch. Give what changed a stream of its own.`,
    { values: { stream: item.stream, device: item.device } },
  )
}

function timeOf(entry: Entry): number | undefined {
  if (entry.kind === 'tick') return entry.ms
  return entry.kind === 'frame' || entry.kind === 'correction' ? entry.receivedMs : undefined
}

/** The samples of a message; undefined where its bytes cannot be read under the present plant file. */
function read(
  samples: FoldOptions['samples'],
  protocol: ProtocolName,
  bytes: Uint8Array,
  device: Device,
): readonly Sample[] | undefined {
  try {
    return samples(protocol, bytes, device)
  } catch (error) {
    if (error instanceof TanlianError) return undefined
    throw error
  }
}
