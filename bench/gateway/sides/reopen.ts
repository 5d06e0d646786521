import { machineDisk } from '../../../gateway/src/disk.ts'
import { openIntake } from '../../../gateway/src/intake.ts'
import { openJournal } from '../../../gateway/src/journal.ts'
import { arrivalOf, clock, DEVICE, random } from './message.ts'

/* Opens a journal and takes one message: prints when it was acknowledged, the position after it, and the resident bytes. */
const journal = await openJournal({ disk: machineDisk, directory: process.argv[2] ?? '', budgetBytes: 1e12 })
const intake = openIntake(journal, new Map([[DEVICE.id, DEVICE]]), clock, () => random(16))
await intake.keep(arrivalOf(1e9))
console.log(performance.timeOrigin + performance.now())
console.log(journal.state.next)
console.log(process.memoryUsage.rss())
await journal.close()
