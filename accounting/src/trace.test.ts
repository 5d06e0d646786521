import { encodeBlock } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { METHODOLOGIES, run } from '../test/library.ts'
import { type TraceNode, traceOf } from './trace.ts'
import { TRACE_NODE_FORMAT } from './trace-node.ts'

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
  expect(traceOf(clinker('195000'), metered).top.cid).toEqual(trace.top.cid)
  const below = new Map<string, TraceNode>()
  const walk = (node: TraceNode) => {
    below.set(node.name, node)
    node.inputs.forEach(walk)
  }
  trace.outputs.get('total')?.forEach(walk)
  expect([...below.keys()].sort()).toEqual(
    ['carbon', 'clinker', 'clinkerFactor', 'clinkerType', 'co2PerCarbon', 'deducted', 'deduction', 'ncv', 'fuel']
      .concat(['fuelLine', 'fuelTotal', 'fuelUsed', 'oxidation', 'process', 'substitute', 'substituteUsed', 'total'])
      .sort(),
  )
  expect(below.get('fuelUsed')?.origin).toEqual({ kind: 'total', reference: 'fuelUsed 0' })
  expect(below.get('carbon')).toMatchObject({ rule: 'factor', keys: ['bituminous'], source: { confidence: 'V' } })
})

test('a node is canonical DAG-CBOR and names the nodes below it', () => {
  for (const node of traceOf(clinker('195000'), metered).nodes) {
    const { name, row, value, unit, rule, article, origin, source, set, keys, inputs } = node
    const block = encodeBlock({
      format: TRACE_NODE_FORMAT,
      methodology: METHODOLOGIES.get('cn.cement')?.cid,
      name,
      value,
      unit,
      rule,
      inputs: inputs.map(({ cid }) => cid),
      ...(row === undefined ? {} : { row }),
      ...(article === undefined ? {} : { article }),
      ...(origin === undefined ? {} : { origin: [origin.kind, origin.reference] }),
      ...(source === undefined ? {} : { source: [source.document, source.article ?? '', source.confidence] }),
      ...(set === undefined ? {} : { set, keys }),
    })
    expect(node.block).toEqual(block)
  }
})

test('one digit of one input, or another origin, is another top', () => {
  const top = (coal: string, originOf = metered) => String(traceOf(clinker(coal), originOf).top.cid)
  const tops = [
    top('195000'),
    top('195000.001'),
    top('195000', (input, row) => ({ ...metered(input, row), reference: 'by hand' })),
  ]
  expect(new Set(tops).size).toBe(3)
})
