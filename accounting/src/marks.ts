import type { Chosen, Outcome } from './calculate.ts'
import { MAX_STEPS } from './fraction.ts'
import type { Source } from './shape.ts'

/** Something that must be shown beside a report's figures (标注): a value that nobody measured, or that is not confirmed by its source. */
export interface Mark {
  readonly mark: 'fallback' | 'default' | 'unverified'
  readonly parameter: string
  /** Rows, from 0; none where the parameter has one value. */
  readonly rows: readonly number[]
}

/**
 * What an outcome rests on that a reader must be told: conservative fallbacks (保守值), defaults where a measured value was possible (缺省值), and
 * values of confidence M (未核实). What no equation read is not among them.
 */
export function marksOf({ program, frame, chosen }: Outcome): readonly Mark[] {
  const read = new Map<number, Set<number>>()
  const fresh = { ...frame, work: { left: MAX_STEPS } }
  for (const step of program.steps)
    if (step.of === 'equation')
      for (let row = 0; row < (step.over === undefined ? 1 : (frame.rows.get(step.over) ?? 0)); row++)
        step.compiled.read(fresh, row, (slot, at) => {
          const rows = read.get(slot)
          if (rows === undefined) read.set(slot, new Set([at]))
          else rows.add(at)
        })
  return program.steps.flatMap((step): readonly Mark[] => {
    if (step.of !== 'parameter') return []
    const { parameter, slot, over } = step
    const how = chosen.get(slot) ?? []
    const mark = (name: Mark['mark'], holds: (one: Chosen) => boolean): readonly Mark[] => {
      const rows = how.flatMap((one, row) => (read.get(slot)?.has(row) && holds(one) ? [row] : []))
      return rows.length === 0 ? [] : [{ mark: name, parameter: parameter.name, rows: over === undefined ? [] : rows }]
    }
    const sourceOf = (one: Chosen): Source | undefined =>
      one.by === 'factor'
        ? one.factor.source
        : one.by === 'constant'
          ? parameter.constant?.source
          : one.by === 'fallback'
            ? parameter.fallback?.source
            : undefined
    const isDefault = ({ by }: Chosen) => by === 'constant' || by === 'factor'
    return [
      ...mark('fallback', ({ by }) => by === 'fallback'),
      ...(parameter.measured === undefined ? [] : mark('default', isDefault)),
      ...mark('unverified', (one) => sourceOf(one)?.confidence === 'M'),
    ]
  })
}
