import { writeFileSync } from 'node:fs'
import { draftReport, totalFilters } from '@tanlian/accounting'
import { encodeBlock } from '@tanlian/evidence'
import { proveTotals, reportPlant } from '../../../accounting/test/plant-report.ts'
import { PLANT_YEAR } from './plant.ts'

/*
 * Prints, a number a line: bytes of the package of a plant's annual report; milliseconds to draft the report from the kept trees (all totals, with
 * their proofs made and checked, the methodology, the trace); milliseconds to make the package. The package is written to the file that is named.
 */
const { archive, program, report, content, size, blocks, head, draft } = reportPlant(PLANT_YEAR)

const drafting = performance.now()
proveTotals(PLANT_YEAR, archive, totalFilters(content))
encodeBlock(draftReport(program, head, draft).content)
const drafted = performance.now()
const bytes = await archive.pack(report, size, blocks)
const packed = performance.now()

const [, , file] = process.argv
if (file !== undefined) writeFileSync(file, bytes)
console.log(bytes.length)
console.log(drafted - drafting)
console.log(packed - drafted)
