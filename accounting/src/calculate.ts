import { divideRatios, multiplyRatios, parseRatio, type Ratio, ratio, roundRatio, TanlianError } from '@tanlian/units'
import { type Compiled, compile, type Declared, type Frame, type Type, type Value } from './compile.ts'
import { type Expression, namesIn, parseExpression } from './expression.ts'
import { type Factor, type FactorSet, factorOf } from './factor.ts'
import { type KindUnit, sameKind } from './kind.ts'
import {
  type Check,
  type Equation,
  type Input,
  type Methodology,
  type Parameter,
  requireDistinct,
} from './methodology.ts'

/** A methodology whose every equation has been parsed and checked by kinds: it runs without looking anything up but factors. */
export interface Program {
  readonly methodology: Methodology
  readonly sets: ReadonlyMap<string, FactorSet>
  readonly steps: readonly Step[]
  readonly slots: number
  readonly slotOf: ReadonlyMap<string, Declared>
}

/** One thing that gets a value, in order. */
export type Step =
  | { readonly of: 'input'; readonly input: Input; readonly slot: number }
  | {
      readonly of: 'parameter'
      readonly parameter: Parameter
      readonly slot: number
      readonly over: string | undefined
    }
  | EquationStep
  | { readonly of: 'check'; readonly check: Check; readonly compiled: Compiled }

export interface EquationStep {
  readonly of: 'equation'
  readonly equation: Equation
  readonly slot: number
  readonly compiled: Compiled
  readonly expression: Expression
  /** Names that it reads, for the trace. */
  readonly uses: readonly string[]
  readonly over: string | undefined
}

/** What a report gives for one input: decimal text in the input's unit, or a text. */
export type Given = Readonly<Record<string, string>>

/** All that a report gives. */
export interface ReportData {
  readonly values: Given
  /** Rows of each group. */
  readonly groups: Readonly<Record<string, readonly Given[]>>
}

/** The values that a methodology came to, in base units; a vector has one a row. */
export interface Outcome {
  readonly program: Program
  readonly frame: Frame
  /** Parameters' factors, by slot and row. */
  readonly factors: ReadonlyMap<number, readonly (Factor | undefined)[]>
  readonly checks: readonly { readonly check: Check; readonly rows: readonly number[] }[]
}

/** Greatest number of rows of one group. */
const MAX_ROWS = 20_000

/**
 * Prepares a methodology.
 * @throws TanlianError E_EXPRESSION_…, E_DOCUMENT_FORM, E_FACTOR_SET for a set that is not given or measures something else.
 */
export function compileMethodology(methodology: Methodology, sets: readonly FactorSet[]): Program {
  requireDistinct(methodology)
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
    steps.push({ of: 'input', input, slot: declare(input.name, type) })
  }
  for (const parameter of methodology.parameters) {
    let over: string | undefined
    if (parameter.factor !== undefined) {
      const set = requireSet(parameter, byId.get(parameter.factor.set))
      used.set(set.id, set)
      over = overOf(parameter, slotOf)
    }
    const slot = declare(parameter.name, { sort: 'quantity', kind: parameter.unit.kind, over })
    steps.push({ of: 'parameter', parameter, slot, over })
  }
  for (const equation of methodology.equations) {
    const [expression, compiled] = compileAt(equation.name, equation.is, slotOf)
    const { type } = compiled
    if (type.sort !== 'quantity') throw wrongKind(equation.name, `it gives a ${type.sort}`)
    if (type.zero !== true && !sameKind(type.kind, equation.unit.kind))
      throw wrongKind(
        equation.name,
        `it gives ${type.kind.name}, and its unit ${equation.unit.text} is ${equation.unit.kind.name}`,
      )
    const slot = declare(equation.name, { sort: 'quantity', kind: equation.unit.kind, over: type.over })
    steps.push({ of: 'equation', equation, slot, compiled, expression, uses: namesIn(expression), over: type.over })
  }
  for (const check of methodology.checks) {
    const [, compiled] = compileAt(check.name, check.is, slotOf)
    if (compiled.type.sort !== 'truth') throw wrongKind(check.name, 'a check gives a condition')
    steps.push({ of: 'check', check, compiled })
  }
  for (const { equation } of methodology.outputs)
    if (!methodology.equations.some(({ name }) => name === equation))
      throw wrongKind(equation, 'an output names an equation that is not there')
  return { methodology, sets: used, steps, slots: slotOf.size, slotOf }
}

