import {
  type Block,
  decodeBlock,
  decodeDocument,
  decodeReportPackage,
  encodeBlock,
  equalBytes,
  isReportPackage,
  type ReportPackage,
} from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { PLANT } from '../test/archive.ts'
import { readingsOf, reportPlant } from '../test/plant-report.ts'
import { POWER_PLAN } from '../test/power-plan.ts'
import type { Report } from './document/report.ts'
import { checkReportPackage, REPORT_STEPS } from './report-verdict.ts'

const plant = reportPlant(POWER_PLAN)
const bytes = await plant.archive.pack(plant.report, plant.size, plant.blocks)

const pack = decodeReportPackage(bytes)
const again = (told: ReportPackage) =>
  checkReportPackage(told, { chain: plant.archive.chain(), log: plant.archive.past() })
const failing = (told: ReportPackage) =>
  again(told)
    .lines.filter(({ ok }) => ok === false)
    .map(({ step, code }) => `${step} ${code}`)

test('a report is done again from its package down to the trace, and the verdict says what it rests on', () => {
  expect(isReportPackage(bytes)).toBe(true)
  const verdict = again(pack)
  expect(verdict.lines.map(({ step }) => step)).toEqual([...REPORT_STEPS])
  expect(verdict.lines.filter(({ ok }) => ok !== true)).toEqual([])
  expect(verdict).toMatchObject({ status: 'verified', stage: 'accepted', organization: PLANT })
  expect(verdict.recomputed?.outputs).toEqual(plant.content.outputs)
  expect(verdict.witnesses.length).toBe(1)
  expect(verdict.lines.at(-1)?.values).toEqual({ total: 5, analysis: 4, voucher: 0, choice: 0, manual: 0 })
})

test('S12 without the chain, or without its word on the log’s past, nothing is called verified', () => {
  expect(checkReportPackage(pack, { chain: plant.archive.chain() }).status).toBe('unchecked')
  const verdict = checkReportPackage(pack)
  expect(verdict.status).toBe('unchecked')
  expect(verdict.lines.filter(({ ok }) => ok === false)).toEqual([])
})

test('S14 the same log gives the same package, byte for byte', async () => {
  const other = reportPlant(POWER_PLAN)
  expect(equalBytes(await other.archive.pack(other.report, other.size, other.blocks), bytes)).toBe(true)
})

test('a batch that comes after the report changes nothing; one that is hidden shows', async () => {
  const later = reportPlant(POWER_PLAN)
  later.archive.batch(readingsOf(POWER_PLAN, POWER_PLAN.days))
  const grown = decodeReportPackage(await later.archive.pack(later.report, later.size, later.blocks))
  const verdict = checkReportPackage(grown, { chain: later.archive.chain(), log: later.archive.past() })
  expect(verdict.lines.filter(({ ok }) => ok !== true)).toEqual([])
  expect(verdict.recomputed?.outputs).toEqual(plant.content.outputs)
  // The package from before it was logged: the chain knows a batch that the package does not place.
  expect(checkReportPackage(pack, { chain: { ...later.archive.chain(), root: pack.log.root } }).lines).toContainEqual(
    expect.objectContaining({ step: 'entries', ok: false, code: 'E_VERDICT_HEAD' }),
  )
})

test('any byte of the file changed is refused or fails', () => {
  for (let at = 0; at < bytes.length; at += 211) {
    const altered = bytes.slice()
    altered[at] = (altered[at] as number) ^ 1
    let seen = 'verified'
    try {
      seen = again(decodeReportPackage(altered)).status
    } catch (error) {
      seen = (error as { code: string }).code
    }
    expect(seen, `byte ${at}`).not.toBe('verified')
  }
})

