import { encodeBlock } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { DocumentKind } from '../src/index.ts'

/** A CID of something that the tests need no content of. */
export const cidOfText = (text: string): CID => encodeBlock({ text }).cid

const attachment = { digest: new Uint8Array(32).fill(4), bytes: 1200, media: 'application/pdf' }
const day = 86_400
const period = [0, 31 * day]

/** One good content of each kind, as a party would encode it. */
export const EXAMPLES: Readonly<Record<DocumentKind, Record<string, unknown>>> = {
  methodology: {
    format: 'tanlian/publication/1',
    subject: cidOfText('methodology'),
    state: 'published',
    reason: null,
  },
  factors: { format: 'tanlian/publication/1', subject: cidOfText('factors'), state: 'retired', reason: 'a new year' },
  sample: {
    format: 'tanlian/sample/1',
    label: '2026-01 入炉煤',
    material: 'as-fired coal',
    stream: 3,
    period,
    taken: 31 * day,
    sealed: 31 * day + 60,
    seal: 'S-001',
  },
  handover: { format: 'tanlian/handover/1', sample: cidOfText('sample'), laboratory: 9, at: 32 * day },
  receipt: { format: 'tanlian/sample-receipt/1', handover: cidOfText('handover'), at: 33 * day, intact: true },
  analysis: {
    format: 'tanlian/analysis/1',
    receipt: cidOfText('receipt'),
    number: 'A-2026-0001',
    analysed: 34 * day,
    results: [
      { name: 'carbon', value: '0.5560', unit: 'tC/t[coal, as received]', method: 'GB/T 476' },
      { name: 'ncv', value: '21.350', unit: 'GJ[LHV]/t[coal, as received]', method: 'GB/T 213' },
    ],
    report: attachment,
  },
  voucher: { format: 'tanlian/voucher/1', title: 'invoice 17', period, file: attachment },
  report: {
    format: 'tanlian/report/1',
    type: 'month',
    subject: 'unit 1',
    period,
    zone: 'Asia/Shanghai',
    size: 40,
    methodology: cidOfText('methodology'),
    factors: [],
    inputs: [
      { name: 'electricityMade', group: null, row: 0, value: '5000', origin: { kind: 'manual', reason: 'read off' } },
      {
        name: 'coalCarbon',
        group: 'coals',
        row: 0,
        value: '0.5560',
        origin: { kind: 'analysis', document: cidOfText('analysis'), result: 'carbon' },
      },
      {
        name: 'coalNcv',
        group: 'coals',
        row: 0,
        value: '21.350',
        origin: { kind: 'voucher', document: cidOfText('voucher') },
      },
      {
        name: 'coalUsed',
        group: 'coals',
        row: 0,
        value: '20000',
        origin: {
          kind: 'total',
          type: Uint8Array.of(1, 1, 1),
          streams: null,
          from: 0,
          to: 31 * day,
          quantity: '20000000000',
          seconds: 31 * day,
        },
      },
    ],
    outputs: [['total', '40365.60', 'tCO2']],
    trace: cidOfText('trace'),
    answers: [['L7', 'coal', 'a stock survey is attached']],
    corrects: null,
    reason: null,
  },
  draw: {
    format: 'tanlian/draw/1',
    period,
    enterprises: [7, 8],
    candidates: [20, 21, 22],
    excluded: [[7, 20, 'same-owner']],
    previous: [[8, 21]],
    block: 100,
    due: 90 * day,
  },
  assignment: {
    format: 'tanlian/assignment/1',
    draw: cidOfText('draw'),
    size: 50,
    root: new Uint8Array(32).fill(5),
    assigned: [
      [7, 21],
      [8, 22],
    ],
  },
  'sampling-plan': {
    format: 'tanlian/sampling-plan/1',
    report: cidOfText('report'),
    assignment: cidOfText('assignment'),
    seed: new Uint8Array(32).fill(6),
    risks: [['010101', 3]],
    items: [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)],
  },
  opinion: {
    format: 'tanlian/opinion/1',
    report: cidOfText('report'),
    assignment: cidOfText('assignment'),
    plan: cidOfText('plan'),
    outcome: 'unqualified',
    outputs: [['total', '40365.60', 'tCO2']],
    audits: [cidOfText('audit')],
    findings: [[null, 'coal', 'question', 'closed']],
    thread: new Uint8Array(32).fill(7),
    visits: [[80 * day, [attachment]]],
    statement: 'The report is right in all that matters.',
  },
  decision: {
    format: 'tanlian/decision/1',
    report: cidOfText('report'),
    opinion: cidOfText('opinion'),
    outcome: 'accepted',
    outputs: [['total', '40365.60', 'tCO2']],
    reason: null,
  },
  reopening: { format: 'tanlian/reopening/1', report: cidOfText('report'), reason: 'a meter was found wrong' },
}
