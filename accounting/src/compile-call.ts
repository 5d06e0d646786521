import { approximateExp, approximateLn, approximateRoot, domainError, MAX_PLACES } from './approximate.ts'
import {
  alike,
  type Compiled,
  type Declared,
  type Frame,
  joined,
  kindError,
  literal,
  made,
  type Quantity,
  quantity,
  truth,
  typeOf,
  type Visit,
} from './compiled.ts'
import { type Expression, expressionError } from './expression.ts'
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
  ZERO,
} from './fraction.ts'
import { NUMBER, powerKind, sameKind } from './kind.ts'

type Call = Extract<Expression, { op: 'call' }>
type Compile = (expression: Expression) => Compiled

/** Greatest whole power. */
const MAX_POWER = 16
/** Steps of a root, logarithm or exponential, about. */
const APPROXIMATE_STEPS = 300

/** A function of the language, checked and ready to run. @throws TanlianError E_EXPRESSION_KIND, E_EXPRESSION_FORM, E_EXPRESSION_NAME */
export function compileCall(call: Call, of: Compile, names: ReadonlyMap<string, Declared>): Compiled {
  switch (call.name) {
    case 'given':
      return compileGiven(call, of, names)
    case 'sum':
    case 'count':
    case 'average':
      return compileFold(call, of)
    case 'if':
      return compileIf(call, of)
    case 'min':
    case 'max':
      return compileExtreme(call, of)
    case 'piecewise':
      return compilePiecewise(call, of)
    case 'interpolate':
      return compileInterpolate(call, of)
    case 'table':
      return compileTable(call, of)
    case 'power':
      return compilePower(call, of)
    default:
      return compileApproximate(call, of)
  }
}

/** given(name): whether a value was given. */
function compileGiven({ args }: Call, of: Compile, names: ReadonlyMap<string, Declared>): Compiled {
  const [asked] = args as [Expression]
  if (asked.op !== 'name') throw expressionError(asked.at, 'given asks about a name')
  const { type, read } = of(asked)
  const { slot } = names.get(asked.name) as Declared
  const valueAt = (frame: Frame, row: number) => {
    const value = frame.slots[slot]
    return (type.over === undefined ? value : (value as readonly unknown[])[row]) !== undefined
  }
  return { type: { sort: 'truth', over: type.over }, steps: 1, valueAt, read }
}

/** sum(x), count(x or condition), average(x, weight): one value of all rows. */
function compileFold({ name, args, at }: Call, of: Compile): Compiled {
  const [first, second] = args as [Expression, Expression]
  const terms = of(first)
  const group = terms.type.over
  if (group === undefined) throw expressionError(first.at, `${name} wants a value for each row, and this is one value`)
  const rowsOf = (frame: Frame) => {
    const rows = frame.rows.get(group) ?? 0
    spend(frame.work, rows * terms.steps)
    return rows
  }
  const over = (
    parts: readonly Compiled[],
    kind: Quantity['kind'],
    fold: (frame: Frame, rows: number) => Fraction,
  ) => ({
    type: typeOf(kind, undefined),
    steps: 1,
    valueAt: (frame: Frame) => fold(frame, rowsOf(frame)),
    read: (frame: Frame, _: number, visit: Visit) => {
      for (let row = 0, rows = rowsOf(frame); row < rows; row++) for (const part of parts) part.read(frame, row, visit)
    },
  })
  if (name === 'count') {
    const counts = terms.type.sort === 'truth' ? terms.valueAt : () => true
    return over([terms], NUMBER, (frame, rows) => {
      let count = 0n
      for (let row = 0; row < rows; row++) if (counts(frame, row) === true) count++
      return { numerator: count, denominator: 1n }
    })
  }
  const values = quantity(terms, first)
  if (name === 'sum') return over([terms], values.kind, (frame, rows) => total(frame, rows, values.numberAt))
  const weights = quantity(of(second), second)
  joined([terms, weights], at)
  return over([terms, weights], values.kind, (frame, rows) => {
    spend(frame.work, rows * weights.steps)
    const weighted = (_: Frame, row: number) => multiply(values.numberAt(frame, row), weights.numberAt(frame, row))
    return trimmed(divide(total(frame, rows, weighted), total(frame, rows, weights.numberAt)), frame.work)
  })
}

function total(frame: Frame, rows: number, numberAt: Quantity['numberAt']): Fraction {
  let sum = ZERO
  for (let row = 0; row < rows; row++) sum = trimmed(add(sum, numberAt(frame, row)), frame.work)
  return sum
}

/** if(condition, yes, no): the side that is not taken is not read. */
function compileIf({ args, at }: Call, of: Compile): Compiled {
  const [first, second, third] = args as [Expression, Expression, Expression]
  const [condition, yes, no] = [truth(of(first), first), of(second), of(third)]
  const over = joined([condition, yes, no], at)
  const taken = (frame: Frame, row: number) => (condition.valueAt(frame, row) === true ? yes : no)
  return {
    type:
      yes.type.sort === 'text' && no.type.sort === 'text'
        ? { sort: 'text', over }
        : typeOf(alike([quantity(yes, second), quantity(no, third)], at), over),
    steps: condition.steps + yes.steps + no.steps,
    valueAt: (frame, row) => taken(frame, row).valueAt(frame, row),
    read: (frame, row, visit) => {
      condition.read(frame, row, visit)
      taken(frame, row).read(frame, row, visit)
    },
  }
}

