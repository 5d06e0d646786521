import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import {
  calculate,
  compileMethodology,
  type FactorSet,
  type Methodology,
  type Outcome,
  type ReportData,
  readFactors,
  readMethodology,
  shownTexts,
} from '../src/index.ts'

const root = join(import.meta.dirname, '..')

/** YAML without types: every scalar is the text that its author wrote. */
export const parseText = (text: string): unknown => parse(text, { schema: 'failsafe' })

/** All documents of a folder of the package, as they are parsed. */
export const documentsOf = (folder: 'factors' | 'methodologies' | 'allocation'): readonly unknown[] =>
  readdirSync(join(root, folder))
    .sort()
    .map((name) => parseText(readFileSync(join(root, folder, name), 'utf8')))

/** The factor sets, methodologies and rules of allocation that come with the package. */
export const FACTOR_SETS: readonly FactorSet[] = documentsOf('factors').map(readFactors)
export const METHODOLOGIES: ReadonlyMap<string, Methodology> = new Map(
  [...documentsOf('methodologies'), ...documentsOf('allocation')].map(readMethodology).map((one) => [one.id, one]),
)

/** Runs a methodology of the package. */
export function run(id: string, data: ReportData, sets = FACTOR_SETS): Outcome {
  const methodology = METHODOLOGIES.get(id)
  if (methodology === undefined) throw new Error(`no methodology ${id}`)
  return calculate(compileMethodology(methodology, sets), data)
}

/** The only value of an equation, as its methodology shows it. */
export function shown(outcome: Outcome, name: string): string {
  const [text, ...more] = shownTexts(outcome, name)
  if (text === undefined || more.length > 0) throw new Error(`${name} has not one value`)
  return text
}
