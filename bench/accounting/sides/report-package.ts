import { writeFileSync } from 'node:fs'
import { reportPlant } from '../../../accounting/test/plant-report.ts'
import { PLANT_YEAR } from './plant.ts'

/*
 * Prints the bytes of the package of a plant's annual report, and the milliseconds to make it from the kept trees. The package is written to the
 * file that is named.
 */
const { archive, report, size, blocks } = reportPlant(PLANT_YEAR)
const begun = performance.now()
const bytes = await archive.pack(report, size, blocks)
const packed = performance.now()

const [, , file] = process.argv
if (file !== undefined) writeFileSync(file, bytes)
console.log(bytes.length)
console.log(packed - begun)
