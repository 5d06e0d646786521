import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  decodeReportPackage,
  ed25519PublicKey,
  encodeReportPackage,
  makeVkey,
  type ReportPackage,
  signCheckpoint,
  toHex,
} from '@tanlian/evidence'
import { afterAll, expect, test } from 'vitest'
import type { Report } from '../accounting/src/index.ts'
import { LIBRARY, loadLibrary } from '../accounting/src/library.ts'
import { type Forge, PLANT, type Statement } from '../accounting/test/archive.ts'
import { readingsOf, reportPlant } from '../accounting/test/plant-report.ts'
import { POWER_PLAN } from '../accounting/test/power-plan.ts'

/*
 * A second program, in another language and from the documented formats alone, does a report again: `examples/recompute-a-report`. It needs
 * Python 3 and nothing else.
 */

const PROGRAM = join(import.meta.dirname, '../examples/recompute-a-report/recompute.py')
const folder = mkdtempSync(join(tmpdir(), 'tanlian-recompute-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function recompute(bytes: Uint8Array, ...more: readonly string[]) {
  const file = join(folder, `${++files}.car`)
  writeFileSync(file, bytes)
  const { status, stdout, stderr, error } = spawnSync('python3', [PROGRAM, file, ...more], { encoding: 'utf8' })
  if (error !== undefined) throw error
  return { status, printed: `${stdout}${stderr}` }
}

const plant = reportPlant(POWER_PLAN)
const packed = plant.archive.pack(plant.report, plant.size, plant.blocks)
/** The verifier that the draw gives the plant. */
const ASSIGNED = plant.archive.register.verifier(plant.report)?.organization ?? 0

test('the package of a report is recomputed by the Python program, equal to the last digit', async () => {
  const { status, printed } = recompute(await packed)
  expect(printed).not.toMatch(/refused/)
  expect(status).toBe(0)
  for (const [name, value, unit] of plant.content.outputs) expect(printed).toContain(`${name}: ${value} ${unit}\n`)
})

test('a batch after the report shows that none is hidden', async () => {
  const later = reportPlant(POWER_PLAN)
  later.archive.batch(readingsOf(POWER_PLAN, POWER_PLAN.days))
  const { status, printed } = recompute(await later.archive.pack(later.report, later.size, later.blocks))
  expect(status).toBe(0)
  expect(printed).not.toMatch(/ask the chain/)
})

test('windows that cut batches, and readings that were stated anew, are added up alike', async () => {
  const noon = 2.5 * 86_400
  const windows = [
    [0, noon],
    [noon, 6 * 86_400],
  ] as const
  const cut = reportPlant({ ...POWER_PLAN, windows, restatedDay: 1 })
  const { status, printed } = recompute(await cut.archive.pack(cut.report, cut.size, cut.blocks))
  expect(printed).not.toMatch(/refused/)
  expect(status).toBe(0)
  expect(printed).toContain(`total: ${cut.content.outputs.find(([name]) => name === 'total')?.[1]} tCO2\n`)
  expect(cut.content.outputs).not.toEqual(plant.content.outputs)
})

test.each([
  [
    'an output',
    /outputs/,
    ({ outputs }: Report) => ({ outputs: outputs.map(([name, , unit]) => [name, '1.00', unit] as const) }),
  ],
  [
    'a value',
    /electricityMade/,
    ({ inputs }: Report) => ({
      inputs: inputs.map((input) => (input.name === 'electricityMade' ? { ...input, value: '1' } : input)),
    }),
  ],
  [
    'a total',
    /another total is proven/,
    ({ inputs }: Report) => ({
      inputs: inputs.map((input) =>
        input.origin.kind === 'total' && input.name === 'coalUsed'
          ? { ...input, origin: { ...input.origin, quantity: '1' } }
          : input,
      ),
    }),
  ],
  [
    'a laboratory’s value',
    /laboratory/,
    ({ inputs }: Report) => ({
      inputs: inputs.map((input) => (input.name === 'coalCarbon' ? { ...input, value: '0.5282' } : input)),
    }),
  ],
] as const)('%s that is not so is refused although everybody signed it', async (_what, why, change) => {
  const told = reportPlant(POWER_PLAN, (report) => ({ ...report, ...change(report) }))
  const { status, printed } = recompute(await told.archive.pack(told.report, told.size, told.blocks))
  expect(status).toBe(1)
  expect(printed).toMatch(why)
})

/** The sound package with something of its root changed: what is not under any hash of its own. */
async function changed(change: (pack: ReportPackage) => Partial<ReportPackage>): Promise<Uint8Array> {
  const pack = decodeReportPackage(await packed)
  return encodeReportPackage({ ...pack, ...change(pack) })
}
const flip = (bytes: Uint8Array, at: number) => bytes.map((byte, place) => (place === at ? byte ^ 1 : byte))

test.each<[string, RegExp, (pack: ReportPackage) => Partial<ReportPackage>]>([
  [
    'a batch’s signature',
    /signed|signature/,
    ({ signatures }) => ({ signatures: signatures.with(2, flip(signatures[2] as Uint8Array, 40)) }),
  ],
  [
    'a signature by another key',
    /not signed by a key/,
    ({ signatures }) => ({ signatures: signatures.with(2, signatures[1] as Uint8Array) }),
  ],
  [
    'a document’s signature',
    /signed|signature/,
    ({ documents }) => ({
      documents: documents.map((one, at) => (at === 4 ? { ...one, signature: flip(one.signature, 3) } : one)),
    }),
  ],
  [
    'a key that is another organization’s',
    /not signed by a key/,
    ({ keys }) => ({
      keys: keys.map(([organization, ...rest]) => [organization === PLANT ? 99 : organization, ...rest]),
    }),
  ],
  [
    'a key that ended before',
    /entry 3 of organization 7 is not signed/,
    ({ keys }) => ({ keys: keys.map(([organization, account, kind]) => [organization, account, kind, 1, 2]) }),
  ],
  [
    'a key of documents under a batch',
    /not signed by a key/,
    ({ keys }) => ({ keys: keys.filter(([, , kind]) => kind === 2) }),
  ],
  ['another chain', /not signed by a key/, ({ log }) => ({ log: { ...log, chain: 1 } })],
  [
    'another contract',
    /not signed by a key/,
    ({ contracts }) => ({ contracts: { ...contracts, log: new Uint8Array(20) } }),
  ],
  ['another root', /not in the log/, ({ log }) => ({ log: { ...log, root: flip(log.root, 0) } })],
  [
    'another place in the log',
    /log|order/,
    ({ inclusion }) => ({
      inclusion: { ...inclusion, indexes: inclusion.indexes.with(0, (inclusion.indexes[0] as number) + 1) },
    }),
  ],
  [
    'a party of another kind',
    /organization 9 states no receipt/,
    ({ parties }) => ({
      parties: parties.map(([organization, kind]) => [organization, organization === 9 ? 'other' : kind]),
    }),
  ],
  ['a block before the one of the entry before it', /block/, ({ anchors }) => ({ anchors: anchors.with(-1, [1, 1]) })],
])('%s is refused', async (_what, why, change) => {
  const { status, printed } = recompute(await changed(change))
  expect(printed).toMatch(/^refused/m)
  expect(printed).toMatch(why)
  expect(status).toBe(1)
})

test('the signed checkpoint is held to the log’s key, root and size', async () => {
  const key = new Uint8Array(32).fill(4)
  const origin = 'log.example'
  const vkey = makeVkey(origin, ed25519PublicKey(key))
  const { log } = plant.archive
  const note = (size: number, root: Uint8Array, by = key) =>
    changed(() => ({ checkpoint: signCheckpoint({ origin, size, root }, by) }))
  const fine = await note(log.size, log.root())
  expect(recompute(fine, '--vkey', vkey)).toMatchObject({
    status: 0,
    printed: expect.stringContaining('key signed this root'),
  })
  const other = makeVkey(origin, ed25519PublicKey(new Uint8Array(32).fill(5)))
  for (const [bytes, by] of [
    [fine, other],
    [fine, makeVkey('other.example', ed25519PublicKey(key))],
    [await note(log.size, log.root(), new Uint8Array(32).fill(5)), vkey],
    [await note(log.size, log.root(1)), vkey],
    [await note(log.size - 1, log.root(log.size - 1)), vkey],
    [await packed, vkey],
  ] as const)
    expect(recompute(bytes, '--vkey', by)).toMatchObject({ status: 1, printed: expect.stringContaining('refused') })
})

test('the verifier’s sample is drawn again by the root right after the report’s entry', async () => {
  const { archive } = plant
  const { index } = archive.register.report(plant.report) as { index: number }
  const after = (size: number) => ['--root-after', toHex(archive.log.root(size))]
  expect(recompute(await packed, ...after(index + 1))).toMatchObject({
    status: 0,
    printed: expect.stringMatching(/drawn by the log's seed/),
  })
  expect(recompute(await packed, ...after(index))).toMatchObject({
    status: 1,
    printed: expect.stringContaining('another seed'),
  })
})

const HOUR = 3600
type Content = Record<string, unknown>
test.each<[string, RegExp, (kind: string, content: Content) => Partial<Statement> & { readonly content?: Content }]>([
  [
    'a report of a laboratory that is logged three days late',
    /48 hours/,
    (kind) => (kind === 'analysis' ? { time: 20 * 24 * HOUR } : {}),
  ],
  [
    'an analysis before its sample came',
    /before it is received/,
    (kind, content) => (kind === 'analysis' ? { content: { ...content, analysed: 1 } } : {}),
  ],
  [
    'a sample that is sealed before it is taken',
    /sealed before/,
    (kind, content) => (kind === 'sample' ? { content: { ...content, sealed: (content.taken as number) - 1 } } : {}),
  ],
  [
    'a sample with a broken seal',
    /seal/,
    (kind, content) => (kind === 'receipt' ? { content: { ...content, intact: false } } : {}),
  ],
  [
    'a handover to another laboratory than the one that received',
    /another laboratory/,
    (kind, content) => (kind === 'handover' ? { content: { ...content, laboratory: 10 } } : {}),
  ],
  [
    'an analysis of another period',
    /another period/,
    (kind, content) => (kind === 'sample' ? { content: { ...content, period: [9e8, 9e8 + 1] } } : {}),
  ],
  [
    'a document with a key too many',
    /another form/,
    (kind, content) => (kind === 'handover' ? { content: { ...content, more: 1 } } : {}),
  ],
  [
    'a methodology that was never published',
    /published/,
    (kind, content) => (kind === 'methodology' ? { content: { ...content, state: 'retired' } } : {}),
  ],
  [
    'totals of a log that was not there yet',
    /not there yet/,
    (kind, content) => (kind === 'report' ? { content: { ...content, size: 1e6 } } : {}),
  ],
  [
    'a draw after its block',
    /after its block/,
    (kind, content) => (kind === 'draw' ? { content: { ...content, block: 1 } } : {}),
  ],
  [
    'a verifier that was not drawn',
    /not what was drawn/,
    (kind, content) =>
      kind === 'assignment'
        ? { content: { ...content, assigned: [[PLANT, (content.assigned as number[][])[0]?.[1] === 21 ? 22 : 21]] } }
        : {},
  ],
  [
    'a plan by another verifier',
    /another verifier/,
    (kind) => (kind === 'sampling-plan' ? { organization: ASSIGNED === 21 ? 22 : 21 } : {}),
  ],
  [
    'an opinion on batches that were not audited',
    /did not audit/,
    (kind, content) =>
      kind === 'audit' ? { content: { ...content, held: (content.held as Uint8Array[]).slice(1) } } : {},
  ],
  [
    'an opinion that names another’s audit',
    /another's audits/,
    (kind) => (kind === 'audit' ? { organization: 22 + 21 - ASSIGNED } : {}),
  ],
  [
    'an opinion with other outputs',
    /verifier recomputed/,
    (kind, content) => (kind === 'opinion' ? { content: { ...content, outputs: [] } } : {}),
  ],
  [
    'a decision with other outputs',
    /regulator recomputed/,
    (kind, content) => (kind === 'decision' ? { content: { ...content, outputs: [] } } : {}),
  ],
  [
    'a rejection without a reason',
    /no reason/,
    (kind, content) => (kind === 'decision' ? { content: { ...content, outcome: 'rejected' } } : {}),
  ],
  [
    'a decision by the verifier itself',
    /states no decision/,
    (kind) => (kind === 'decision' ? { organization: ASSIGNED } : {}),
  ],
])('%s is refused although it is signed and in the log', async (_what, why, change) => {
  const forge: Forge = (kind, stated) => ({ ...stated, ...change(kind, stated.content as Content) })
  const forged = reportPlant(POWER_PLAN, undefined, forge)
  const { status, printed } = recompute(await forged.archive.pack(forged.report, forged.size, forged.blocks))
  expect(printed).toMatch(why)
  expect(printed).toMatch(/refused/)
  expect(status).toBe(1)
})

test('a changed byte is refused wherever it is', async () => {
  const bytes = await packed
  for (let at = 100; at < bytes.length; at += Math.floor(bytes.length / 12)) {
    const altered = bytes.slice()
    altered[at] = (altered[at] as number) ^ 1
    expect(recompute(altered), `byte ${at}`).toMatchObject({ status: 1, printed: expect.stringMatching(/^.*refused/s) })
  }
})

/** Runs the worked examples of methodologies with the program's own engine; JSON in, one JSON line out. */
const EXAMPLES = `
import json, sys
sys.path.insert(0, sys.argv[1])
from equations import calculate, shown
def texts(document, made, name):
    one = next(item for item in document["equations"] if item["name"] == name)
    return " ".join(shown(value, int(one["places"]), one.get("rounding", document["rounding"])) for value in made[name])
found = []
for document, sets in json.load(sys.stdin):
    for example in document.get("examples", []):
        made = calculate(document, {one["id"]: one for one in sets}, example.get("values", {}), example.get("groups", {}))
        found.append({name: texts(document, made, name) for name in example["shows"]})
print(json.dumps(found))
`

test('every worked example of every methodology comes out the same in the Python program', async () => {
  const methodologies = LIBRARY.filter(({ kind }) => kind === 'methodology' || kind === 'allocation')
  const given = await Promise.all(
    methodologies.map(async ({ cid, sets }) => [
      (await loadLibrary(cid)).document,
      await Promise.all(sets.map(async (id) => (await loadLibrary(id)).document)),
    ]),
  )
  const wanted = given.flatMap(([document]) =>
    ((document as { examples?: { shows: Record<string, string> }[] }).examples ?? []).map(({ shows }) => shows),
  )
  const { status, stdout, stderr } = spawnSync('python3', ['-c', EXAMPLES, dirname(PROGRAM)], {
    input: JSON.stringify(given),
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(wanted.length).toBeGreaterThan(10)
  expect(JSON.parse(stdout)).toEqual(wanted)
})
