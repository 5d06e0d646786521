import { TanlianError } from '@tanlian/units'
import { approximateExp, approximateLn, approximateRoot, MAX_PLACES } from './approximate.ts'
import { type Binary, type Expression, expressionError } from './expression.ts'
import {
  add,
  compare,
  divide,
  type Fraction,
  lowest,
  multiply,
  negate,
  power,
  spend,
  trimmed,
  type Work,
  ZERO,
} from './fraction.ts'
import { divideKinds, type Kind, multiplyKinds, NUMBER, powerKind, sameKind } from './kind.ts'

/** What a name or an expression gives: a quantity of a kind, a truth or a text; one value, or one for each row of a group. */
export type Type =
  | { readonly sort: 'quantity'; readonly kind: Kind; readonly over: string | undefined; readonly zero?: true }
  | { readonly sort: 'truth' | 'text'; readonly over: string | undefined }

export type Value = Fraction | boolean | string

/** Where the values of names are found while a methodology runs. */
export interface Frame {
  /** By slot: one value, or one a row of its group; undefined where nothing was given. */
  readonly slots: readonly (Value | undefined | readonly (Value | undefined)[])[]
  /** Rows of each group. */
  readonly rows: ReadonlyMap<string, number>
  /** Why a slot has no value at a row, where it is not that nothing was given. */
  readonly reasons: Map<string, TanlianError>
  readonly work: Work
}

/** A name that an expression may use. */
export interface Declared {
  readonly type: Type
  readonly slot: number
}

/** An expression ready to run: its type, proven before any number is seen, and its value at a row (0 where there are no rows). */
export interface Compiled {
  readonly type: Type
  /** Steps that one value takes; sums pay for their rows by themselves. */
  readonly steps: number
  readonly valueAt: (frame: Frame, row: number) => Value
}

/** Greatest whole power. */
const MAX_POWER = 16
/** Steps of a root, logarithm or exponential, about. */
const APPROXIMATE_STEPS = 300

/**
 * Checks an expression by kinds and makes it ready to run (静态检查): what cannot be added, compared or summed is refused here, whatever the
 * numbers will be.
 * @throws TanlianError E_EXPRESSION_NAME, E_EXPRESSION_KIND, E_EXPRESSION_FORM; running it E_INPUT_MISSING, E_RATIO_ZERO, E_EQUATION_DOMAIN,
 *   E_EQUATION_SIZE, E_EQUATION_STEPS
 */
