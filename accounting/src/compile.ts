import { TanlianError } from '@tanlian/units'
import { compileCall } from './compile-call.ts'
import {
  alike,
  type Compiled,
  type Declared,
  type Frame,
  joined,
  made,
  quantity,
  truth,
  typeOf,
  type Value,
} from './compiled.ts'
import type { Binary, Expression } from './expression.ts'
import { add, compare, divide, type Fraction, multiply, negate, trimmed } from './fraction.ts'
import { divideKinds, multiplyKinds, NUMBER } from './kind.ts'

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
        const type = typeOf(NUMBER, undefined)
        return made(value.numerator === 0n ? { ...type, zero: true } : type, [], () => value)
      }
      case 'text': {
        const { value } = one
        return made({ sort: 'text', over: undefined }, [], () => value)
      }
      case 'name':
        return compileName(one.name, one.at, names)
      case 'not': {
        const inner = truth(of(one.of), one.of)
        return made(inner.type, [inner], (frame, row) => inner.valueAt(frame, row) !== true)
      }
      case 'minus': {
        const inner = quantity(of(one.of), one.of)
        return made(inner.type, [inner], (frame, row) => negate(inner.numberAt(frame, row)))
      }
      case 'call':
        return compileCall(one, of, names)
      default:
        return compileBinary(one, of(one.left), of(one.right))
    }
  }
  return of(expression)
}

function compileName(name: string, at: number, names: ReadonlyMap<string, Declared>): Compiled {
  const declared = names.get(name)
  if (declared === undefined)
    throw new TanlianError(
      'E_EXPRESSION_NAME',
      `"${name}" at character ${at + 1} is neither input, parameter nor earlier result.`,
      { values: { name, at } },
    )
  const { slot, type } = declared
  const single = type.over === undefined
  const missing = (frame: Frame, row: number) =>
    frame.reasons.get(`${slot} ${single ? 0 : row}`)?.() ?? missingInput(name, single ? undefined : row)
  return {
    type,
    steps: 1,
    read: (_, row, visit) => visit(slot, single ? 0 : row),
    valueAt: single
      ? (frame, row) => {
          const value = frame.slots[slot]
          if (value === undefined) throw missing(frame, row)
          return value as Value
        }
      : (frame, row) => {
          const value = (frame.slots[slot] as readonly (Value | undefined)[])[row]
          if (value === undefined) throw missing(frame, row)
          return value
        },
  }
}

function compileBinary(
  { op, left, right, at }: Extract<Expression, { op: Binary }>,
  a: Compiled,
  b: Compiled,
): Compiled {
  const parts = [a, b]
  const over = joined(parts, at)
  if (op === 'and' || op === 'or') {
    truth(a, left)
    truth(b, right)
    // The right side is read only where the left one does not decide.
    const stop = op === 'or'
    return {
      type: { sort: 'truth', over },
      steps: a.steps + b.steps + 1,
      valueAt: (frame, row) => (a.valueAt(frame, row) === stop ? stop : b.valueAt(frame, row)),
      read: (frame, row, visit) => {
        a.read(frame, row, visit)
        if (a.valueAt(frame, row) !== stop) b.read(frame, row, visit)
      },
    }
  }
  if (a.type.sort === 'text' && b.type.sort === 'text' && (op === '=' || op === '≠'))
    return made(
      { sort: 'truth', over },
      parts,
      (frame, row) => (a.valueAt(frame, row) === b.valueAt(frame, row)) === (op === '='),
    )
  const [one, two] = [quantity(a, left), quantity(b, right)]
  const [x, y] = [one.numberAt, two.numberAt]
  switch (op) {
    case '×':
      return made(typeOf(multiplyKinds(one.kind, two.kind), over), parts, (frame, row) =>
        trimmed(multiply(x(frame, row), y(frame, row)), frame.work),
      )
    case '÷':
      return made(typeOf(divideKinds(one.kind, two.kind), over), parts, (frame, row) =>
        trimmed(divide(x(frame, row), y(frame, row)), frame.work),
      )
    case '+':
    case '-': {
      const term: (value: Fraction) => Fraction = op === '+' ? (value) => value : negate
      return made(typeOf(alike([one, two], at), over), parts, (frame, row) =>
        trimmed(add(x(frame, row), term(y(frame, row))), frame.work),
      )
    }
    default: {
      alike([one, two], at)
      const holds = COMPARE[op]
      return made({ sort: 'truth', over }, parts, (frame, row) => holds(compare(x(frame, row), y(frame, row))))
    }
  }
}

const COMPARE: Readonly<Record<'<' | '≤' | '>' | '≥' | '=' | '≠', (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '≤': (order) => order <= 0,
  '>': (order) => order > 0,
  '≥': (order) => order >= 0,
  '=': (order) => order === 0,
  '≠': (order) => order !== 0,
}

function missingInput(name: string, row: number | undefined): TanlianError {
  return new TanlianError(
    'E_INPUT_MISSING',
    `${name}${row === undefined ? '' : ` of row ${row + 1}`} is needed and was not given. Enter it, or its default where the methodology has one.`,
    { values: { name, row: row === undefined ? undefined : row + 1 } },
  )
}
