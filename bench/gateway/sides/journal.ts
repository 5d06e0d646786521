import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machineDisk } from '../../../gateway/src/disk.ts'
import { openIntake } from '../../../gateway/src/intake.ts'
import { openJournal } from '../../../gateway/src/journal.ts'
import { arrivalOf, clock, DEVICE, random } from './message.ts'

/*
 * Messages through the intake into the journal, many at a time, each with the promise of its acknowledgement: prints messages a second,
 * and the process's resident bytes at the end.
 */
const count = Number(process.argv[2])
const atOnce = Number(process.argv[3])
const folder = mkdtempSync(join(tmpdir(), 'tanlian-journal-'))
const journal = await openJournal({ disk: machineDisk, directory: join(folder, 'journal'), budgetBytes: 1e12 })
const intake = openIntake(journal, new Map([[DEVICE.id, DEVICE]]), clock, () => random(16))
let next = 0
const one = async () => {
  while (next < count) await intake.keep(arrivalOf(next++))
}
const began = performance.now()
await Promise.all(Array.from({ length: atOnce }, one))
console.log(Math.round((count * 1000) / (performance.now() - began)))
console.log(process.memoryUsage.rss())
await journal.close()
rmSync(folder, { recursive: true })
