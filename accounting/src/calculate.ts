import { parseRatio, type Ratio, roundRatio, TanlianError } from '@tanlian/units'
import type { Declared, Frame, Value } from './compiled.ts'
import { type Factor, type FactorSet, missingFactor } from './factor.ts'
import { type Fraction, lowest, MAX_STEPS, multiply, parseFraction, spend } from './fraction.ts'
import { fromBase, toBase } from './kind.ts'
import type { Check, Equation, FactorReference, Given, Input, ReportData } from './methodology.ts'
import { equationStep, type Program, type Step } from './program.ts'

/** The values that a methodology came to, in base units; a vector has one a row. */
export interface Outcome {
  readonly program: Program
  readonly frame: Frame
  /** How parameters got their values, by slot and row. */
  readonly chosen: ReadonlyMap<number, readonly Chosen[]>
  /** The checks, each with the rows where it does not hold; row 0 where it has none. */
  readonly checks: readonly { readonly check: Check; readonly rows: readonly number[] }[]
}

/** How a parameter got its value: what was measured, its default, its conservative fallback (保守值), or not at all. */
export type Chosen =
  | { readonly by: 'measured' | 'constant' | 'fallback' | 'nothing' }
  | { readonly by: 'factor'; readonly factor: Factor }

/** Multiplies an input or parameter of a row, to see what a change of it does; 1 where undefined. */
export type Change = (name: string, row: number) => Fraction | undefined

/** Greatest number of rows of one group. */
export const MAX_ROWS = 20_000

/**
 * Runs a methodology on a report's data: exact fractions throughout, in the order of its equations.
 * @throws TanlianError E_INPUT_FORM, E_INPUT_UNKNOWN, E_INPUT_MISSING, E_DECIMAL_FORM, E_FACTOR_MISSING, E_RATIO_ZERO, E_EQUATION_DOMAIN,
 *   E_EQUATION_SIZE, E_EQUATION_STEPS
 */
export function calculate(program: Program, data: ReportData, change?: Change): Outcome {
  requireKnown(program, data)
  const rows = new Map<string, number>()
  for (const group of program.methodology.groups.keys()) rows.set(group, rowsOf(data, group).length)
  const reasons = new Map<string, () => TanlianError>()
  const slots: (Value | undefined | readonly (Value | undefined)[])[] = new Array(program.slots)
  const frame: Frame = { slots, rows, reasons, work: { left: MAX_STEPS } }
  const chosen = new Map<number, readonly Chosen[]>()
  const checks: { check: Check; rows: readonly number[] }[] = []
  for (const step of program.steps) {
    if (step.of === 'check') {
      const { check, compiled } = step
      const held = each(frame, compiled.type.over, (row) => compiled.valueAt(frame, row) === true, compiled.steps)
      checks.push({ check, rows: held.flatMap((holds, row) => (holds ? [] : [row])) })
      continue
    }
    const values =
      step.of === 'parameter' ? valuesOfParameter(program, frame, step, chosen) : valuesOfStep(frame, step, data)
    const changed =
      change === undefined || step.of === 'equation'
        ? values
        : values.map((value, row) => changedBy(value, change(nameOf(step), row)))
    slots[step.slot] = step.over === undefined ? changed[0] : changed
  }
  return { program, frame, chosen, checks }
}

/** Values of an equation in its own unit, unrounded; one for each row, or one. @throws TanlianError E_EXPRESSION_NAME */
export function valuesOf({ program, frame }: Outcome, name: string): readonly Ratio[] {
  const { slot, over, equation } = equationStep(program, name)
  const value = frame.slots[slot]
  const list = over === undefined ? [value as Fraction] : (value as readonly Fraction[])
  return list.map((one) => fromBase(one, equation.unit))
}

/** The decimal text of a value in the equation's unit, rounded once, as the methodology says. */
export function shownText(value: Ratio, { places, rounding }: Pick<Equation, 'places' | 'rounding'>): string {
  const { numerator, denominator } = value
  const whole = roundRatio({ numerator: numerator * 10n ** BigInt(places), denominator }, rounding)
  const digits = (whole < 0n ? -whole : whole).toString().padStart(places + 1, '0')
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
  return whole < 0n ? `-${text}` : text
}

/** What an equation shows, a text for each row, or one. @throws TanlianError E_EXPRESSION_NAME */
export function shownTexts(outcome: Outcome, name: string): readonly string[] {
  const { equation } = equationStep(outcome.program, name)
  return valuesOf(outcome, name).map((value) => shownText(value, equation))
}

/** The name of what a step gives a value to. */
export function nameOf(step: Exclude<Step, { of: 'check' }>): string {
  return step.of === 'input' ? step.input.name : step.of === 'parameter' ? step.parameter.name : step.equation.name
}

function valuesOfStep(
  frame: Frame,
  step: Extract<Step, { of: 'input' | 'equation' }>,
  data: ReportData,
): readonly (Value | undefined)[] {
  if (step.of === 'input') {
    const { input, over } = step
    const given = over === undefined ? [data.values] : rowsOf(data, over)
    return given.map((values, row) => readInput(input, values, row))
  }
  const { equation, compiled, over } = step
  return each(
    frame,
    over,
    (row) => {
      const value = compiled.valueAt(frame, row) as Fraction
      return equation.carry ? carried(value, equation) : value
    },
    compiled.steps,
  )
}

