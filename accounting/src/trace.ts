import { type Block, encodeBlock } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { MAX_ROWS, nameOf, type Outcome } from './calculate.ts'
import type { Frame, Value } from './compiled.ts'
import { MAX_STEPS, spend } from './fraction.ts'
import { fromBase } from './kind.ts'
import type { Step } from './program.ts'
import { type NodeFields, writeNode } from './trace-node.ts'

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
export interface TraceNode extends NodeFields {
  readonly inputs: readonly TraceNode[]
  readonly cid: CID
  readonly block: Block
}

export interface Trace {
  /** Every node once, each after those that it was computed from. */
  readonly nodes: readonly TraceNode[]
  /** The nodes of each output, by row. */
  readonly outputs: ReadonlyMap<string, readonly TraceNode[]>
  /** Names the nodes of all outputs: one digit of anything below is another CID. */
  readonly top: Block
}

export const TRACE_FORMAT = 'tanlian/trace/1'

type ValueStep = Exclude<Step, { of: 'check' }>

/**
 * The trace of an outcome's outputs. The same methodology, factors, values and origins give the same CIDs anywhere.
 * @param originOf where an input of a row is from; row 0 where it has no group
 * @throws TanlianError E_EQUATION_STEPS where rows that each sum all rows would take too many links
 */
export function traceOf(outcome: Outcome, originOf: (input: string, row: number) => Origin): Trace {
  const { program, chosen } = outcome
  const nodes: TraceNode[] = []
  // Reading again which side of a choice was taken is work of its own.
  const frame: Frame = { ...outcome.frame, work: { left: MAX_STEPS } }
  const steps = new Map<string, ValueStep>()
  const bySlot: ValueStep[] = []
  const made = new Map<ValueStep, (TraceNode | undefined)[]>()
  for (const step of program.steps)
    if (step.of !== 'check') {
      steps.set(nameOf(step), step)
      bySlot[step.slot] = step
      made.set(step, [])
    }
  const stepOf = (name: string) => steps.get(name) as ValueStep

  /** The node of a value; none for an optional input that was not given, which is no part of the reason. */
  const nodeOf = (step: ValueStep, row: number, into: TraceNode[]) => {
    const { slot, over } = step
    const at = over === undefined ? 0 : row
    const known = made.get(step) as (TraceNode | undefined)[]
    let node = known[at]
    if (node === undefined) {
      const held = frame.slots[slot]
      const value = over === undefined ? (held as Value | undefined) : (held as readonly (Value | undefined)[])[at]
      if (value === undefined) return
      node = writeNode(program, fieldsOf(step, at, value))
      known[at] = node
      nodes.push(node)
    }
    into.push(node)
  }

  const fieldsOf = (step: ValueStep, row: number, value: Value): Omit<TraceNode, 'cid' | 'block'> => {
    const shared = { name: nameOf(step), row: step.over === undefined ? undefined : row }
    const inputs: TraceNode[] = []
    if (step.of === 'input') {
      const { unit } = step.input
      const origin = originOf(step.input.name, row)
      return { ...shared, value: textOf(value, unit), unit: unit?.text ?? '', rule: 'input', inputs, origin }
    }
    if (step.of === 'equation') {
      const seen = new Set<number>()
      step.compiled.read(frame, row, (slot, at) => {
        const key = slot * MAX_ROWS + at
        if (seen.has(key)) return
        seen.add(key)
        spend(frame.work, 1)
        nodeOf(bySlot[slot] as ValueStep, at, inputs)
      })
      const { unit, is, article } = step.equation
      return { ...shared, value: textOf(value, unit), unit: unit.text, rule: is, inputs, article }
    }
    const { parameter, slot, set } = step
    const { unit, measured, constant, fallback, factor } = parameter
    const how = chosen.get(slot)?.[row] ?? { by: 'nothing' as const }
    const at = { ...shared, value: textOf(value, unit), unit: unit.text, rule: how.by as string, inputs }
    switch (how.by) {
      case 'measured':
        nodeOf(stepOf(measured as string), row, inputs)
        return at
      case 'factor': {
        for (const key of factor?.by ?? []) nodeOf(stepOf(key), row, inputs)
        return { ...at, source: how.factor.source, set: set?.cid, keys: how.factor.keys }
      }
      default:
        return { ...at, source: (how.by === 'constant' ? constant : fallback)?.source ?? noSource(parameter.name) }
    }
  }

  const allOf = (step: ValueStep, into: TraceNode[]) => {
    const rows = step.over === undefined ? 1 : (frame.rows.get(step.over) ?? 0)
    spend(frame.work, rows)
    for (let row = 0; row < rows; row++) nodeOf(step, row, into)
  }

  const outputs = new Map(
    program.methodology.outputs.map(({ equation }) => {
      const tops: TraceNode[] = []
      allOf(stepOf(equation), tops)
      return [equation, tops] as const
    }),
  )
  const named = [...outputs].map(([name, tops]) => [name, tops.map(({ cid }) => cid)])
  return { nodes, outputs, top: encodeBlock({ format: TRACE_FORMAT, outputs: named }) }
}

function textOf(value: Value, unit: Parameters<typeof fromBase>[1] | undefined): string {
  if (typeof value !== 'object' || unit === undefined) return String(value)
  const { numerator, denominator } = fromBase(value, unit)
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`
}

function noSource(name: string): never {
  throw new TanlianError('E_FACTOR_SET', `The parameter ${name} has no source.`, {
    values: { parameter: name, why: 'no source' },
  })
}
