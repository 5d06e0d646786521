import { encodeBlock } from '@tanlian/evidence'
import { parseRatio } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import type { DocumentContent } from '../document/content.ts'
import type { ReportInput } from '../document/report.ts'
import { assembleFacts, type CheckSources } from './assemble.ts'

const HOUR = 3600
/** Local midnights in Shanghai. */
const [JANUARY, FEBRUARY, MARCH] = ['2025-01-01', '2025-02-01', '2025-03-01'].map(
  (day) => Date.parse(`${day}T00:00:00+08:00`) / 1000,
) as [number, number, number]

const cidOf = (name: string): CID => encodeBlock({ name }).cid
const logged = (name: string, organization: number, document: DocumentContent) => ({
  cid: cidOf(name).toString(),
  organization,
  document,
})
const DOCUMENTS = [
  logged('sample', 7, {
    kind: 'sample',
    content: {
      format: 'tanlian/sample/1',
      label: 's1',
      material: 'coal',
      stream: null,
      period: [FEBRUARY, MARCH],
      taken: MARCH - 50 * HOUR,
      sealed: MARCH - 49 * HOUR,
      seal: 'x',
    },
  }),
  logged('handover', 7, {
    kind: 'handover',
    content: { format: 'tanlian/handover/1', sample: cidOf('sample'), laboratory: 9, at: MARCH - 40 * HOUR },
  }),
  logged('receipt', 9, {
    kind: 'receipt',
    content: {
      format: 'tanlian/sample-receipt/1',
      handover: cidOf('handover'),
      at: MARCH - 30 * HOUR,
      intact: true,
    },
  }),
  logged('analysis', 9, {
    kind: 'analysis',
    content: {
      format: 'tanlian/analysis/1',
      receipt: cidOf('receipt'),
      number: 'A-17',
      analysed: MARCH - HOUR,
      results: [{ name: 'coalNcv', value: '21.350', unit: 'GJ[LHV]/t[coal, as received]', method: 'GB/T 213' }],
      report: null,
    },
  }),
  logged('voucher', 7, {
    kind: 'voucher',
    content: {
      format: 'tanlian/voucher/1',
      title: 'stock survey',
      period: [JANUARY, FEBRUARY],
      file: { digest: new Uint8Array(32), bytes: 1, media: 'application/pdf' },
    },
  }),
]

const input = (
  name: string,
  group: string | null,
  row: number,
  value: string,
  origin: ReportInput['origin'],
): ReportInput => ({ name, group, row, value, origin })

const SOURCES: CheckSources = {
  report: {
    period: [JANUARY, MARCH],
    zone: 'Asia/Shanghai',
    inputs: [
      input('coalNcv', 'coals', 0, '21.350', { kind: 'analysis', document: cidOf('analysis'), result: 'coalNcv' }),
      input('coalUsed', 'coals', 1, '1.000', {
        kind: 'total',
        type: new Uint8Array([1, 1, 1]),
        streams: null,
        from: JANUARY,
        to: FEBRUARY,
        quantity: '1000000',
        seconds: 60,
      }),
      input('unit', 'coals', 1, 'unit 2', { kind: 'choice' }),
      input('coalClosing', 'months', 0, '5', { kind: 'voucher', document: cidOf('voucher') }),
      input('staff', null, 0, '3', { kind: 'manual', reason: 'counted' }),
    ],
    outputs: [
      ['line', '1', 't'],
      ['line', '2', 't'],
      ['total', '3', 't'],
    ],
  },
  outcome: undefined,
  documents: DOCUMENTS,
  series: [],
  previous: { outputs: [['total', '4', 't']] },
  peers: [{ outputs: [['total', '5', 't']] }, { outputs: [['total', '6', 't']] }],
  corrected: [{ outputs: [['total', '9', 't']] }],
  total: 'total',
}

test('a row stands in the month of its own evidence, and is told apart by what was chosen in it', () => {
  const { months, figures } = assembleFacts(SOURCES)
  expect(months).toEqual(['2025-01', '2025-02'])
  expect(figures.map(({ name, month, part, text, origin }) => [name, month, part, text, origin])).toEqual([
    ['coalNcv', '2025-02', '', '21.350', 'analysis'],
    ['coalUsed', '2025-01', 'unit 2', '1.000', 'total'],
    ['coalClosing', '2025-01', '', '5', 'voucher'],
    ['staff', undefined, '', '3', 'manual'],
    ['total', undefined, '', '3', undefined],
  ])
})

test('an analysis comes with the whole way of its sample, and not at all without it', () => {
  const [analysis, ...others] = assembleFacts(SOURCES).analyses
  expect(others).toEqual([])
  expect(analysis).toMatchObject({
    laboratory: 9,
    number: 'A-17',
    month: '2025-02',
    taken: MARCH - 50 * HOUR,
    received: MARCH - 30 * HOUR,
  })
  expect(analysis?.results.get('coalNcv')?.value).toEqual(parseRatio('21.35'))
  const without = DOCUMENTS.filter(({ document }) => document.kind !== 'receipt')
  expect(assembleFacts({ ...SOURCES, documents: without }).analyses).toEqual([])
})

test('last year, peers and corrections are read off the outputs that a report has once', () => {
  const { previous, peers, corrections } = assembleFacts(SOURCES)
  expect(previous).toEqual(new Map([['total', parseRatio('4')]]))
  expect(peers.get('total')).toEqual([parseRatio('5'), parseRatio('6')])
  expect(corrections).toEqual([{ reference: '1', change: parseRatio('-6') }])
})