/** The first of measured, default and fallback that there is. What is missing is asked for only where an equation reads it. */
function valuesOfParameter(
  program: Program,
  frame: Frame,
  step: Extract<Step, { of: 'parameter' }>,
  chosen: Map<number, readonly Chosen[]>,
): readonly (Value | undefined)[] {
  const { parameter, slot, over, set } = step
  const { measured, constant, fallback, factor, unit } = parameter
  const how: Chosen[] = []
  const values = each(frame, over, (row): Value | undefined => {
    const own = measured === undefined ? undefined : valueAt(program.slotOf.get(measured), frame, row)
    if (own !== undefined) {
      how[row] = { by: 'measured' }
      return own
    }
    if (constant !== undefined) {
      how[row] = { by: 'constant' }
      return toBase(constant.value, unit)
    }
    if (set !== undefined && factor !== undefined) {
      const keys = factor.keys ?? factor.by.map((name) => valueAt(program.slotOf.get(name), frame, row))
      const found = set.byKeys.get(keys.join('\n'))
      if (found !== undefined) {
        how[row] = { by: 'factor', factor: found }
        return toBase(found.value, set.unit)
      }
      if (fallback === undefined) frame.reasons.set(`${slot} ${row}`, () => unfound(set, factor, keys))
    }
    how[row] = { by: fallback === undefined ? 'nothing' : 'fallback' }
    return fallback === undefined ? undefined : toBase(fallback.value, unit)
  })
  chosen.set(slot, how)
  return values
}

function each<T>(frame: Frame, over: string | undefined, valueAt: (row: number) => T, steps = 1): readonly T[] {
  const rows = over === undefined ? 1 : (frame.rows.get(over) ?? 0)
  spend(frame.work, rows * steps)
  const values: T[] = new Array(rows)
  for (let row = 0; row < rows; row++) values[row] = valueAt(row)
  return values
}

function carried(base: Fraction, equation: Equation): Fraction {
  return toBase(parseRatio(shownText(fromBase(base, equation.unit), equation)), equation.unit)
}

function changedBy(value: Value | undefined, change: Fraction | undefined): Value | undefined {
  return typeof value !== 'object' || change === undefined ? value : lowest(multiply(value, change))
}

function readInput(input: Input, given: Given, row: number): Value | undefined {
  const text = Object.hasOwn(given, input.name) ? given[input.name] : undefined
  if (text === undefined) {
    if (input.optional) return undefined
    const where = input.group === undefined ? '' : ` of row ${row + 1} of ${input.group}`
    throw new TanlianError('E_INPUT_MISSING', `${input.name}${where} is needed and was not given.`, {
      values: { name: input.name, row: input.group === undefined ? undefined : row + 1 },
    })
  }
  if (input.unit !== undefined) return toBase(parseFraction(text), input.unit)
  if (input.choices !== undefined && input.choices.length > 0 && !input.choices.includes(text))
    throw new TanlianError('E_INPUT_FORM', `${input.name} is none of ${input.choices.join(', ')}.`, {
      values: { name: input.name, text },
    })
  return text
}

/** The rows of a group; a name such as `constructor` is no group that was given. */
function rowsOf({ groups }: ReportData, group: string): readonly Given[] {
  return Object.hasOwn(groups, group) ? (groups[group] ?? []) : []
}

/** What a methodology does not ask for is refused: a misspelt name must not vanish. */
function requireKnown(program: Program, { values, groups }: ReportData) {
  const { methodology } = program
  const check = (given: Given, group: string | undefined) => {
    for (const name in given) {
      const declared = program.slotOf.get(name)
      if (declared === undefined || declared.slot >= methodology.inputs.length || declared.type.over !== group)
        throw unknown(name, group === undefined ? 'on its own' : `in ${group}`)
    }
  }
  check(values, undefined)
  for (const [group, rows] of Object.entries(groups)) {
    if (!methodology.groups.has(group)) throw unknown(group, 'as a group')
    if (rows.length > MAX_ROWS) throw unknown(`${rows.length} rows`, `in ${group}, at most ${MAX_ROWS}`)
    for (const row of rows) check(row, group)
  }
}

function unknown(name: string, where: string): TanlianError {
  return new TanlianError(
    'E_INPUT_UNKNOWN',
    `The methodology asks for no ${name.slice(0, 80)} ${where}. Correct the name or leave it out.`,
    { values: { name: name.slice(0, 80), where } },
  )
}

/** Why a factor was not found: a key that was not given, or a row that the set does not have. */
function unfound(set: FactorSet, { by }: FactorReference, keys: readonly (Value | undefined)[]): TanlianError {
  const name = by.find((_, place) => keys[place] === undefined)
  if (name === undefined) return missingFactor(set, keys.map(String))
  return new TanlianError('E_INPUT_MISSING', `${name} is needed to find a factor and was not given.`, {
    values: { name },
  })
}

function valueAt(declared: Declared | undefined, { slots }: Frame, row: number): Value | undefined {
  if (declared === undefined) return undefined
  const value = slots[declared.slot]
  return declared.type.over === undefined ? (value as Value | undefined) : (value as readonly Value[])[row]
}