/**
 * Runs a methodology on a report's data: exact fractions throughout, in the order of its equations.
 * @throws TanlianError E_INPUT_FORM, E_INPUT_UNKNOWN, E_INPUT_MISSING, E_FACTOR_MISSING, E_RATIO_ZERO, E_EQUATION_DOMAIN
 */
export function calculate(program: Program, data: ReportData): Outcome {
  requireKnown(program, data)
  const slots: (Value | undefined | readonly (Value | undefined)[])[] = new Array(program.slots)
  const rows = new Map([...program.methodology.groups.keys()].map((group) => [group, data.groups[group]?.length ?? 0]))
  const reasons = new Map<string, TanlianError>()
  const frame: Frame = { slots, rows, reasons }
  const factors = new Map<number, readonly (Factor | undefined)[]>()
  const checks: { check: Check; rows: readonly number[] }[] = []
  const each = <T>(over: string | undefined, valueAt: (row: number) => T): readonly T[] =>
    Array.from({ length: over === undefined ? 1 : (rows.get(over) ?? 0) }, (_, row) => valueAt(row))
  const put = (slot: number, over: string | undefined, values: readonly (Value | undefined)[]) => {
    slots[slot] = over === undefined ? values[0] : values
  }
  for (const step of program.steps)
    switch (step.of) {
      case 'input': {
        const { input, slot } = step
        const given = input.group === undefined ? [data.values] : (data.groups[input.group] ?? [])
        put(
          slot,
          input.group,
          given.map((values, row) => readInput(input, values[input.name], row)),
        )
        break
      }
      case 'parameter': {
        const { parameter, slot, over } = step
        const { factor, unit, value } = parameter
        if (factor === undefined) put(slot, over, [inBase(value as Ratio, unit)])
        else {
          const set = program.sets.get(factor.set) as FactorSet
          // A default that is not there matters only where an equation reads it: what was measured needs none.
          const found = each(over, (row) => {
            try {
              return factorOf(
                set,
                factor.by.map((name) => textAt(program, frame, name, row)),
              )
            } catch (error) {
              if (!(error instanceof TanlianError)) throw error
              reasons.set(`${slot} ${row}`, error)
              return undefined
            }
          })
          factors.set(slot, found)
          put(
            slot,
            over,
            found.map((one) => (one === undefined ? undefined : inBase(one.value, set.unit))),
          )
        }
        break
      }
      case 'equation': {
        const { equation, compiled, slot, over } = step
        put(
          slot,
          over,
          each(over, (row) => {
            const value = compiled.valueAt(frame, row) as Ratio
            return equation.carry ? inBase(shownRatio(value, equation), equation.unit) : value
          }),
        )
        break
      }
      case 'check': {
        const { check, compiled } = step
        const held = each(compiled.type.over, (row) => compiled.valueAt(frame, row) === true)
        checks.push({ check, rows: held.flatMap((holds, row) => (holds ? [] : [row])) })
      }
    }
  return { program, frame, factors, checks }
}

/** Values of an equation in its own unit, unrounded; one for each row, or one. */
export function valuesOf({ program, frame }: Outcome, name: string): readonly Ratio[] {
  const step = program.steps.find((one): one is EquationStep => one.of === 'equation' && one.equation.name === name)
  if (step === undefined)
    throw new TanlianError('E_EXPRESSION_NAME', `The methodology has no equation ${name}.`, { values: { name } })
  const value = frame.slots[step.slot]
  const list = step.over === undefined ? [value as Ratio] : (value as readonly Ratio[])
  return list.map((one) => divideRatios(one, step.equation.unit.factor))
}

/** The decimal text of a value in the equation's unit, rounded once, as the methodology says. */
export function shownText(value: Ratio, { places, rounding }: Pick<Equation, 'places' | 'rounding'>): string {
  const whole = roundRatio(multiplyRatios(value, ratio(10n ** BigInt(places))), rounding)
  const digits = (whole < 0n ? -whole : whole).toString().padStart(places + 1, '0')
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
  return whole < 0n ? `-${text}` : text
}

