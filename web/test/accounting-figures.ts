import { calculate, dryRun, monteCarlo, traceOf } from '@tanlian/accounting'
import { LIBRARY, loadProgram } from '@tanlian/accounting/library'

/** Every worked example of the library: whether it shows what it says, and the CIDs of its traces; and one seeded drawing. The same code in Node and in the browser. */
export async function figures(): Promise<readonly string[]> {
  const lines: string[] = []
  for (const { cid, id, kind } of LIBRARY)
    if (kind === 'methodology') {
      const program = await loadProgram(cid)
      const tops = program.methodology.examples.map(
        ({ data }) =>
          traceOf(calculate(program, data), (input, row) => ({ kind: 'manual', reference: `${input} ${row}` })).top.cid,
      )
      lines.push(`${id} ${dryRun(program).ok} ${tops.join(' ')}`)
    }
  const program = await loadProgram('cn.power')
  const [example] = program.methodology.examples
  if (example !== undefined) {
    const { low, mean, high } = monteCarlo(program, example.data, 'total', { seed: '2026', draws: 300 })
    lines.push([low, mean, high].map(({ numerator, denominator }) => `${numerator}/${denominator}`).join(' '))
  }
  return lines
}
