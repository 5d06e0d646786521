import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Report } from '../accounting/src/index.ts'
import { LIBRARY, loadLibrary } from '../accounting/src/library.ts'
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
function recompute(bytes: Uint8Array) {
  const file = join(folder, `${++files}.car`)
  writeFileSync(file, bytes)
  const { status, stdout, stderr, error } = spawnSync('python3', [PROGRAM, file], { encoding: 'utf8' })
  if (error !== undefined) throw error
  return { status, printed: `${stdout}${stderr}` }
}

const plant = reportPlant(POWER_PLAN)
const packed = plant.archive.pack(plant.report, plant.size, plant.blocks)

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
