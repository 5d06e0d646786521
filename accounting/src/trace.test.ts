import { expect, test } from 'vitest'
import { run } from '../test/library.ts'
import { traceOf } from './trace.ts'

const clinker = (coal: string) =>
  run('cn.cement', {
    values: { clinkerType: 'portland', clinker: '1500000' },
    groups: {
      fuels: [{ fuel: 'bituminous', fuelUsed: coal }],
      substitutes: [{ substitute: 'carbideSlag', substituteUsed: '60000' }],
    },
  })
const metered = (input: string, row: number) => ({ kind: 'total' as const, reference: `${input} ${row}` })

test('S14 a total leads down to inputs with their origins and factors with their sources, the same anywhere', () => {
  const trace = traceOf(clinker('195000'), metered)
  expect(traceOf(clinker('195000'), metered).outputs).toEqual(trace.outputs)
  const below = new Set<string>()
  const walk = (cid: string) => {
    const node = trace.nodes.get(cid)
    if (node === undefined) throw new Error(`no node ${cid}`)
    below.add(node.name)
    for (const input of node.inputs) walk(input.toString())
  }
  for (const cid of trace.outputs.get('total') ?? []) walk(cid.toString())
  expect([...below].sort()).toEqual(
    ['carbon', 'clinker', 'clinkerFactor', 'clinkerType', 'co2PerCarbon', 'deducted', 'deduction', 'defaultNcv', 'fuel']
      .concat(['fuelLine', 'fuelTotal', 'fuelUsed', 'oxidation', 'process', 'substitute', 'substituteUsed', 'total'])
      .sort(),
  )
})

test('one digit of one input, or another origin, is another top', () => {
  const top = (coal: string, originOf = metered) => String(traceOf(clinker(coal), originOf).outputs.get('total'))
  const tops = [
    top('195000'),
    top('195000.001'),
    top('195000', (input, row) => ({ ...metered(input, row), reference: 'by hand' })),
  ]
  expect(new Set(tops).size).toBe(3)
})
