import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type FactorSet, reachOf, readFactors } from '../src/index.ts'
import { documentsOf, FACTOR_SETS, METHODOLOGIES } from './library.ts'

interface Rows {
  readonly id: string
  readonly rows: readonly { readonly keys?: readonly string[]; readonly value: string }[]
}

/** The decimal with one more in its last digit. */
function raised(value: string): string {
  const digits = (BigInt(value.replace('.', '')) + 1n).toString().padStart(value.replace('.', '').length, '0')
  const places = value.includes('.') ? value.length - value.indexOf('.') - 1 : 0
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** The newest set of each id, with its document. */
const newest = new Map(documentsOf('factors').map((document) => [(document as Rows).id, document as Rows]))
const sets = [...new Map(FACTOR_SETS.map((set) => [set.id, set])).values()]

test('the reach of one more in the last digit of each factor, on the worked examples', async () => {
  const lines: string[] = []
  for (const [id, document] of newest)
    for (const [place, row] of document.rows.entries()) {
      const value = raised(row.value)
      const rows = document.rows.map((one, at) => (at === place ? { ...one, value } : one))
      const edited: FactorSet = readFactors({ ...document, rows })
      const reached = reachOf([...METHODOLOGIES.values()], sets, edited)
      lines.push(`${id}[${row.keys?.join(', ') ?? ''}] ${row.value} → ${value}`)
      for (const { methodology, example, equation, row, before, after, change } of reached)
        lines.push(`  ${methodology} · ${example.en} · ${equation}[${row}]: ${before} → ${after} (${change})`)
    }
  expect(lines.filter((line) => line.startsWith('  ')).length).toBeGreaterThan(100)
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'reach.txt'))
})

test('an edit of a factor that no example reads reaches nothing', () => {
  const document = newest.get('cn.electricity') as Rows
  const rows = document.rows.map((row) => (row.keys?.[0] === 'Tianjin' ? { ...row, value: '9' } : row))
  expect(reachOf([...METHODOLOGIES.values()], sets, readFactors({ ...document, rows }))).toEqual([])
})
