// One evaluation of the power methodology with twelve months: microseconds without and with its trace, the best of many short batches.
import { calculate, traceOf } from '@tanlian/accounting'
import { loadProgram } from '@tanlian/accounting/library'

const program = await loadProgram('cn.power')
const coals = Array.from({ length: 12 }, (_, month) => ({
  coalUsed: `${250_000 + month}.12`,
  coalNcv: '21.350',
  coalCarbon: `0.55${60 + month}`,
}))
const data = { values: { electricityMade: '3000000' }, groups: { coals } }
const originOf = () => ({ kind: 'total', reference: 'made up for a bench' }) as const
console.log(best(200, 100, () => calculate(program, data)))
console.log(best(100, 10, () => traceOf(calculate(program, data), originOf)))

function best(batches: number, size: number, work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < batches; batch++) {
    const began = performance.now()
    for (let turn = 0; turn < size; turn++) work()
    least = Math.min(least, (performance.now() - began) / size)
  }
  return least * 1000
}
