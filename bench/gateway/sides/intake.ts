import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Device, Point } from '../../../gateway/src/device.ts'
import { machineDisk } from '../../../gateway/src/disk.ts'
import { type OpenIntake, openIntake } from '../../../gateway/src/intake.ts'
import { openJournal } from '../../../gateway/src/journal.ts'
import { clock, random } from './message.ts'

/** The real door: journal, hash chain, groups and syncs on this machine's disk. */
export async function openBenchIntake(
  devices: readonly Device[],
): Promise<{ readonly intake: OpenIntake; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'tanlian-bench-'))
  const journal = await openJournal({ disk: machineDisk, directory: join(folder, 'journal'), budgetBytes: 1e12 })
  const byId = new Map(devices.map((device) => [device.id, device]))
  return {
    intake: openIntake(journal, byId, clock, () => random(16)),
    async close() {
      await journal.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A gauge read from wherever a protocol finds it. */
export function pointOf(name: string, stream: number, source: Point['source']): Point {
  return {
    ...{ name, stream, source, type: 0x0b0900, unit: 'mg/m³', value: 'mean', scale: '1', offset: '0' },
    ...{ rounding: 'half-even', interval: 60, stamp: 'end', limits: {}, definition: 'bench' },
  }
}
