import { type Decimal, decimalText, exactDecimal, parseRatio, ratio } from '@tanlian/units'
import { type DryRun, showExample } from './dry-run.ts'
import type { FactorSet } from './factor.ts'
import type { Methodology } from './methodology.ts'
import { compileMethodology } from './program.ts'

/** A figure of a worked example that an edit changes (影响范围). */
export interface Reached {
  readonly methodology: string
  readonly example: DryRun['runs'][number]['example']['words']
  readonly equation: string
  readonly row: number
  readonly before: string
  readonly after: string
  /** After less before, in the equation's unit. */
  readonly change: string
}

/**
 * What an edit of a factor set does: every figure of every worked example that it changes, and by how much. Look at it before publishing.
 * @param sets as they are; the edited one takes the place of the one of its id
 * @throws what compiling and calculating throw, where the edit breaks a methodology
 */
export function reachOf(
  methodologies: readonly Methodology[],
  sets: readonly FactorSet[],
  edited: FactorSet,
): readonly Reached[] {
  const after = [...sets.filter(({ id }) => id !== edited.id), edited]
  return methodologies
    .filter(({ parameters }) => parameters.some(({ factor }) => factor?.set === edited.id))
    .flatMap((methodology) => {
      const [was, is] = [compileMethodology(methodology, sets), compileMethodology(methodology, after)]
      return methodology.examples.flatMap((example) => {
        const [old, now] = [showExample(was, example), showExample(is, example)]
        return [...old].flatMap(([equation, texts]) => {
          const others = (now.get(equation) ?? '').split(' ')
          return texts.split(' ').flatMap((before, row): readonly Reached[] => {
            const other = others[row] ?? ''
            if (other === before) return []
            const place = { methodology: methodology.id, example: example.words, equation, row }
            return [{ ...place, before, after: other, change: differenceOf(before, other) }]
          })
        })
      })
    })
}

function differenceOf(before: string, after: string): string {
  const [a, b] = [parseRatio(before), parseRatio(after)]
  const difference = ratio(b.numerator * a.denominator - a.numerator * b.denominator, a.denominator * b.denominator)
  return decimalText(exactDecimal(difference) as Decimal)
}
