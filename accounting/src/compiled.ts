import { TanlianError } from '@tanlian/units'
import { type Expression, expressionError } from './expression.ts'
import type { Fraction, Work } from './fraction.ts'
import { type Kind, NUMBER, sameKind } from './kind.ts'

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
  readonly reasons: Map<string, () => TanlianError>
  readonly work: Work
}

/** A name that an expression may use. */
export interface Declared {
  readonly type: Type
  readonly slot: number
}

/** Is told of a value that an expression read: its slot, and its row (0 where it has none). */
export type Visit = (slot: number, row: number) => void

/** An expression ready to run: its type, proven before any number is seen, and its value at a row (0 where there are no rows). */
export interface Compiled {
  readonly type: Type
  /** Steps that one value takes; sums pay for their rows by themselves. */
  readonly steps: number
  readonly valueAt: (frame: Frame, row: number) => Value
  /** Tells which values came into this one: of a choice, only the side that was taken. */
  readonly read: (frame: Frame, row: number, visit: Visit) => void
}

/** A compiled expression that is known to give a quantity. */
export interface Quantity extends Compiled {
  readonly kind: Kind
  readonly zero: boolean
  readonly numberAt: (frame: Frame, row: number) => Fraction
}

/** An expression made of parts that it always reads. */
export function made(type: Type, parts: readonly Compiled[], valueAt: Compiled['valueAt'], own = 1): Compiled {
  const [first, second, ...more] = parts
  const read: Compiled['read'] =
    first === undefined
      ? () => {}
      : second === undefined
        ? first.read
        : (frame, row, visit) => {
            first.read(frame, row, visit)
            second.read(frame, row, visit)
            for (const part of more) part.read(frame, row, visit)
          }
  return { type, steps: parts.reduce((sum, { steps }) => sum + steps, own), valueAt, read }
}

/** The type of a quantity. */
export function typeOf(kind: Kind, over: string | undefined): Extract<Type, { sort: 'quantity' }> {
  return { sort: 'quantity', kind, over }
}

/** @throws TanlianError E_EXPRESSION_KIND where it gives something else */
export function quantity(compiled: Compiled, { at }: Expression): Quantity {
  const { type, valueAt } = compiled
  if (type.sort !== 'quantity') throw kindError(at, `a ${type.sort} stands where a quantity is expected`)
  return { ...compiled, kind: type.kind, zero: type.zero === true, numberAt: valueAt as Quantity['numberAt'] }
}

/** @throws TanlianError E_EXPRESSION_KIND where it gives something else */
export function truth(compiled: Compiled, { at }: Expression): Compiled {
  if (compiled.type.sort !== 'truth')
    throw kindError(at, `a ${compiled.type.sort} stands where a condition is expected`)
  return compiled
}

/** The one kind of quantities that are added, compared or chosen between; a bare 0 is of any kind. @throws TanlianError E_EXPRESSION_KIND */
export function alike(sides: readonly Quantity[], at: number): Kind {
  const [first, ...rest] = sides.filter(({ zero }) => !zero)
  if (first === undefined) return NUMBER
  for (const { kind } of rest)
    if (!sameKind(kind, first.kind)) throw kindError(at, `${first.kind.name} and ${kind.name} do not go together`)
  return first.kind
}

/** The one group that values are over, if any. @throws TanlianError E_EXPRESSION_KIND for two groups */
export function joined(sides: readonly Compiled[], at: number): string | undefined {
  let over: string | undefined
  for (const { type } of sides) {
    if (over !== undefined && type.over !== undefined && over !== type.over)
      throw kindError(at, `the rows of ${over} and of ${type.over} do not go together; sum one of them`)
    over ??= type.over
  }
  return over
}

/** A whole number that is written out. @throws TanlianError E_EXPRESSION_FORM */
export function literal(expression: Expression, what: string, least: number, most: number): number {
  const [one, sign] = expression.op === 'minus' ? [expression.of, -1] : [expression, 1]
  const value = one.op === 'number' && one.value.denominator === 1n ? sign * Number(one.value.numerator) : Number.NaN
  if (value >= least && value <= most) return value
  throw expressionError(expression.at, `${what} is a whole number from ${least} to ${most}, written out`)
}

export function kindError(at: number, why: string): TanlianError {
  return new TanlianError('E_EXPRESSION_KIND', `The equation does not fit at character ${at + 1}: ${why}.`, {
    values: { at, why },
  })
}
