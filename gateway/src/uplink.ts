import {
  batchCar,
  type Draft,
  type Frame,
  type Interval,
  type LogDomain,
  numberBatch,
  type StreamItem,
  toHex,
} from '@tanlian/evidence'
import { type Gate, type Outbox, openSubmitter, type Receipt, type Submitter } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Device } from './device.ts'
import type { Drafts } from './drafts.ts'
import type { ClosedEntry } from './entry.ts'
import type { Journal } from './journal.ts'
import type { Clock } from './protocols/protocol.ts'
import { screen } from './screen.ts'

/** A platform as the uplink sees it once it is reached. */
export interface Reached {
  readonly gate: Gate
  readonly log: LogDomain
  readonly outbox: Outbox & {
    receipts(prefix: string): Promise<readonly { readonly note: string; readonly receipt: Receipt }[]>
  }
  /** The organization's key for batches. */
  readonly key: Uint8Array
  /** What the batches that the platform has declare of changes of devices' keys. */
  keyChanges(): Promise<readonly StreamItem[]>
  /** Seals a draft for those who may read it; where it is left out all is open. */
  readonly seal?: (draft: Draft) => Promise<Draft>
}

/** Where the uplink stands, for the page. */
export interface UplinkState {
  /** Closed windows that have no receipt yet. */
  readonly waiting: number
  /** Batches since the start. */
  readonly sent: number
  readonly lastSequence: number | undefined
  readonly lastMs: number | undefined
  /** Code and message of what went wrong at the last try; undefined after a good one. */
  readonly problem: { readonly code: string; readonly message: string } | undefined
  readonly nextTryMs: number | undefined
  /** Messages since the start that went into no batch, since another machine had ended their device's key. */
  readonly leftOut: number
}

/** Sends closed windows, one after another (上行). */
export interface Uplink {
  readonly state: UplinkState
  /** A window was closed: go on now. */
  wake(): void
  /** Resolves when it rests; it does not begin again. */
  stop(): Promise<void>
}

export interface UplinkOptions {
  readonly journal: Journal
  readonly drafts: Drafts
  readonly organization: number
  readonly devices: readonly Device[]
  /** Reaches the platform; called again after each failure until it succeeds. */
  readonly reach: () => Promise<Reached>
  readonly clock: Clock
  /** 32 fresh random bytes each time: a chunk's seed. */
  readonly seed: () => Uint8Array
  /** Keeps a message that goes into no batch as a refused one. */
  readonly setAside: (frame: Frame) => Promise<void>
  /** A number of 0 … 1, so that the gateways of a region do not all come back at once. */
  readonly chance: () => number
}

/** First and longest wait between tries. */
const FIRST_MS = 1000
const LONGEST_MS = 5 * 60_000

/**
 * Number, `previous` and signature are put on a draft here, by compare-and-swap on the head of the organization's sequence (safety S3,
 * R27), and the signed bytes are kept before they are sent (R28); both is the SDK's submitter's work. What fails is tried again for ever.
 */