/** min(a, b, …), max(a, b, …) */
function compileExtreme({ name, args, at }: Call, of: Compile): Compiled {
  const sides = args.map((one) => quantity(of(one), one))
  const wanted = name === 'min' ? -1 : 1
  return made(typeOf(alike(sides, at), joined(sides, at)), sides, (frame, row) =>
    sides
      .map((side) => side.numberAt(frame, row))
      .reduce((best, value) => (compare(value, best) === wanted ? value : best)),
  )
}

/** piecewise(x, bound, value, …, value beyond): the value below the first bound that x is below. */
function compilePiecewise({ args, at }: Call, of: Compile): Compiled {
  if (args.length % 2 !== 0)
    throw expressionError(at, 'piecewise takes x, then pairs of bound and value, then the value beyond')
  const sides = args.map((one) => quantity(of(one), one))
  const [x, ...rest] = sides as [Quantity, ...Quantity[]]
  const bounds = rest.filter((_, place) => place % 2 === 0 && place < rest.length - 1)
  const values = rest.filter((_, place) => place % 2 === 1 || place === rest.length - 1)
  alike([x, ...bounds], at)
  return made(typeOf(alike(values, at), joined(sides, at)), sides, (frame, row) => {
    const value = x.numberAt(frame, row)
    const place = bounds.findIndex((bound) => compare(value, bound.numberAt(frame, row)) < 0)
    return (values.at(place) as Quantity).numberAt(frame, row)
  })
}

/** interpolate(x, x1, y1, x2, y2, …): on the line between the points around x, as in a table of steam. */
function compileInterpolate({ args, at }: Call, of: Compile): Compiled {
  if (args.length % 2 !== 1) throw expressionError(at, 'interpolate takes x, then points of x and y')
  const sides = args.map((one) => quantity(of(one), one))
  const [x, ...rest] = sides as [Quantity, ...Quantity[]]
  const xs = rest.filter((_, place) => place % 2 === 0)
  const ys = rest.filter((_, place) => place % 2 === 1)
  alike([x, ...xs], at)
  return made(typeOf(alike(ys, at), joined(sides, at)), sides, (frame, row) => {
    const value = x.numberAt(frame, row)
    const numberAt = (side: Quantity | undefined) => (side as Quantity).numberAt(frame, row)
    const next = xs.findIndex((one, place) => place > 0 && compare(value, numberAt(one)) <= 0)
    const [left, right] = [numberAt(xs[next - 1]), numberAt(xs[next])]
    if (next < 0 || compare(value, left) < 0) throw domainError('interpolate', value)
    const [below, above] = [numberAt(ys[next - 1]), numberAt(ys[next])]
    const share = divide(add(value, negate(left)), add(right, negate(left)))
    return trimmed(add(below, multiply(share, add(above, negate(below)))), frame.work)
  })
}

/** table(text, 'a', value of a, 'b', value of b, …): what stands beside the text; a text that is not in it is refused. */
function compileTable({ args, at }: Call, of: Compile): Compiled {
  const [first, ...rest] = args as [Expression, ...Expression[]]
  if (rest.length % 2 !== 0) throw expressionError(at, 'table takes a text, then pairs of text and value')
  const asked = of(first)
  if (asked.type.sort !== 'text') throw kindError(first.at, 'a table is looked up by a text')
  const values = new Map<string, Quantity>()
  for (let place = 0; place < rest.length; place += 2) {
    const [key, value] = [rest[place] as Expression, rest[place + 1] as Expression]
    if (key.op !== 'text') throw expressionError(key.at, 'the keys of a table are texts in single quotes')
    values.set(key.value, quantity(of(value), value))
  }
  const sides = [...values.values()]
  const found = (frame: Frame, row: number): Quantity => {
    const key = String(asked.valueAt(frame, row))
    const value = values.get(key)
    if (value === undefined) throw domainError('table', key)
    return value
  }
  return {
    type: typeOf(alike(sides, at), joined([asked, ...sides], at)),
    steps: sides.reduce((sum, { steps }) => sum + steps, asked.steps),
    valueAt: (frame, row) => found(frame, row).numberAt(frame, row),
    read: (frame, row, visit) => {
      asked.read(frame, row, visit)
      found(frame, row).read(frame, row, visit)
    },
  }
}

/** power(x, n) for a whole n that is written out: kinds need it. */
function compilePower({ args }: Call, of: Compile): Compiled {
  const [first, second] = args as [Expression, Expression]
  const base = quantity(of(first), first)
  const exponent = literal(second, 'a power', -MAX_POWER, MAX_POWER)
  const type = typeOf(powerKind(base.kind, exponent), base.type.over)
  const raised = (frame: Frame, row: number) =>
    trimmed(power(base.numberAt(frame, row), exponent, frame.work), frame.work)
  return made(type, [base], raised, MAX_POWER)
}

/** root(x, places), ln(x, places), exp(x, places): rounded half to even at the declared place. */
function compileApproximate({ name, args, at }: Call, of: Compile): Compiled {
  const [first, second] = args as [Expression, Expression]
  const value = quantity(of(first), first)
  const places = literal(second, 'a number of decimal places', 0, MAX_PLACES)
  if (!sameKind(value.kind, NUMBER)) throw kindError(at, `${name} of ${value.kind.name}: it wants a plain number`)
  const approximate = { root: approximateRoot, ln: approximateLn, exp: approximateExp }[name as 'root' | 'ln' | 'exp']
  return made(
    typeOf(NUMBER, value.type.over),
    [value],
    (frame, row) => approximate(lowest(value.numberAt(frame, row)), places),
    APPROXIMATE_STEPS,
  )
}
