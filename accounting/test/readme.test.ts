import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TanlianError } from '@tanlian/units'
import { expect, test } from 'vitest'
import { calculate, compileMethodology, dryRun, readFactors, readMethodology, shownTexts } from '../src/index.ts'
import { LIBRARY, loadFactors, loadProgram } from '../src/library.ts'
import { readYaml } from '../src/yaml.ts'

const page = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

/** The YAML of the page that opens with this remark. */
function yamlOf(remark: string): string {
  const found = page.match(new RegExp(`\`\`\`yaml\n(# ${remark}\n[^]*?)\`\`\``))?.[1]
  if (found === undefined) throw new Error(`no YAML of ${remark}`)
  return found
}

/** The page's methodology with a text of it changed, and its own set beside those of the library that it names. */
async function programOf(from = '', to = '') {
  const text = yamlOf('methodology')
  expect(text).toContain(from)
  const methodology = readMethodology(readYaml(text.replace(from, to)))
  const own = readFactors(readYaml(yamlOf('factors')))
  const ids = new Set(methodology.parameters.flatMap(({ factor }) => factor?.set ?? []))
  const sets = await Promise.all([...ids].filter((id) => id !== own.id).map(loadFactors))
  return compileMethodology(methodology, [own, ...sets])
}

test('the methodology of the page, written in nothing but YAML, shows its examples to the last digit', async () => {
  const { ok, runs } = dryRun(await programOf())
  expect(runs.flatMap(({ differences, refused }) => [...differences, ...(refused ? [refused.message] : [])])).toEqual(
    [],
  )
  expect([ok, runs.length]).toEqual([true, 2])
})

test('what the page says is refused, is', async () => {
  const refusedWith = (code: string) => expect.objectContaining({ code })
  await expect(programOf('is: used × carbonateFactor', 'is: used + glass')).rejects.toThrow(
    refusedWith('E_EXPRESSION_KIND'),
  )
  const late = dryRun(await programOf("region: Jiangsu, year: '2023'", "region: Jiangsu, year: '2024'"))
  expect(late.runs[0]?.refused).toBeInstanceOf(TanlianError)
  expect(late.runs[0]?.refused?.code).toBe('E_FACTOR_MISSING')
  const other = dryRun(await programOf("total: '92517.09'", "total: '92517.08'"))
  expect(other.runs[0]?.differences).toEqual([{ equation: 'total', said: '92517.08', shown: '92517.09' }])
})

test('the code of the page gives what it says', async () => {
  const [, value] = page.match(/shownTexts\(outcome, 'total'\) +\/\/ \['([\d.]+)'\]/) ?? []
  const coals = [{ coalUsed: '250000', coalNcv: '21.350', coalCarbon: '0.5560' }]
  const outcome = calculate(await loadProgram('cn.power'), { values: { electricityMade: '600000' }, groups: { coals } })
  expect(shownTexts(outcome, 'total')).toEqual([value])
  expect(LIBRARY.some(({ id }) => id === 'cn.power')).toBe(true)
})

test('the rule of allocation of the page gives what it says', async () => {
  const [, value] = page.match(/'allocation'\) +\/\/ \['(\d+)'\]/) ?? []
  const unit = {
    unitClass: 'coalLarge',
    electricity: '3000000',
    heat: '2000000',
    loadFactor: '60',
    emissions: '3400000',
  }
  const rule = await loadProgram('cn.allocation.power.2023')
  const outcome = calculate(rule, { values: { year: '2024' }, groups: { units: [unit] } })
  expect(shownTexts(outcome, 'allocation')).toEqual([value])
})

test('the page names every function of the language', async () => {
  const { FUNCTIONS } = await import('../src/expression.ts')
  expect(Object.keys(FUNCTIONS).filter((name) => !page.includes(`\`${name}(`) && !page.includes(`${name}(`))).toEqual(
    [],
  )
})
