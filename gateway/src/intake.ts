import { strict as assert } from 'node:assert'
import { hash } from 'node:crypto'
import { checkEd25519, equalBytes } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Arrival, Intake, Kept, Refusal } from './arrival.ts'
import type { Device } from './device.ts'
import { keyFor } from './device-key.ts'
import { encodeFrame } from './frame.ts'
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
  const counts = new Map<string | undefined, Counts>()
  const refused = new Map<string | undefined, { sinceMs: number; bytes: number }>()

  const count = (device: string | undefined, change: (before: Counts) => Partial<Counts>) => {
    const before = counts.get(device) ?? NOTHING
    counts.set(device, { ...before, ...change(before) })
  }

  const keep = async (arrival: Arrival): Promise<Kept> => {
    const { device, rank } = arrival
    assert(Number.isSafeInteger(rank) && rank >= 0, 'a rank is a whole number')
    const block = encodeFrame(frameOf(arrival, salt))
    const name = digestOf(`${device}\n${arrival.name}`)
    const content = digestOf(arrival.content ?? arrival.bytes)
    const message = { kind: 'frame', receivedMs: arrival.receivedMs, rank, name, content, block } as const
    let earlier: readonly Recent[] = []
    const highest = journal.highest(device)
    // Above all ranks before it, nothing can have its name.
    if (highest !== undefined && rank <= highest) {
      let generation: number
      do {
        generation = journal.generation
        earlier = await journal.older(device, rank, name)
      } while (journal.generation !== generation)
      // From here to the journal nothing is waited for: of two messages of one name at once, the second sees the first.
      earlier = [...earlier, ...journal.recent(name)]
    }
    const same = earlier.find((one) => equalBytes(one.content, content))
    if (same !== undefined) return { state: same.conflict ? 'conflict' : 'repeated', position: await same.position }
    const [first] = earlier
    if (first === undefined) return { state: 'kept', position: await journal.keep(device, message) }
    if (earlier.length > MOST_CONFLICTS) return { state: 'conflict', position: await first.position }
    return { state: 'conflict', position: await journal.keep(device, { ...message, kind: 'conflict' }) }
  }

  const intake: OpenIntake = {
    counts,
    async keep(arrival) {
      const { device, protocol, bytes, receivedMs } = arrival
      try {
        requireTrusted(arrival, devices.get(device))
        const kept = await keep(arrival)
        count(device, (before) =>
          kept.state === 'kept'
            ? { kept: before.kept + 1 }
            : kept.state === 'repeated'
              ? { repeated: before.repeated + 1 }
              : { conflicts: before.conflicts + 1 },
        )
        return kept
      } catch (error) {
        if (error instanceof TanlianError && error.code.startsWith('E_DEVICE_'))
          intake.refuse({ device, protocol, bytes, receivedMs, code: error.code })
        throw error
      }
    },
    refuse(refusal) {
      const { device, bytes, code } = refusal
      const now = clock.now()
      count(device, (before) => ({ refused: before.refused + 1, problem: code, problemMs: now }))
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
  }
  return intake
}

const NOTHING: Counts = {
  kept: 0,
  repeated: 0,
  conflicts: 0,
  refused: 0,
  problem: undefined,
  problemMs: undefined,
}

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
  const unsigned = { ...frameOf(arrival, () => signed.salt) }
  delete unsigned.signature
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
function frameOf(arrival: Arrival, salt: () => Uint8Array) {
  const { bytes, device, protocol, receivedMs, signed, counter, signature } = arrival
  return {
    bytes,
    device,
    protocol,
    received: signed?.received ?? Math.floor(receivedMs / 1000),
    salt: signed?.salt ?? salt(),
    ...(counter === undefined ? {} : { counter }),
    ...(signature === undefined ? {} : { signature }),
  }
}

/** 16 bytes of SHA-256: no device can find a second message of one digest. */
function digestOf(what: string | Uint8Array): Uint8Array {
  return hash('sha256', what, 'buffer').subarray(0, 16)
}