export function compile(expression: Expression, names: ReadonlyMap<string, Declared>): Compiled {
  const of = (one: Expression): Compiled => {
    switch (one.op) {
      case 'number': {
        const { value } = one
        const zero = value.numerator === 0n ? { zero: true as const } : {}
        return { type: { sort: 'quantity', kind: NUMBER, over: undefined, ...zero }, steps: 1, valueAt: () => value }
      }
      case 'text': {
        const { value } = one
        return { type: { sort: 'text', over: undefined }, steps: 1, valueAt: () => value }
      }
      case 'name':
        return named(one.name, one.at)
      case 'not': {
        const inner = truth(of(one.of), one.of)
        return { type: inner.type, steps: inner.steps + 1, valueAt: (frame, row) => inner.valueAt(frame, row) !== true }
      }
      case 'minus': {
        const inner = quantity(of(one.of), one.of)
        const { type, steps } = inner
        return { type, steps: steps + 1, valueAt: (frame, row) => negate(inner.numberAt(frame, row)) }
      }
      case 'call':
        return call(one.name, one.args, one.at)
      default:
        return binary(one.op, one.left, one.right, one.at)
    }
  }

  const named = (name: string, at: number): Compiled => {
    const declared = names.get(name)
    if (declared === undefined)
      throw new TanlianError(
        'E_EXPRESSION_NAME',
        `"${name}" at character ${at + 1} is neither input, parameter nor earlier result.`,
        {
          values: { name, at },
        },
      )
    const { slot, type } = declared
    const missing = (frame: Frame, row: number) => {
      const at = type.over === undefined ? undefined : row
      return frame.reasons.get(`${slot} ${at ?? 0}`) ?? missingInput(name, at)
    }
    if (type.over === undefined)
      return {
        type,
        steps: 1,
        valueAt: (frame, row) => {
          const value = frame.slots[slot]
          if (value === undefined) throw missing(frame, row)
          return value as Value
        },
      }
    return {
      type,
      steps: 1,
      valueAt: (frame, row) => {
        const value = (frame.slots[slot] as readonly (Value | undefined)[])[row]
        if (value === undefined) throw missing(frame, row)
        return value
      },
    }
  }

  const binary = (op: Binary, leftSide: Expression, rightSide: Expression, at: number): Compiled => {
    const [a, b] = [of(leftSide), of(rightSide)]
    const over = joined(a.type, b.type, at)
    const steps = a.steps + b.steps + 1
    if (op === 'and' || op === 'or') {
      const [left, right] = [truth(a, leftSide), truth(b, rightSide)]
      const stop = op === 'or'
      return {
        type: { sort: 'truth', over },
        steps,
        valueAt: (frame, row) => (left.valueAt(frame, row) === stop ? stop : right.valueAt(frame, row)),
      }
    }
    if (a.type.sort === 'text' && b.type.sort === 'text' && (op === '=' || op === '≠'))
      return {
        type: { sort: 'truth', over },
        steps,
        valueAt: (frame, row) => (a.valueAt(frame, row) === b.valueAt(frame, row)) === (op === '='),
      }
    const [left, right] = [quantity(a, leftSide), quantity(b, rightSide)]
    if (op === '×')
      return made(multiplyKinds(left.kind, right.kind), over, steps, (frame, row) =>
        trimmed(multiply(left.numberAt(frame, row), right.numberAt(frame, row)), frame.work),
      )
    if (op === '÷')
      return made(divideKinds(left.kind, right.kind), over, steps, (frame, row) =>
        trimmed(divide(left.numberAt(frame, row), right.numberAt(frame, row)), frame.work),
      )
    const kind = alike([left, right], at)
    if (op === '+')
      return made(kind, over, steps, (frame, row) =>
        trimmed(add(left.numberAt(frame, row), right.numberAt(frame, row)), frame.work),
      )
    if (op === '-')
      return made(kind, over, steps, (frame, row) =>
        trimmed(add(left.numberAt(frame, row), negate(right.numberAt(frame, row))), frame.work),
      )
    const holds = COMPARE[op]
    return {
      type: { sort: 'truth', over },
      steps,
      valueAt: (frame, row) => holds(compare(left.numberAt(frame, row), right.numberAt(frame, row))),
    }
  }

  const call = (name: string, args: readonly Expression[], at: number): Compiled => {
    const [first, second, third] = args as [Expression, Expression, Expression]
    switch (name) {
      case 'given': {
        if (first.op !== 'name') throw expressionError(first.at, 'given asks about a name')
        const { type } = named(first.name, first.at)
        const { slot } = names.get(first.name) as Declared
        return {
          type: { sort: 'truth', over: type.over },
          steps: 1,
          valueAt: (frame, row) => {
            const value = frame.slots[slot]
            return (type.over === undefined ? value : (value as readonly unknown[])[row]) !== undefined
          },
        }
      }
      case 'sum':
      case 'count':
      case 'average': {
        const terms = of(first)
        const group = terms.type.over
        if (group === undefined)
          throw expressionError(first.at, `${name} wants a value for each row, and this is one value`)
        const rowsOf = (frame: Frame) => {
          const rows = frame.rows.get(group) ?? 0
          spend(frame.work, rows * terms.steps)
          return rows
        }
        if (name === 'count')
          return made(NUMBER, undefined, 1, (frame) => {
            let count = 0n
            for (let row = 0, rows = rowsOf(frame); row < rows; row++)
              if (terms.type.sort !== 'truth' || terms.valueAt(frame, row) === true) count++
            return { numerator: count, denominator: 1n }
          })
        const values = quantity(terms, first)
        if (name === 'sum')
          return made(values.kind, undefined, 1, (frame) => total(frame, rowsOf(frame), values.numberAt))
        const weights = quantity(of(second), second)
        joined(terms.type, weights.type, at)
        return made(values.kind, undefined, weights.steps + 1, (frame) => {
          const rows = rowsOf(frame)
          const weighted = (_: Frame, row: number) =>
            multiply(values.numberAt(frame, row), weights.numberAt(frame, row))
          return trimmed(divide(total(frame, rows, weighted), total(frame, rows, weights.numberAt)), frame.work)
        })
      }
      case 'if': {
        const condition = truth(of(first), first)
        const [yes, no] = [of(second), of(third)]
        const over = [yes, no].reduce(
          (group, one) => joined({ ...condition.type, over: group }, one.type, at),
          condition.type.over,
        )
        const valueAt = (frame: Frame, row: number) =>
          (condition.valueAt(frame, row) === true ? yes : no).valueAt(frame, row)
        const steps = condition.steps + yes.steps + no.steps
        if (yes.type.sort === 'text' && no.type.sort === 'text') return { type: { sort: 'text', over }, steps, valueAt }
        const kind = alike([quantity(yes, second), quantity(no, third)], at)
        return made(kind, over, steps, valueAt as Quantity['numberAt'])
      }
      case 'min':
      case 'max': {
        const sides = args.map((one) => quantity(of(one), one))
        const wanted = name === 'min' ? -1 : 1
        return made(alike(sides, at), joinedAll(sides, at), stepsOf(sides), (frame, row) =>
          sides
            .map((side) => side.numberAt(frame, row))
            .reduce((best, value) => (compare(value, best) === wanted ? value : best)),
        )
      }
      case 'piecewise': {
        // x, bound, value, bound, value, …, value beyond all bounds: each bound is not included.
        if (args.length % 2 !== 0)
          throw expressionError(at, 'piecewise takes x, then pairs of bound and value, then the value beyond')
        const sides = args.map((one) => quantity(of(one), one))
        const [x, ...rest] = sides as [Quantity, ...Quantity[]]
        const bounds = rest.filter((_, place) => place % 2 === 0 && place < rest.length - 1)
        const values = rest.filter((_, place) => place % 2 === 1 || place === rest.length - 1)
        alike([x, ...bounds], at)
        return made(alike(values, at), joinedAll(sides, at), stepsOf(sides), (frame, row) => {
          const value = x.numberAt(frame, row)
          const place = bounds.findIndex((bound) => compare(value, bound.numberAt(frame, row)) < 0)
          return (values.at(place) as Quantity).numberAt(frame, row)
        })
      }
      case 'power': {
        const base = quantity(of(first), first)
        const exponent = literal(second, 'a power', -MAX_POWER, MAX_POWER)
        return made(powerKind(base.kind, exponent), base.type.over, base.steps + MAX_POWER, (frame, row) =>
          trimmed(power(base.numberAt(frame, row), exponent, frame.work), frame.work),
        )
      }
      default: {
        const value = quantity(of(first), first)
        const places = literal(second, 'a number of decimal places', 0, MAX_PLACES)
        if (!sameKind(value.kind, NUMBER)) throw kindError(at, `${name} of ${value.kind.name}: it wants a plain number`)
        const approximate = { root: approximateRoot, ln: approximateLn, exp: approximateExp }[
          name as 'root' | 'ln' | 'exp'
        ]
        return made(NUMBER, value.type.over, value.steps + APPROXIMATE_STEPS, (frame, row) =>
          approximate(lowest(value.numberAt(frame, row)), places),
        )
      }
    }
  }

  return of(expression)
}

