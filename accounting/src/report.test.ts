import { encodeBlock, equalBytes } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { cidOfText } from '../test/documents.ts'
import type { ReportOrigin } from './document/report.ts'
import { loadProgram } from './library.ts'
import { recompute } from './recompute.ts'
import { type DraftInput, draftReport, type ReportHead } from './report.ts'

const DAY = 86_400
const POWER = await loadProgram('cn.power')
const CEMS = await loadProgram('cems.co2')
const head: ReportHead = {
  type: 'month',
  subject: 'unit 1',
  period: [0, 31 * DAY],
  zone: 'Asia/Shanghai',
  size: 12,
  answers: [],
  corrects: null,
  reason: null,
}
const total = (type: string, quantity: string, more: object = {}): ReportOrigin => ({
  kind: 'total',
  type: Uint8Array.from(type.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
  streams: null,
  from: 0,
  to: 31 * DAY,
  quantity,
  seconds: 31 * DAY,
  ...more,
})
const analysis: ReportOrigin = { kind: 'analysis', document: cidOfText('analysis'), result: 'carbon' }
const coal = (quantity: string): readonly DraftInput[] => [
  { name: 'electricityMade', group: null, row: 0, origin: total('0204', '600000000000') },
  { name: 'coalUsed', group: 'coals', row: 0, origin: total('010101', quantity) },
  { name: 'coalNcv', group: 'coals', row: 0, value: '21.350', origin: { kind: 'manual', reason: 'the scale broke' } },
  { name: 'coalCarbon', group: 'coals', row: 0, value: '0.5560', origin: analysis },
]
const A1 = '250000000000'

test('a proven total in grams becomes tonnes as received; A1 to the last digit', () => {
  const { content } = draftReport(POWER, head, coal(A1))
  expect(content.inputs.map(({ name, value }) => [name, value])).toEqual([
    ['electricityMade', '600000'],
    ['coalCarbon', '0.5560'],
    ['coalNcv', '21.350'],
    ['coalUsed', '250000'],
  ])
  expect(content.outputs).toContainEqual(['total', '504570.00', 'tCO2'])
})

test('S14 the same totals, factors and words give the same bytes, whatever order they come in', () => {
  const bytes = encodeBlock(draftReport(POWER, head, coal(A1)).content).bytes
  expect(equalBytes(encodeBlock(draftReport(POWER, head, [...coal(A1)].reverse()).content).bytes, bytes)).toBe(true)
})

test('S15 a total is of unrounded lines; what rounding leaves over stands after it', () => {
  // Each line is 3 kg, shown as 0.00 t; together they are shown as 0.01 t.
  const inputs: readonly DraftInput[] = [
    ...coal('1486'),
    { name: 'gasUsed', group: 'gases', row: 0, value: '0.0001386', origin: { kind: 'manual', reason: 'read off' } },
  ]
  const { content } = draftReport(POWER, head, inputs)
  const shown = new Map(content.outputs.map(([name, value]) => [name, Number(value)]))
  const [lines, whole] = [(shown.get('coal') ?? 0) + (shown.get('gas') ?? 0), shown.get('total') ?? 0]
  expect(content.outputs.map(([name]) => name)).toContain('total.remainder')
  expect(lines + (shown.get('total.remainder') ?? 0)).toBeCloseTo(whole, 9)
  expect(lines).not.toBeCloseTo(whole, 9)
})

test.each([
  ['E_REPORT_TYPE', { name: 'coalUsed', group: 'coals', row: 0, origin: total('0301', '5') }],
  ['E_REPORT_TYPE', { name: 'coalNcv', group: 'coals', row: 0, origin: total('010101', '5') }],
  ['E_REPORT_WINDOW', { name: 'coalUsed', group: 'coals', row: 0, origin: total('010101', '5', { to: 32 * DAY }) }],
  ['E_REPORT_ORIGIN', { name: 'coalUsed', group: 'coals', row: 0, value: '5', origin: { kind: 'choice' } }],
  ['E_REPORT_ROWS', { name: 'coalUsed', group: 'coals', row: 2, origin: total('010101', '5') }],
  ['E_INPUT_UNKNOWN', { name: 'coalUsed', group: null, row: 0, origin: total('010101', '5') }],
  ['E_INPUT_MISSING', { name: 'coalNcv', group: 'coals', row: 1, origin: analysis }],
] as const)('%s: what does not fit is refused', (code, told) => {
  const rest = coal(A1).filter(({ name, row }) => name !== told.name || row !== told.row)
  expect(() => draftReport(POWER, head, [...rest, told])).toThrow(expect.objectContaining({ code }))
})

test('a gauge gives its mean, as a fraction where the digits do not end', () => {
  const manual = { kind: 'manual', reason: 'an example' } as const
  const values = { velocity: '15.2', duct: '50', temperature: '325', atmosphere: '101325', staticPressure: '-150' }
  const inputs: DraftInput[] = Object.entries({ ...values, moisture: '0.12', length: '1' }).map(([name, value]) => ({
    name,
    group: 'hours',
    row: 0,
    value,
    origin: manual,
  }))
  const mean = (quantity: string, seconds: number) =>
    draftReport(CEMS, head, [
      ...inputs,
      { name: 'co2Dry', group: 'hours', row: 0, origin: total('0b04', quantity, { seconds }) },
    ]).content.inputs.find(({ name }) => name === 'co2Dry')?.value
  expect(mean('450000000000', 3600)).toBe('12.5')
  expect(mean('100000000', 3)).toBe('10/3')
  expect(() => mean('0', 0)).toThrow(expect.objectContaining({ code: 'E_REPORT_EMPTY' }))
})

test('a report that is done again is the same, and every change of it is named', () => {
  const { content } = draftReport(POWER, head, coal(A1))
  const result = { name: 'carbon', value: '0.556', unit: 'tC/t[coal, as received]', method: 'GB/T 476' }
  const codes = (report: typeof content, proven = A1, carbon = result) =>
    recompute(report, POWER, {
      totalOf: ({ quantity, seconds }) => ({ quantity: BigInt(quantity === A1 ? proven : quantity), seconds }),
      resultOf: () => carbon,
    }).differences.map(({ code, name }) => `${code} ${name}`)
  expect(codes(content)).toEqual([])
  expect(codes(content, '250000000001')).toEqual(['E_REPORT_TOTAL coalUsed'])
  expect(codes(content, A1, { ...result, value: '0.5561' })).toEqual(['E_REPORT_VALUE coalCarbon'])
  expect(codes(content, A1, { ...result, value: '55.6', unit: '%' })).toEqual([])
  const outputs = content.outputs.map((item) =>
    item[0] === 'total' ? ([item[0], '504570.01', item[2]] as const) : item,
  )
  expect(codes({ ...content, outputs })).toEqual(['E_REPORT_OUTPUT total'])
  expect(codes({ ...content, outputs: content.outputs.slice(1) })).toContain('E_REPORT_OUTPUT coal')
  expect(codes({ ...content, trace: cidOfText('another') })).toEqual(['E_REPORT_TRACE trace'])
  expect(codes({ ...content, factors: [cidOfText('a set')] })).toEqual(['E_REPORT_METHODOLOGY factors'])
  const inputs = content.inputs.map((input) => (input.name === 'coalUsed' ? { ...input, value: '249999' } : input))
  expect(codes({ ...content, inputs })).toEqual(
    expect.arrayContaining(['E_REPORT_VALUE coalUsed', 'E_REPORT_OUTPUT total', 'E_REPORT_TRACE trace']),
  )
})
