import { type Block, encodeBlock } from '@tanlian/evidence'
import { divideRatios, type Ratio, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Outcome, Step } from './calculate.ts'
import type { Value } from './compile.ts'
import type { KindUnit } from './kind.ts'

/**
 * Where an input's value is from (来源), in the words of `docs/spec/documents.md`: a proven total, a laboratory's analysis, a voucher whose digest is
 * logged, a text that picks a factor, or somebody's word.
 */
export interface Origin {
  readonly kind: 'total' | 'analysis' | 'voucher' | 'choice' | 'manual'
  /** The evidence: the question that a total answers, the document's CID, or the reason of what was entered by hand. */
  readonly reference: string
}

/**
 * Why a number is what it is (追根溯源): its rule, what it was computed from, and where that is from. A graph without circles: each node is a
 * block, named by its CID, that names the nodes below it, so whoever holds the top holds every digit underneath.
 */
export interface TraceNode {
  readonly cid: CID
  readonly block: Block
  readonly name: string
  readonly row: number | undefined
  /** Fraction in the unit, or a text. */
  readonly value: string
  readonly unit: string
  readonly rule: string
  readonly inputs: readonly CID[]
}

export interface Trace {
  readonly nodes: ReadonlyMap<string, TraceNode>
  /** The nodes of each output, by row. */
  readonly outputs: ReadonlyMap<string, readonly CID[]>
}

/**
 * The trace of an outcome's outputs. The same methodology, factors, values and origins give the same CIDs anywhere.
 * @param originOf where an input of a row is from; row 0 where it has no group
 */
export function traceOf(outcome: Outcome, originOf: (input: string, row: number) => Origin): Trace {
  const { program, frame } = outcome
  const { methodology } = program
  const nodes = new Map<string, TraceNode>()
  const made = new Map<string, CID>()
  const steps = new Map(program.steps.flatMap((step) => (step.of === 'check' ? [] : [[nameOf(step), step] as const])))

  const put = (
    name: string,
    row: number | undefined,
    value: string,
    unit: string,
    rule: string,
    inputs: CID[],
    more: object,
  ): CID => {
    const block = encodeBlock({
      format: 'tanlian/trace/1',
      methodology: methodology.cid,
      name,
      ...(row === undefined ? {} : { row }),
      value,
      unit,
      rule,
      inputs,
      ...more,
    })
    nodes.set(block.cid.toString(), { cid: block.cid, block, name, row, value, unit, rule, inputs })
    return block.cid
  }

  const nodeOf = (name: string, row: number): readonly CID[] => {
    const step = steps.get(name) as Exclude<Step, { of: 'check' }>
    const over = overOf(step)
    const rows = over === undefined ? [undefined] : [row]
    return rows.flatMap((at) => {
      const key = `${name}\n${at ?? ''}`
      const known = made.get(key)
      if (known !== undefined) return [known]
      const value =
        at === undefined ? frame.slots[step.slot] : (frame.slots[step.slot] as readonly (Value | undefined)[])[at]
      // An optional input that was not given is no part of the reason.
      if (value === undefined) return []
      const cid = make(step, at, value as Value)
      made.set(key, cid)
      return [cid]
    })
  }

  const make = (step: Exclude<Step, { of: 'check' }>, row: number | undefined, value: Value): CID => {
    switch (step.of) {
      case 'input': {
        const { input } = step
        const { kind, reference } = originOf(input.name, row ?? 0)
        return put(input.name, row, textOf(value, input.unit), input.unit?.text ?? '', 'input', [], {
          origin: [kind, reference],
        })
      }
      case 'parameter': {
        const { parameter, slot } = step
        const { factor, source, unit } = parameter
        const found = outcome.factors.get(slot)?.[row ?? 0]
        const set = factor === undefined ? undefined : program.sets.get(factor.set)
        const { document, article, confidence } = found?.source ?? source ?? missingSource(parameter.name)
        const keys = factor?.by.flatMap((key) => nodeOf(key, row ?? 0)) ?? []
        return put(
          parameter.name,
          row,
          textOf(value, unit),
          unit.text,
          set === undefined ? 'constant' : 'factor',
          keys,
          {
            source: [document, article ?? '', confidence],
            ...(set === undefined ? {} : { set: set.cid, keys: found?.keys ?? [] }),
          },
        )
      }
      default: {
        const { equation } = step
        const inputs = step.uses.flatMap((name) => below(name, row))
        return put(equation.name, row, textOf(value, equation.unit), equation.unit.text, equation.is, inputs, {
          ...(equation.article === undefined ? {} : { article: equation.article }),
        })
      }
    }
  }

  /** What an equation read of a name: its own row, or all rows where it sums. */
  const below = (name: string, row: number | undefined): readonly CID[] => {
    const over = overOf(steps.get(name) as Exclude<Step, { of: 'check' }>)
    if (over === undefined || row !== undefined) return nodeOf(name, row ?? 0)
    return Array.from({ length: frame.rows.get(over) ?? 0 }, (_, at) => nodeOf(name, at)).flat()
  }

  const outputs = new Map(
    methodology.outputs.map(({ equation }) => {
      const over = overOf(steps.get(equation) as Exclude<Step, { of: 'check' }>)
      const rows = over === undefined ? 1 : (frame.rows.get(over) ?? 0)
      return [equation, Array.from({ length: rows }, (_, row) => nodeOf(equation, row)).flat()] as const
    }),
  )
  return { nodes, outputs }
}

function nameOf(step: Exclude<Step, { of: 'check' }>): string {
  return step.of === 'input' ? step.input.name : step.of === 'parameter' ? step.parameter.name : step.equation.name
}

function overOf(step: Exclude<Step, { of: 'check' }>): string | undefined {
  return step.of === 'input' ? step.input.group : step.over
}

function textOf(value: Value, unit: KindUnit | undefined): string {
  if (typeof value !== 'object') return String(value)
  const { numerator, denominator } = unit === undefined ? value : inUnit(value, unit)
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`
}

function inUnit(value: Ratio, { factor, offset }: KindUnit): Ratio {
  const shifted =
    offset.numerator === 0n
      ? value
      : {
          numerator: value.numerator * offset.denominator - offset.numerator * value.denominator,
          denominator: value.denominator * offset.denominator,
        }
  return divideRatios(shifted, factor)
}

function missingSource(name: string): never {
  throw new TanlianError('E_FACTOR_SET', `The parameter ${name} has no source.`, {
    values: { parameter: name, why: 'no source' },
  })
}
