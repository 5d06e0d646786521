import { TanlianError } from '@tanlian/units'
import type { ProtocolName, Sample } from './arrival.ts'
import { createCorrected, readCorrection } from './correction.ts'
import type { Device } from './device.ts'
import type { Disk } from './disk.ts'
import { type Drafts, openDrafts } from './drafts.ts'
import { createFold, type Fold, type Seen, type WindowLimits } from './fold.ts'
import { type Folding, startFolding } from './folding.ts'
import { encodeFrame } from './frame.ts'
import { type OpenIntake, openIntake } from './intake.ts'
import { type Journal, type JournalState, openJournal } from './journal.ts'
import { findMessages } from './messages.ts'
import type { Clock } from './protocols/protocol.ts'
import type { Check } from './quality/check.ts'
import type { Derived } from './quality/derived.ts'
import { type Reached, startUplink, type Uplink, type UplinkState } from './uplink.ts'

/** A gateway without its sockets: what goes in by the intake comes out as batches. */
export interface Core {
  readonly intake: OpenIntake
  readonly fold: Fold
  readonly state: CoreState
  /** Closes the open window now, for a person who wants to see it sent. */
  closeWindow(): Promise<void>
  /** Puts a person's correction in the place of readings; it is sent in a batch of its own. @throws TanlianError E_CORRECTION */
  correct(value: unknown): Promise<number>
  /** Finds kept messages from a position on, also those that no batch holds. */
  messages(question: { readonly from: number; readonly device: string | undefined }): ReturnType<typeof findMessages>
  /** Reads what was sealed before the start once more, and reports damage. */
  check(): Promise<void>
  /** Takes nothing more, keeps what waits, closes. */
  stop(): Promise<void>
}

/** Journal, fold and uplink at a glance. */
export interface CoreState {
  readonly journal: JournalState
  /** Entries that are kept and not folded yet. */
  readonly lag: number
  /** Readings in the open window. */
  readonly open: number
  /** Messages of no device of the plant, or that do not read. */
  readonly aside: number
  /** Why no window is closed any more. */
  readonly problem: string | undefined
  readonly draftBytes: number
  readonly uplink: UplinkState
}

export interface CoreOptions {
  readonly disk: Disk
  /** Its own folder; journal and drafts are below it. */
  readonly directory: string
  readonly organization: number
  readonly devices: readonly Device[]
  readonly derived: readonly Derived[]
  readonly checks: readonly Check[]
  readonly zone: string
  readonly window: WindowLimits
  readonly budgetBytes: number
  readonly samples: (protocol: ProtocolName, bytes: Uint8Array, device: Device) => readonly Sample[]
  readonly clock: Clock
  /** Secure random bytes: salts of frames and seeds of chunks. */
  readonly random: (length: number) => Uint8Array
  /** A number of 0 … 1 for the uplink's waits. */
  readonly chance: () => number
  readonly reach: () => Promise<Reached>
  readonly onSeen?: (seen: Seen) => void
  /** The journal failed: the process must end (safety R25). */
  readonly onStopped?: (error: unknown) => void
  readonly segmentBytes?: number
  readonly tickMs?: number
}

/** How often the journal is told the time. */
const TICK_MS = 10_000
/** Between two parts of the check in the background, so that it takes no more than a share of the disk. */
const REST_MS = 20

/** Opens the journal, goes on where the last window ended, and sends. @throws TanlianError E_JOURNAL_DAMAGED, E_PLANT */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { disk, directory, devices, clock, random, onStopped = () => {} } = options
  const drafts = await openDrafts(disk, `${directory}/drafts`)
  let folding: Folding | undefined
  let uplink: Uplink | undefined
  const journal = await openJournal({
    disk,
    directory: `${directory}/journal`,
    budgetBytes: options.budgetBytes,
    besideBytes: () => drafts.bytes,
    onDurable: () => folding?.wake(),
    onStopped,
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
  })
  const fold = await openFold(options, journal, drafts)
  const byId = new Map(devices.map((device) => [device.id, device]))
  const intake = openIntake(journal, byId, clock, () => random(16))
  uplink = startUplink({
    journal,
    drafts,
    ...options,
    seed: () => random(32),
    setAside: ({ device, protocol, bytes, received }) =>
      intake.setAside({
        device,
        protocol: protocol as ProtocolName,
        bytes,
        receivedMs: received * 1000,
        code: 'E_DEVICE_REVOKED',
      }),
  })
  folding = startFolding(
    journal,
    drafts,
    fold,
    clock,
    () => uplink?.wake(),
    (error) => {
      // A disk that failed ends the process as it does under the journal; damage only ends the signing, and what arrives is still kept.
      if (!(error instanceof TanlianError)) onStopped(error)
    },
  )
  const endTicks = startTicks(journal, clock, options.tickMs ?? TICK_MS)
  let stopped = false

  return {
    intake,
    fold,
    get state() {
      const { problem } = folding
      return {
        journal: journal.state,
        lag: journal.state.next - 1 - folding.at,
        open: fold.readings,
        aside: fold.aside,
        problem: problem === undefined ? undefined : problem instanceof Error ? problem.message : String(problem),
        draftBytes: drafts.bytes,
        uplink: uplink.state,
      }
    },
    closeWindow: () => folding.closeNow(),
    async correct(value) {
      const correction = readCorrection(value)
      // Tried on a copy: the place of it in the journal decides, and the fold may be behind.
      const points = new Map(devices.flatMap((device) => device.points.map((point) => [point.stream, point] as const)))
      createCorrected(points, structuredClone(fold.corrected.state)).place(correction)
      const device = devices.find((one) => one.points.some(({ stream }) => stream === correction.stream))?.id ?? ''
      const receivedMs = Math.floor(clock.now())
      const bytes = new TextEncoder().encode(JSON.stringify(correction))
      const received = Math.floor(receivedMs / 1000)
      const block = encodeFrame({ bytes, device, protocol: 'correction', received, salt: random(16) })
      return journal.note({ kind: 'correction', receivedMs, block })
    },
    messages: (question) => findMessages(journal, question),
    check: () => journal.check(() => new Promise((resolve) => clock.after(REST_MS, resolve))),
    async stop() {
      if (stopped) return
      stopped = true
      endTicks()
      await folding.stop()
      await uplink.stop()
      await journal.close()
    },
  }
}

async function openFold(options: CoreOptions, journal: Journal, drafts: Drafts): Promise<Fold> {
  const { devices, derived, checks, samples, zone, window, random, onSeen } = options
  const last = journal.closed.at(-1)
  const from = last === undefined ? undefined : (await drafts.load(last)).state
  return createFold({
    devices,
    derived,
    checks,
    samples,
    zone,
    window,
    seed: () => random(32),
    ...(from === undefined ? {} : { from }),
    ...(onSeen === undefined ? {} : { onSeen }),
  })
}

/** Tells the journal the time, so that gaps and windows need no message to be seen. @returns how to end it */
function startTicks(journal: Journal, clock: Clock, everyMs: number): () => void {
  let cancel = () => {}
  const plan = () => {
    cancel = clock.after(everyMs, () => {
      // Without room or after a failure there is nothing to tell; the next tick says more than this one.
      journal.note({ kind: 'tick', ms: Math.floor(clock.now()) }).catch(() => {})
      plan()
    })
  }
  plan()
  return () => cancel()
}