/** Replaces text in the methodology block: a digit, an equation, a mode of rounding. */
const withMethodology = (from: string, to: string): ReportPackage => {
  const [methodology, ...factors] = pack.blocks as [Block, ...Block[]]
  const text = JSON.stringify(decodeBlock(methodology.bytes))
  if (!text.includes(from)) throw new Error(`no ${from}`)
  return { ...pack, blocks: [encodeBlock(JSON.parse(text.replace(from, to))), ...factors] }
}
const changeAt = <T>(list: readonly T[], at: number, change: (item: T) => T): readonly T[] =>
  list.map((item, place) => (place === at ? change(item) : item))

test.each([
  ['one digit of a parameter', 'methodology E_REPORT_METHODOLOGY', () => withMethodology('"0.99"', '"0.98"')],
  [
    'one digit of a factor',
    'methodology E_REPORT_METHODOLOGY',
    () => {
      const [methodology, factors, ...rest] = pack.blocks as [Block, Block, ...Block[]]
      const text = JSON.stringify(decodeBlock(factors.bytes)).replace(/"value":"(\d[\d.]*)\d"/, '"value":"$17"')
      return { ...pack, blocks: [methodology, encodeBlock(JSON.parse(text)), ...rest] }
    },
  ],
  ['one equation', 'methodology E_REPORT_METHODOLOGY', () => withMethodology('coal + gas', 'coal - gas')],
  ['one rounding', 'methodology E_REPORT_METHODOLOGY', () => withMethodology('half-up', 'half-even')],
  ['a factor set left out', 'methodology E_REPORT_METHODOLOGY', () => ({ ...pack, blocks: pack.blocks.slice(0, -1) })],
  [
    'one quantity in a proof',
    'proofs E_PROOF_ROOT',
    () => ({
      ...pack,
      proofs: changeAt(pack.proofs, 2, ([sequence, proofs]) => {
        const proof = (proofs[0] as Uint8Array).slice()
        // The last pruned node ends in its quantity, its seconds and its hash.
        proof[proof.length - 41] = (proof[proof.length - 41] as number) ^ 1
        return [sequence, [proof]] as const
      }),
    }),
  ],
  ['a proof left out', 'proofs E_VERDICT_PROOF_MISSING', () => ({ ...pack, proofs: pack.proofs.slice(1) })],
  [
    'a proof too many',
    'proofs E_VERDICT_PROOF_UNUSED',
    () => ({ ...pack, proofs: [...pack.proofs, pack.proofs[0] as (typeof pack.proofs)[number]] }),
  ],
  [
    'a batch left out',
    'entries E_VERDICT_GAP',
    () => ({
      ...pack,
      headers: pack.headers.filter((_, at) => at !== 1),
      entries: pack.entries.filter((_, at) => at !== 1),
      signatures: pack.signatures.filter((_, at) => at !== 1),
      inclusion: { ...pack.inclusion, indexes: pack.inclusion.indexes.filter((_, at) => at !== 1) },
      anchors: pack.anchors.filter((_, at) => at !== 1),
    }),
  ],
  [
    'a signature of a document',
    'signatures E_SIGNATURE_FORM',
    () => ({ ...pack, documents: changeAt(pack.documents, 3, (one) => ({ ...one, signature: new Uint8Array(65) })) }),
  ],
  [
    'signatures changed for one another',
    'signatures E_VERDICT_SIGNATURE',
    () => ({ ...pack, signatures: [...pack.signatures].reverse() }),
  ],
  [
    'a laboratory’s document left out',
    'documents E_REGISTER_UNKNOWN',
    () => {
      const at = pack.documents.findIndex(({ document }) => decodeDocument(document.bytes).kind === 'receipt')
      const place = pack.headers.length + at
      return {
        ...pack,
        documents: pack.documents.filter((_, one) => one !== at),
        inclusion: { ...pack.inclusion, indexes: pack.inclusion.indexes.filter((_, one) => one !== place) },
        anchors: pack.anchors.filter((_, one) => one !== place),
      }
    },
  ],
  [
    'a place in the log',
    'inclusion E_VERDICT_INCLUSION',
    () => ({
      ...pack,
      inclusion: { ...pack.inclusion, indexes: changeAt(pack.inclusion.indexes, 0, (one) => one - 1) },
    }),
  ],
  [
    'the time of a document',
    'anchors E_VERDICT_ANCHOR',
    () => ({
      ...pack,
      anchors: changeAt(pack.anchors, pack.anchors.length - 1, ([block, time]) => [block, time + 1] as const),
    }),
  ],
  [
    'what sort of party the regulator is',
    'anchors E_VERDICT_PARTY',
    () => ({ ...pack, parties: pack.parties.map(([one, kind]) => [one, one === 1 ? 'platform' : kind] as const) }),
  ],
  [
    'another party gives the opinion',
    'documents E_REGISTER_PARTY',
    () => ({
      ...pack,
      parties: pack.parties.map(([one, kind]) => [one, kind === 'verifier' ? 'enterprise' : kind] as const),
    }),
  ],
  [
    'another report is named',
    'documents E_VERDICT_REPORT',
    () => ({ ...pack, report: (pack.headers[0] as Block).cid }),
  ],
] satisfies readonly (readonly [string, string, () => ReportPackage])[])(
  '%s changed is seen: %s',
  (_what, line, told) => {
    expect(failing(told())).toContain(line)
  },
)

