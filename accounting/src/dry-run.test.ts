import { expect, test } from 'vitest'
import { documentsOf, FACTOR_SETS, METHODOLOGIES } from '../test/library.ts'
import { dryRun } from './dry-run.ts'
import { readMethodology } from './methodology.ts'
import { compileMethodology } from './program.ts'
import { requireStep, requireUsable, stageOf } from './stage.ts'

const programOf = (document: unknown) => compileMethodology(readMethodology(document), FACTOR_SETS)

test('every methodology of the library has worked examples, and shows them to the last digit', () => {
  expect(METHODOLOGIES.size).toBeGreaterThanOrEqual(20)
  for (const methodology of METHODOLOGIES.values()) {
    const { ok, runs } = dryRun(compileMethodology(methodology, FACTOR_SETS))
    expect(runs.flatMap(({ differences, refused }) => [...differences, ...(refused ? [refused.message] : [])])).toEqual(
      [],
    )
    expect([methodology.id, ok]).toEqual([methodology.id, true])
  }
})

test('an example that shows another digit, or that cannot run, keeps a methodology a draft', () => {
  const [document] = documentsOf('methodologies') as [{ examples: { shows: object; values: object }[] }]
  const [example] = document.examples
  const altered = { ...document, examples: [{ ...example, shows: { ...example?.shows, total: '2982.033' } }] }
  const wrong = dryRun(programOf(altered))
  expect(wrong.runs[0]?.differences).toEqual([{ equation: 'total', said: '2982.033', shown: '2982.032' }])
  expect(stageOf(wrong, [])).toBe('draft')
  const lame = dryRun(programOf({ ...document, examples: [{ ...example, values: {} }] }))
  expect(lame.runs[0]?.refused?.code).toBe('E_INPUT_MISSING')
  expect(dryRun(programOf({ ...document, examples: [] })).ok).toBe(false)
})

test('draft, tried, published, retired: no step is left out, and a retired one serves corrections only', () => {
  const [document] = documentsOf('methodologies')
  const program = programOf(document)
  const tried = dryRun(program)
  const stage = (...states: ('published' | 'retired')[]) =>
    stageOf(
      tried,
      states.map((state) => ({ state })),
    )
  expect([stage(), stage('published'), stage('published', 'retired')]).toEqual(['tried', 'published', 'retired'])
  requireStep('tried', 'published')
  requireStep('published', 'retired')
  for (const [from, to] of [
    ['draft', 'published'],
    ['tried', 'retired'],
    ['retired', 'published'],
    ['published', 'published'],
  ] as const)
    expect(() => requireStep(from, to)).toThrow(expect.objectContaining({ code: 'E_METHODOLOGY_STAGE' }))
  const year = ['2024-01-01', '2024-12-31'] as const
  requireUsable(program.methodology, 'published', year)
  requireUsable(program.methodology, 'retired', year, true)
  for (const stage of ['draft', 'tried', 'retired'] as const)
    expect(() => requireUsable(program.methodology, stage, year)).toThrow(
      expect.objectContaining({ code: 'E_METHODOLOGY_STAGE' }),
    )
  expect(() => requireUsable(program.methodology, 'published', ['2022-01-01', '2022-12-31'])).toThrow(
    expect.objectContaining({ code: 'E_METHODOLOGY_PERIOD' }),
  )
})
