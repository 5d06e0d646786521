import { strict as assert } from 'node:assert'
import { checkEd25519 } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Arrival, Intake, Kept, Refusal } from './arrival.ts'
import type { Device } from './device.ts'
import { keyFor } from './device-key.ts'
import { type Digest, digestOf } from './digest.ts'
import type { MessageEntry } from './entry.ts'
import { encodeFrame, type FrameFields, frameRoom, putFrame, uncleared } from './frame.ts'
import type { Journal, Recent } from './journal.ts'
import type { Clock } from './protocols/protocol.ts'

/** Bytes of refused messages that one device may leave in the journal in {@link REFUSED_MS}; beyond it they are counted only. */
const REFUSED_BYTES = 64 * 1024
const REFUSED_MS = 60_000
/** Different messages of one name that are kept beside the first. */
const MOST_CONFLICTS = 3
/** A longer message is no message: protocols cut what they read long before. */
const MESSAGE_LIMIT = 2 * 1024 * 1024

/** The door, and what went through it. */
export interface OpenIntake extends Intake {
  /** By device, or undefined where it could not be told. */
  readonly counts: ReadonlyMap<string | undefined, Counts>
  /** Keeps a message among the refused ones that was acknowledged and may go into no batch any more. Resolves when it survives a power cut. */
  setAside(refusal: Refusal): Promise<void>
}

/** What became of a device's messages since the start. */
export interface Counts {
  readonly kept: number
  readonly repeated: number
  readonly conflicts: number
  readonly refused: number
  /** Code of the last refusal. */
  readonly problem: string | undefined
  readonly problemMs: number | undefined
}

/**
 * Takes messages in: a message of a name that was kept before is a repeat or a conflict (safety S2), whatever happened in between.
 * @param salt gives 16 fresh random bytes each time: a frame's own, drawn once and kept with it.
 */
export function openIntake(
  journal: Journal,
  devices: ReadonlyMap<string, Device>,
  clock: Clock,
  salt: () => Uint8Array,
): OpenIntake {
  const counts = new Map<string | undefined, Mutable<Counts>>()
  const refused = new Map<string | undefined, { sinceMs: number; bytes: number }>()

  const countsOf = (device: string | undefined) => {
    let found = counts.get(device)
    if (found === undefined) {
      found = { kept: 0, repeated: 0, conflicts: 0, refused: 0, problem: undefined, problemMs: undefined }
      counts.set(device, found)
    }
    return found
  }

  const countRefused = ({ device, code }: Refusal) => {
    const counted = countsOf(device)
    counted.refused++
    counted.problem = code
    counted.problemMs = clock.now()
  }

  /** As the journal takes it; the bytes hold until the next. */
  const entryOf = (arrival: Arrival, kind: MessageEntry['kind'], name: Digest, content: Digest): MessageEntry => {
    const { receivedMs, rank } = arrival
    const frame = frameOf(arrival, salt)
    // The journal takes the bytes at once, so all messages share one place.
    const room = frameRoom(frame)
    const place = room <= scratch.length ? scratch : uncleared(room)
    const block = place.subarray(0, putFrame(place, 0, frame))
    return { kind, receivedMs, rank, name, content, block }
  }

  const keep = (arrival: Arrival): Promise<Kept> => {
    const { device, rank } = arrival
    assert(Number.isSafeInteger(rank) && rank >= 0, 'a rank is a whole number')
    const name = digestOf(`${device}\n${arrival.name}`)
    const content = digestOf(arrival.content ?? arrival.bytes)
    // Above all ranks before it, nothing can have its name.
    const highest = journal.highest(device)
    if (highest !== undefined && rank <= highest) return keepLate(arrival, name, content)
    return journal.keepAs(device, entryOf(arrival, 'frame', name, content), (position) => {
      countsOf(device).kept++
      return { state: 'kept', position }
    })
  }

  /** Of a message that something before it may have the name of. */
  const keepLate = async (arrival: Arrival, name: Digest, content: Digest): Promise<Kept> => {
    const { device, rank } = arrival
    let earlier: readonly Recent[]
    let generation: number
    do {
      generation = journal.generation
      earlier = await journal.older(device, rank, name)
    } while (journal.generation !== generation)
    // From here to the journal nothing is waited for: of two messages of one name at once, the second sees the first.
    earlier = [...earlier, ...journal.recent(name)]
    const [first] = earlier
    const same = earlier.find((one) => one.content === content)
    const counted = countsOf(device)
    if (first === undefined) {
      const position = await journal.keep(device, entryOf(arrival, 'frame', name, content))
      counted.kept++
      return { state: 'kept', position }
    }
    if (same !== undefined && !same.conflict) {
      const position = await same.position
      counted.repeated++
      return { state: 'repeated', position }
    }
    const known = same ?? (earlier.length > MOST_CONFLICTS ? first : undefined)
    const position = await (known === undefined
      ? journal.keep(device, entryOf(arrival, 'conflict', name, content))
      : known.position)
    counted.conflicts++
    return { state: 'conflict', position }
  }

  const intake: OpenIntake = {
    counts,
    keep(arrival) {
      try {
        requireTrusted(arrival, devices.get(arrival.device))
        return keep(arrival)
      } catch (error) {
        if (error instanceof TanlianError) {
          const { device, protocol, bytes, receivedMs } = arrival
          intake.refuse({ device, protocol, bytes, receivedMs, code: error.code })
        }
        return Promise.reject(error)
      }
    },
    refuse(refusal) {
      const { device, bytes } = refusal
      const now = clock.now()
      countRefused(refusal)
      let budget = refused.get(device)
      if (budget === undefined || Math.abs(now - budget.sinceMs) > REFUSED_MS) budget = { sinceMs: now, bytes: 0 }
      budget.bytes += bytes.length
      refused.set(device, budget)
      // A device that sends rubbish must not use up the disk of the others.
      if (budget.bytes > REFUSED_BYTES) return
      const kept: Refusal = { ...refusal, bytes: bytes.slice() }
      // Nobody waits for it; a journal that stopped tells those who do.
      journal.note({ kind: 'refused', refusal: kept }).catch(() => {})
    },
    async setAside(refusal) {
      await journal.note({ kind: 'refused', refusal })
      countRefused(refusal)
    },
  }
  return intake
}

