import { TanlianError } from '@tanlian/units'
import { compile } from './compile.ts'
import type { Compiled, Declared, Type } from './compiled.ts'
import { parseExpression } from './expression.ts'
import { type FactorSet, unitOfRow } from './factor.ts'
import { sameKind } from './kind.ts'
import type { Check, Equation, FactorReference, Input, Methodology, Parameter } from './methodology.ts'

/** A methodology whose every equation has been parsed and checked by kinds: it runs without looking anything up but factors. */
export interface Program {
  readonly methodology: Methodology
  /** The factor sets that it reads, by id. */
  readonly sets: ReadonlyMap<string, FactorSet>
  readonly steps: readonly Step[]
  readonly slots: number
  readonly slotOf: ReadonlyMap<string, Declared>
}

/** One thing that gets a value, in order. */
export type Step =
  | { readonly of: 'input'; readonly input: Input; readonly slot: number; readonly over: string | undefined }
  | {
      readonly of: 'parameter'
      readonly parameter: Parameter
      readonly slot: number
      readonly over: string | undefined
      readonly set: FactorSet | undefined
    }
  | EquationStep
  | { readonly of: 'check'; readonly check: Check; readonly compiled: Compiled }

export interface EquationStep {
  readonly of: 'equation'
  readonly equation: Equation
  readonly slot: number
  readonly compiled: Compiled
  readonly over: string | undefined
}

/** Greatest number of characters of all equations and checks together. */
const MAX_EQUATIONS = 100_000

/**
 * Prepares a methodology: parses and checks every equation.
 * @throws TanlianError E_EXPRESSION_…, E_DOCUMENT_FORM, E_DOCUMENT_SIZE, E_FACTOR_SET for a set that is not given or measures something else.
 */
export function compileMethodology(methodology: Methodology, sets: readonly FactorSet[]): Program {
  requireShort(methodology)
  const byId = new Map(sets.map((set) => [set.id, set]))
  const slotOf = new Map<string, Declared>()
  const steps: Step[] = []
  const used = new Map<string, FactorSet>()
  const declare = (name: string, type: Type): number => {
    const slot = slotOf.size
    slotOf.set(name, { type, slot })
    return slot
  }
  for (const input of methodology.inputs) {
    const { unit, group } = input
    const type: Type =
      unit === undefined ? { sort: 'text', over: group } : { sort: 'quantity', kind: unit.kind, over: group }
    steps.push({ of: 'input', input, slot: declare(input.name, type), over: group })
  }
  for (const parameter of methodology.parameters) {
    const { factor, name, unit } = parameter
    const set = factor === undefined ? undefined : requireSet(parameter, factor, byId.get(factor.set))
    if (set !== undefined) used.set(set.id, set)
    const over = overOf(parameter, slotOf, methodology)
    steps.push({
      of: 'parameter',
      parameter,
      slot: declare(name, { sort: 'quantity', kind: unit.kind, over }),
      over,
      set,
    })
  }
  for (const equation of methodology.equations) {
    const compiled = compileAt(equation.name, equation.is, slotOf)
    const { type } = compiled
    if (type.sort !== 'quantity') throw wrongKind(equation.name, `it gives a ${type.sort}`)
    if (type.zero !== true && !sameKind(type.kind, equation.unit.kind))
      throw wrongKind(
        equation.name,
        `it gives ${type.kind.name}, and its unit ${equation.unit.text} is ${equation.unit.kind.name}`,
      )
    const slot = declare(equation.name, { sort: 'quantity', kind: equation.unit.kind, over: type.over })
    steps.push({ of: 'equation', equation, slot, compiled, over: type.over })
  }
  for (const check of methodology.checks) {
    const compiled = compileAt(check.name, check.is, slotOf)
    if (compiled.type.sort !== 'truth') throw wrongKind(check.name, 'a check gives a condition')
    steps.push({ of: 'check', check, compiled })
  }
  for (const { equation } of methodology.outputs)
    if (!methodology.equations.some(({ name }) => name === equation))
      throw wrongKind(equation, 'an output names an equation that is not there')
  for (const { of } of methodology.uncertainty)
    if (slotOf.get(of)?.type.sort !== 'quantity' || methodology.equations.some(({ name }) => name === of))
      throw wrongKind(of, 'an uncertainty names neither an input nor a parameter that is a quantity')
  return { methodology, sets: used, steps, slots: slotOf.size, slotOf }
}

/** The equation of this name. @throws TanlianError E_EXPRESSION_NAME */
export function equationStep({ steps }: Program, name: string): EquationStep {
  const step = steps.find((one): one is EquationStep => one.of === 'equation' && one.equation.name === name)
  if (step === undefined)
    throw new TanlianError('E_EXPRESSION_NAME', `The methodology has no equation ${name}.`, { values: { name } })
  return step
}

function requireShort({ equations, checks }: Methodology) {
  const size = [...equations, ...checks].reduce((sum, { is }) => sum + is.length, 0)
  if (size > MAX_EQUATIONS)
    throw new TanlianError('E_DOCUMENT_SIZE', `The equations have more than ${MAX_EQUATIONS} characters together.`, {
      values: { what: 'equations', most: MAX_EQUATIONS },
    })
}

function compileAt(name: string, is: string, names: ReadonlyMap<string, Declared>): Compiled {
  try {
    return compile(parseExpression(is), names)
  } catch (error) {
    if (!(error instanceof TanlianError)) throw error
    throw new TanlianError(error.code, `${name}: ${error.message}`, {
      values: { equation: name, ...error.values },
      cause: error,
    })
  }
}

function requireSet({ name, unit }: Parameter, factor: FactorReference, set: FactorSet | undefined): FactorSet {
  if (set === undefined) throw setError(name, `the factor set ${factor.set} is not given`)
  if ((factor.keys ?? factor.by).length !== set.keys.length)
    throw setError(name, `the set ${set.id} is found by ${set.keys.join(', ')}`)
  const own = factor.keys === undefined ? set.unit : unitOfRow(set, factor.keys)
  if (!sameKind(own.kind, unit.kind))
    throw setError(name, `the set ${set.id} is in ${own.text}, the parameter in ${unit.text}`)
  return set
}

/** The group that a parameter has a value for each row of: that of what was measured, or of its keys. */
function overOf(
  { name, factor, measured, unit }: Parameter,
  slotOf: ReadonlyMap<string, Declared>,
  { inputs }: Methodology,
): string | undefined {
  let over: string | undefined
  const join = (group: string | undefined) => {
    if (over !== undefined && group !== undefined && over !== group)
      throw setError(name, 'its keys and what is measured are of two groups')
    over ??= group
  }
  if (measured !== undefined) {
    const input = inputs.find((one) => one.name === measured)
    if (input?.unit === undefined || !input.optional) throw setError(name, `"${measured}" is no optional quantity`)
    if (!sameKind(input.unit.kind, unit.kind))
      throw setError(name, `"${measured}" is in ${input.unit.text}, the parameter in ${unit.text}`)
    join(input.group)
  }
  for (const key of factor?.by ?? []) {
    const type = slotOf.get(key)?.type
    if (type?.sort !== 'text') throw setError(name, `"${key}" is no text input`)
    join(type.over)
  }
  return over
}

function setError(parameter: string, why: string): TanlianError {
  return new TanlianError('E_FACTOR_SET', `The parameter ${parameter} cannot be found: ${why}.`, {
    values: { parameter, why },
  })
}

function wrongKind(equation: string, why: string): TanlianError {
  return new TanlianError('E_EXPRESSION_KIND', `${equation}: ${why}.`, { values: { equation, why } })
}