function shownRatio(base: Ratio, equation: Equation): Ratio {
  return parseRatio(shownText(divideRatios(base, equation.unit.factor), equation))
}

function inBase(value: Ratio, { factor, offset }: KindUnit): Ratio {
  const scaled = multiplyRatios(value, factor)
  if (offset.numerator === 0n) return scaled
  return ratio(
    scaled.numerator * offset.denominator + offset.numerator * scaled.denominator,
    scaled.denominator * offset.denominator,
  )
}

function readInput(input: Input, text: string | undefined, row: number): Value | undefined {
  if (text === undefined) {
    if (input.optional) return undefined
    const where = input.group === undefined ? '' : ` of row ${row + 1} of ${input.group}`
    throw new TanlianError('E_INPUT_MISSING', `${input.name}${where} is needed and was not given.`, {
      values: { name: input.name, row: input.group === undefined ? undefined : row + 1 },
    })
  }
  if (input.unit !== undefined) return inBase(parseRatio(text), input.unit)
  if (input.choices !== undefined && input.choices.length > 0 && !input.choices.includes(text))
    throw new TanlianError('E_INPUT_FORM', `${input.name} is none of ${input.choices.join(', ')}.`, {
      values: { name: input.name, text },
    })
  return text
}

/** What a methodology does not ask for is refused: a misspelt name must not vanish. */
function requireKnown({ methodology }: Program, { values, groups }: ReportData) {
  const unknown = (name: string, where: string) =>
    new TanlianError(
      'E_INPUT_UNKNOWN',
      `The methodology asks for no ${name} ${where}. Correct the name or leave it out.`,
      {
        values: { name, where },
      },
    )
  const check = (given: Given, group: string | undefined) => {
    for (const name of Object.keys(given))
      if (!methodology.inputs.some((input) => input.name === name && input.group === group))
        throw unknown(name, group === undefined ? 'on its own' : `in ${group}`)
  }
  check(values, undefined)
  for (const [group, rows] of Object.entries(groups)) {
    if (!methodology.groups.has(group)) throw unknown(group, 'as a group')
    if (rows.length > MAX_ROWS) throw unknown(`${rows.length} rows`, `in ${group}, at most ${MAX_ROWS}`)
    for (const row of rows) check(row, group)
  }
}

function textAt({ slotOf }: Program, { slots }: Frame, name: string, row: number): string {
  const { slot, type } = slotOf.get(name) as Declared
  const value = type.over === undefined ? slots[slot] : (slots[slot] as readonly Value[])[row]
  if (typeof value === 'string') return value
  throw new TanlianError('E_INPUT_MISSING', `${name} is needed to find a factor and was not given.`, {
    values: { name },
  })
}

function compileAt(name: string, is: string, names: ReadonlyMap<string, Declared>): readonly [Expression, Compiled] {
  try {
    const expression = parseExpression(is)
    return [expression, compile(expression, names)]
  } catch (error) {
    if (!(error instanceof TanlianError)) throw error
    throw new TanlianError(error.code, `${name}: ${error.message}`, {
      values: { equation: name, ...error.values },
      cause: error,
    })
  }
}

function requireSet({ name, unit, factor }: Parameter, set: FactorSet | undefined): FactorSet {
  if (set === undefined) throw setError(name, `the factor set ${factor?.set} is not given`)
  if (!sameKind(set.unit.kind, unit.kind))
    throw setError(name, `the set ${set.id} is in ${set.unit.text}, the parameter in ${unit.text}`)
  if (set.keys.length !== factor?.by.length)
    throw setError(name, `the set ${set.id} is found by ${set.keys.join(', ')}`)
  return set
}

function overOf({ name, factor }: Parameter, slotOf: ReadonlyMap<string, Declared>): string | undefined {
  let over: string | undefined
  for (const key of factor?.by ?? []) {
    const type = slotOf.get(key)?.type
    if (type?.sort !== 'text') throw setError(name, `"${key}" is no text input`)
    if (over !== undefined && type.over !== undefined && over !== type.over)
      throw setError(name, 'its keys are of two groups')
    over ??= type.over
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