/** Changed in place: it is touched with every message. */
type Mutable<Of> = { -readonly [Name in keyof Of]: Of[Name] }

const scratch = Buffer.allocUnsafeSlow(256 * 1024)

/** Safety S13: what a device with a key sends is signed by it, under a counter for which the key is good. */
function requireTrusted(arrival: Arrival, device: Device | undefined): void {
  if (device === undefined)
    throw new TanlianError('E_DEVICE_UNKNOWN', `No device ${arrival.device} is in the plant file.`, {
      values: { device: arrival.device },
    })
  if (arrival.bytes.length > MESSAGE_LIMIT)
    throw new TanlianError(
      'E_DEVICE_SIZE',
      `The message has ${arrival.bytes.length} bytes, at most ${MESSAGE_LIMIT} are taken.`,
      {
        values: { bytes: arrival.bytes.length, limit: MESSAGE_LIMIT },
      },
    )
  const { keys } = device
  if (keys === undefined) return
  const { counter, signature, signed } = arrival
  if (counter === undefined || signature === undefined || signed === undefined)
    throw new TanlianError(
      'E_DEVICE_SIGNATURE',
      `Device ${device.id} signs its messages, and this one is not signed.`,
      {
        values: { device: device.id },
      },
    )
  const key = keyFor(keys, counter)
  if (key === undefined)
    throw new TanlianError('E_DEVICE_REVOKED', `No key of device ${device.id} is good for counter ${counter}.`, {
      values: { device: device.id, counter },
    })
  const unsigned = { ...frameOf(arrival, () => signed.salt), signature: undefined }
  if (!checkEd25519(encodeFrame(unsigned), signature, key.publicKey))
    throw new TanlianError(
      'E_DEVICE_SIGNATURE',
      `The signature of message ${counter} is not by the key of device ${device.id}.`,
      {
        values: { device: device.id, counter },
      },
    )
}

/** The frame block's fields; a device that signs has chosen salt and time itself. */
function frameOf(arrival: Arrival, salt: () => Uint8Array): FrameFields {
  const { bytes, device, protocol, receivedMs, signed, counter, signature } = arrival
  return {
    bytes,
    device,
    protocol,
    received: signed?.received ?? Math.floor(receivedMs / 1000),
    salt: signed?.salt ?? salt(),
    counter,
    signature,
  }
}