const COMPARE: Readonly<Record<'<' | '≤' | '>' | '≥' | '=' | '≠', (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '≤': (order) => order <= 0,
  '>': (order) => order > 0,
  '≥': (order) => order >= 0,
  '=': (order) => order === 0,
  '≠': (order) => order !== 0,
}

/** A compiled expression that is known to give a quantity. */
interface Quantity extends Compiled {
  readonly kind: Kind
  readonly zero: boolean
  readonly numberAt: (frame: Frame, row: number) => Fraction
}

function made(kind: Kind, over: string | undefined, steps: number, valueAt: Quantity['numberAt']): Compiled {
  return { type: { sort: 'quantity', kind, over }, steps, valueAt }
}

function stepsOf(sides: readonly Compiled[]): number {
  return sides.reduce((sum, { steps }) => sum + steps, 1)
}

function quantity(compiled: Compiled, { at }: Expression): Quantity {
  const { type, valueAt } = compiled
  if (type.sort !== 'quantity') throw kindError(at, `a ${type.sort} stands where a quantity is expected`)
  return { ...compiled, kind: type.kind, zero: type.zero === true, numberAt: valueAt as Quantity['numberAt'] }
}

function truth(compiled: Compiled, { at }: Expression): Compiled {
  if (compiled.type.sort !== 'truth')
    throw kindError(at, `a ${compiled.type.sort} stands where a condition is expected`)
  return compiled
}

/** The one kind of quantities that are added, compared or chosen between; a bare 0 is of any kind. */
function alike(sides: readonly Quantity[], at: number): Kind {
  const [first, ...rest] = sides.filter(({ zero }) => !zero)
  if (first === undefined) return NUMBER
  for (const { kind } of rest)
    if (!sameKind(kind, first.kind)) throw kindError(at, `${first.kind.name} and ${kind.name} do not go together`)
  return first.kind
}

function joined(
  a: { readonly over: string | undefined },
  b: { readonly over: string | undefined },
  at: number,
): string | undefined {
  if (a.over !== undefined && b.over !== undefined && a.over !== b.over)
    throw kindError(at, `the rows of ${a.over} and of ${b.over} do not go together; sum one of them`)
  return a.over ?? b.over
}

function joinedAll(sides: readonly Quantity[], at: number): string | undefined {
  return sides.reduce<string | undefined>((over, { type }) => joined({ over }, type, at), undefined)
}

function total(frame: Frame, rows: number, numberAt: Quantity['numberAt']): Fraction {
  let sum = ZERO
  for (let row = 0; row < rows; row++) sum = trimmed(add(sum, numberAt(frame, row)), frame.work)
  return sum
}

function literal(expression: Expression, what: string, least: number, most: number): number {
  const [one, sign] = expression.op === 'minus' ? [expression.of, -1] : [expression, 1]
  const value = one.op === 'number' && one.value.denominator === 1n ? sign * Number(one.value.numerator) : Number.NaN
  if (value >= least && value <= most) return value
  throw expressionError(expression.at, `${what} is a whole number from ${least} to ${most}, written out`)
}

function kindError(at: number, why: string): TanlianError {
  return new TanlianError('E_EXPRESSION_KIND', `The equation does not fit at character ${at + 1}: ${why}.`, {
    values: { at, why },
  })
}

function missingInput(name: string, row: number | undefined): TanlianError {
  return new TanlianError(
    'E_INPUT_MISSING',
    `${name}${row === undefined ? '' : ` of row ${row + 1}`} is needed and was not given. Enter it, or its default where the methodology has one.`,
    { values: { name, row: row === undefined ? undefined : row + 1 } },
  )
}