/** What everybody signed, although it is not so: preparer, verifier and regulator together. */
test.each([
  [
    'an output a cent less',
    'outputs E_REPORT_OUTPUT',
    ({ outputs }: Report) => ({
      outputs: outputs.map(
        ([name, value, unit]) =>
          [
            name,
            name === 'total' ? value.replace(/\d$/, (digit) => String((Number(digit) + 9) % 10)) : value,
            unit,
          ] as const,
      ),
    }),
  ],
  [
    'a value less than its total',
    'totals E_REPORT_VALUE',
    ({ inputs }: Report) => ({
      inputs: inputs.map((input) => (input.name === 'electricityMade' ? { ...input, value: '1' } : input)),
    }),
  ],
  [
    'a total less than the readings',
    'totals E_REPORT_TOTAL',
    ({ inputs }: Report) => ({
      inputs: inputs.map((input) =>
        input.origin.kind === 'total' && input.name === 'coalUsed'
          ? { ...input, origin: { ...input.origin, quantity: '1' } }
          : input,
      ),
    }),
  ],
  [
    'a laboratory’s value changed',
    'totals E_REPORT_VALUE',
    ({ inputs }: Report) => ({
      inputs: inputs.map((input) => (input.name === 'coalCarbon' ? { ...input, value: '0.5282' } : input)),
    }),
  ],
  ['another trace', 'trace E_REPORT_TRACE', ({ methodology }: Report) => ({ trace: methodology })],
] as const)('R1 %s fails although all signed it: %s', async (_what, line, change) => {
  const told = reportPlant(POWER_PLAN, (report) => ({ ...report, ...change(report) }))
  const file = decodeReportPackage(await told.archive.pack(told.report, told.size, told.blocks))
  const verdict = checkReportPackage(file, { chain: told.archive.chain(), log: told.archive.past() })
  const lines = verdict.lines.filter(({ ok }) => ok === false).map(({ step, code }) => `${step} ${code}`)
  expect(lines).toContain(line)
})

test('R14 a package of any shape ends in a verdict, never in a crash', () => {
  const shapes = <T>(list: readonly T[]) => [[], list.slice(1), [...list, ...list.slice(0, 1)], [...list].reverse()]
  const told = [
    ...Object.entries(pack).flatMap(([name, value]) =>
      Array.isArray(value) ? shapes(value).map((list) => ({ ...pack, [name]: list })) : [],
    ),
    ...shapes(pack.inclusion.indexes).map((indexes) => ({ ...pack, inclusion: { indexes, path: [] } })),
  ]
  for (const one of told) expect(checkReportPackage(one).lines.map(({ step }) => step)).toEqual([...REPORT_STEPS])
})
