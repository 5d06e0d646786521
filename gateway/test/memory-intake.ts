import { equalBytes } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Arrival, Intake, Refusal } from '../src/arrival.ts'
import type { Clock } from '../src/protocols/protocol.ts'

/** A door without a disk behind it, for tests of protocols: the rule on names (safety S2), and what came through. */
export interface MemoryIntake extends Intake {
  readonly kept: Arrival[]
  readonly conflicts: Arrival[]
  readonly refused: Refusal[]
  /** While it is set, everything waits for it: the disk is slow. */
  gate: Promise<void> | undefined
  /** While it is set, nothing more is taken. */
  full: boolean
}

export function memoryIntake(): MemoryIntake {
  const named = new Map<string, Uint8Array>()
  const intake: MemoryIntake = {
    kept: [],
    conflicts: [],
    refused: [],
    gate: undefined,
    full: false,
    async keep(arrival) {
      await intake.gate
      if (intake.full) throw new TanlianError('E_JOURNAL_FULL', 'The journal is full.')
      const name = `${arrival.device}\n${arrival.name}`
      const content = Uint8Array.from(arrival.content ?? arrival.bytes)
      const first = named.get(name)
      if (first !== undefined && equalBytes(first, content)) return { state: 'repeated', position: 0 }
      const copy = { ...arrival, samples: arrival.samples, bytes: Uint8Array.from(arrival.bytes) }
      if (first !== undefined) {
        intake.conflicts.push(copy)
        return { state: 'conflict', position: 0 }
      }
      named.set(name, content)
      return { state: 'kept', position: intake.kept.push(copy) - 1 }
    },
    refuse(refusal) {
      intake.refused.push({ ...refusal, bytes: Uint8Array.from(refusal.bytes) })
    },
  }
  return intake
}

/** A clock that stands still, with timers of the machine that run so many times as fast. */
export function testClock(iso: string, haste = 1): Clock {
  return {
    now: () => Date.parse(iso),
    after(ms, call) {
      const timer = setTimeout(call, ms / haste)
      return () => clearTimeout(timer)
    },
  }
}

/** Waits until something is so; a test that waits too long fails by its own limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}
