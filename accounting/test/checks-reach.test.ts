import { cidOf } from '@tanlian/evidence'
import { periodWindow } from '@tanlian/units'
import { expect, test } from 'vitest'
import { assembleFacts, calculate, dataOf, type ReportInput, runChecks } from '../src/index.ts'
import { loadChecks, loadMethodology, loadProgram } from '../src/library.ts'

const ZONE = 'Asia/Shanghai'

test('what the cross-checks of coal power compare can be given in a report of coal power', async () => {
  const { inputs, equations } = await loadMethodology('cn.power')
  const known = new Set([...inputs, ...equations].map(({ name }) => name))
  // An intensity by electricity alone is another methodology's.
  known.add('intensityElectricity')
  const { rules } = await loadChecks('checks.cn.power')
  expect(rules.flatMap(({ names }) => Object.values(names).flat()).filter((name) => !known.has(name))).toEqual([])
})

test('a month whose stack says more than its coal, and whose coal does not balance, is asked about', async () => {
  const program = await loadProgram('cn.power')
  const { from, to } = periodWindow('2025-03', ZONE)
  const voucher = cidOf(new Uint8Array([1]))
  const total = (type: number[], quantity: string) =>
    ({ kind: 'total', type: new Uint8Array(type), streams: null, from, to, quantity, seconds: 0 }) as const
  const read = { kind: 'voucher', document: voucher } as const
  const given = (group: string | null, name: string, value: string, origin: ReportInput['origin']): ReportInput => ({
    ...{ name, group, row: 0, value, origin },
  })
  const report = (cems: string, bought: string) => {
    const inputs = [
      given(null, 'electricityMade', '30000', total([2, 4], '0')),
      given('coals', 'coalUsed', '12000', total([1, 1, 1], '0')),
      given('coals', 'coalNcv', '21.350', read),
      given('coals', 'coalCarbon', '0.5560', read),
      given('records', 'electricityMonth', '30000', total([2, 4], '0')),
      given('records', 'cemsCo2', cems, total([4, 1], '0')),
      given('records', 'coalOpening', '5000', read),
      given('records', 'coalBought', bought, read),
      given('records', 'coalSold', '0', read),
      given('records', 'coalClosing', '5000', read),
    ]
    return { inputs, outputs: [], period: [from, to] as const, zone: ZONE }
  }
  const found = async (cems: string, bought: string) => {
    const made = report(cems, bought)
    const facts = assembleFacts({
      report: made,
      outcome: calculate(program, dataOf(made.inputs)),
      documents: [
        {
          cid: voucher.toString(),
          organization: 1,
          document: {
            kind: 'voucher',
            content: {
              format: 'tanlian/voucher/1',
              title: 'ledger',
              period: [from, to],
              file: { digest: new Uint8Array(32), bytes: 1, media: 'text/csv' },
            },
          },
        },
      ],
      series: [],
      previous: undefined,
      peers: [],
      corrected: [],
      total: 'total',
    })
    return runChecks((await loadChecks('checks.cn.power')).rules, facts).map(({ rule }) => rule)
  }
  // 12,000 t × 0.5560 × 0.99 × 44/12 is 24,219 t of CO2.
  expect(await found('24219', '12000')).toEqual([])
  expect(await found('30000', '12000')).toEqual(['cems'])
  expect(await found('24219', '13000')).toEqual(['coal-balance'])
})
