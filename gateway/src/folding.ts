import type { Drafts } from './drafts.ts'
import type { Closed, Fold } from './fold.ts'
import { isFull, type Journal } from './journal.ts'
import type { Clock } from './protocols/protocol.ts'

/** The fold at work behind the journal. */
export interface Folding {
  /** The last position that was folded. */
  readonly at: number
  /** What stopped it, if anything did. */
  readonly problem: unknown
  /** Something became durable: go on. */
  wake(): void
  /** Closes the open window although it is not full, once all that is durable was folded. */
  closeNow(): Promise<void>
  /** Resolves when it rests; it does not begin again. */
  stop(): Promise<void>
}

/** Between tries to keep a window on a full disk. */
const FULL_MS = 5000

/**
 * Reads the journal behind its writer, and closes windows: first the draft with the state is on disk, then the journal names it, and only
 * then may it be sent. Killed anywhere between, the fold comes to the same readings again from the window before.
 * @param onClosed called when a window is named in the journal
 * @param onProblem called once with what ended the fold
 */
export function startFolding(
  journal: Journal,
  drafts: Drafts,
  fold: Fold,
  clock: Clock,
  onClosed: () => void,
  onProblem: (error: unknown) => void,
): Folding {
  const last = journal.closed.at(-1)
  const reader = journal.read((last?.through ?? 0) + 1)
  let at = last?.through ?? 0
  let window = last?.window ?? 0
  let problem: unknown
  let stopping = false
  let wanted = false
  let asked: (() => void)[] = []
  let running: Promise<void> | undefined

  const save = async (closed: Closed) => {
    const number = window + 1
    for (;;) {
      try {
        const digest = await drafts.save(number, closed)
        await journal.note({ kind: 'closed', window: number, through: closed.through, digest })
        break
      } catch (error) {
        if (stopping || !isFull(error)) throw error
        // What is sent meanwhile makes room; until then the window is all that is kept in memory.
        await new Promise<void>((resolve) => clock.after(FULL_MS, resolve))
      }
    }
    window = number
    onClosed()
  }
  const run = async () => {
    for (;;) {
      const placed = stopping ? undefined : await reader.next()
      if (placed === undefined) {
        if (asked.length > 0 && !stopping) {
          const waiting = asked
          asked = []
          if (!fold.isEmpty) await save(fold.close())
          for (const resolve of waiting) resolve()
          continue
        }
        return
      }
      for (const { position, entry } of placed) {
        if (fold.endsBefore(entry)) await save(fold.close())
        fold.take(position, entry)
        at = position
        if (fold.isFull()) await save(fold.close())
      }
    }
  }
  const wake = () => {
    wanted = true
    if (running !== undefined || problem !== undefined || stopping) return
    running = (async () => {
      while (wanted) {
        wanted = false
        await run()
      }
    })()
      .catch((error: unknown) => {
        problem = error
        onProblem(error)
      })
      .finally(() => {
        running = undefined
      })
  }
  wake()
  return {
    get at() {
      return at
    },
    get problem() {
      return problem
    },
    wake,
    closeNow: () =>
      new Promise((resolve) => {
        asked.push(resolve)
        wake()
      }),
    async stop() {
      stopping = true
      await running
      await reader.close()
    },
  }
}