export function startUplink(options: UplinkOptions): Uplink {
  const { journal, drafts, organization, clock, chance, seed } = options
  let open: { readonly reached: Reached; readonly submitter: Submitter } | undefined
  /** Sequences by note, of receipts that the journal may not know yet. */
  const receipts = new Map<string, number>()
  let sent = 0
  let leftOut = 0
  /** Window whose left out messages are kept. */
  let setAsideOf: string | undefined
  let lastMs: number | undefined
  let problem: UplinkState['problem']
  let nextTryMs: number | undefined
  let failures = 0
  let stopping = false
  let running: Promise<void> | undefined
  let endWait = () => {}

  const waiting = () => journal.closed.filter(({ window }) => window > (journal.sent?.window ?? 0))

  const settle = async ({ window, through }: ClosedEntry, sequence: number | null) => {
    await journal.note({ kind: 'sent', window, through, sequence })
    if (sequence !== null) {
      sent++
      lastMs = clock.now()
    }
    // The last window stays, for the state that the fold begins from.
    await drafts.forget(Math.min(window, (journal.closed.at(-1)?.window ?? 0) - 1))
  }
  const reach = async () => {
    const reached = await options.reach()
    const { gate, log, outbox, key } = reached
    const submitter = openSubmitter({ gate, outbox, log, organization, kind: 1, key })
    await submitter.resume()
    // What an earlier process has a receipt for, it may have been killed before it wrote so into the journal.
    for (const { note, receipt } of await outbox.receipts(NOTE)) receipts.set(note, receipt.sequence)
    open = { reached, submitter }
    return open
  }
  /** The window without what must not be in a batch after the present head, and that head; undefined where it is all one. */
  const screened = async (draft: Draft, { gate, keyChanges }: Reached, note: string) => {
    if (!options.devices.some(({ keys }) => keys !== undefined)) return { draft, after: undefined }
    const { sequence: after } = await gate.head(organization, 1)
    // Read after the head, so no change up to it is missing.
    const { draft: smaller, leftOut: frames } = screen(draft, {
      organization,
      after,
      declared: await keyChanges(),
      seed,
    })
    if (frames.length > 0 && setAsideOf !== note) {
      for (const frame of frames) await options.setAside(frame)
      leftOut += frames.length
      setAsideOf = note
    }
    return { draft: smaller, after }
  }
  /** The sequence of a window's batch, sent now or before; null where nothing of it may be sent. */
  const send = async (whole: Draft, restates: readonly Interval[], note: string): Promise<number | null> => {
    const { reached, submitter } = open ?? (await reach())
    for (const { receipt, note } of await submitter.resume()) receipts.set(note, receipt.sequence)
    const before = receipts.get(note)
    if (before !== undefined) return before
    const { draft: plain, after } = await screened(whole, reached, note)
    if (plain === undefined) return null
    const draft = reached.seal === undefined ? plain : await reached.seal(plain)
    const receipt = await submitter.submit((sequence, previous) => {
      if (after !== undefined && sequence > after + 1) throw moved(sequence)
      const { header, entry } = numberBatch(draft, { organization, sequence, previous, restates })
      return { entry, car: batchCar(header, draft.blocks) }
    }, note)
    receipts.set(note, receipt.sequence)
    return receipt.sequence
  }
  /** Sends the oldest window. @returns false where none waits */
  const turn = async (): Promise<boolean> => {
    const entry = waiting()[0]
    if (entry === undefined) return false
    const note = `${NOTE}${entry.window}/${toHex(entry.digest).slice(0, 16)}`
    const { draft, restates } = await drafts.load(entry)
    await settle(entry, draft === undefined ? null : await send(draft, restates, note))
    receipts.delete(note)
    return true
  }
  const run = async () => {
    while (!stopping) {
      try {
        if (!(await turn())) return
        failures = 0
        problem = undefined
      } catch (error) {
        problem = { code: codeOf(error), message: error instanceof Error ? error.message : String(error) }
        const ms = Math.round(Math.min(LONGEST_MS, FIRST_MS * 2 ** failures++) * (0.5 + chance() / 2))
        nextTryMs = clock.now() + ms
        await new Promise<void>((resolve) => {
          const cancel = clock.after(ms, resolve)
          endWait = () => {
            cancel()
            resolve()
          }
        })
        nextTryMs = undefined
      }
    }
  }
  const wake = () => {
    if (stopping || running !== undefined) return
    running = run().finally(() => {
      running = undefined
      // A window may have been closed while the last look was under way.
      if (waiting().length > 0) wake()
    })
  }
  wake()
  return {
    get state() {
      const lastSequence = journal.sent?.sequence ?? undefined
      return { waiting: waiting().length, sent, lastSequence, lastMs, problem, nextTryMs, leftOut }
    },
    wake,
    async stop() {
      stopping = true
      endWait()
      await running
    },
  }
}

/** Notes of this gateway's statements begin so; the window's number and digest follow. */
const NOTE = 'gateway/'

/** Another batch may have ended a key of these devices: the window is looked at anew, and nothing was signed. */
function moved(sequence: number): TanlianError {
  return new TanlianError('E_UPLINK_MOVED', `Batch ${sequence - 1} came in between. The window is looked at anew.`, {
    values: { sequence },
  })
}

function codeOf(error: unknown): string {
  return error instanceof TanlianError ? error.code : 'E_UPLINK'
}
