import { parseDecimal, type Ratio, ratioOf, TanlianError } from '@tanlian/units'

/** What an equation is made of (表达式): a closed language without loops, assignment, clock or chance. */
export type Expression =
  | { readonly op: 'number'; readonly value: Ratio; readonly text: string; readonly at: number }
  | { readonly op: 'text'; readonly value: string; readonly at: number }
  | { readonly op: 'name'; readonly name: string; readonly at: number }
  | { readonly op: Binary; readonly left: Expression; readonly right: Expression; readonly at: number }
  | { readonly op: 'not' | 'minus'; readonly of: Expression; readonly at: number }
  | { readonly op: 'call'; readonly name: FunctionName; readonly args: readonly Expression[]; readonly at: number }

export type Binary = '+' | '-' | '×' | '÷' | '<' | '≤' | '>' | '≥' | '=' | '≠' | 'and' | 'or'

/** The functions and how many arguments they take; `undefined` is no upper bound. */
export const FUNCTIONS = {
  min: [2, undefined],
  max: [2, undefined],
  sum: [1, 1],
  count: [1, 1],
  average: [2, 2],
  if: [3, 3],
  piecewise: [4, undefined],
  interpolate: [5, undefined],
  table: [3, undefined],
  given: [1, 1],
  power: [2, 2],
  root: [2, 2],
  ln: [2, 2],
  exp: [2, 2],
} as const satisfies Record<string, readonly [number, number | undefined]>
export type FunctionName = keyof typeof FUNCTIONS

/** Longest equation, in characters and in words, and deepest nesting (safety S35). */
const MAX_LENGTH = 4000
const MAX_TOKENS = 1000
const MAX_DEPTH = 64

const BINARY: Readonly<Record<string, readonly [op: Binary, strength: number]>> = {
  or: ['or', 1],
  and: ['and', 2],
  '<': ['<', 3],
  '≤': ['≤', 3],
  '<=': ['≤', 3],
  '>': ['>', 3],
  '≥': ['≥', 3],
  '>=': ['≥', 3],
  '=': ['=', 3],
  '≠': ['≠', 3],
  '!=': ['≠', 3],
  '+': ['+', 4],
  '-': ['-', 4],
  '−': ['-', 4],
  '*': ['×', 5],
  '×': ['×', 5],
  '·': ['×', 5],
  '/': ['÷', 5],
  '÷': ['÷', 5],
}
const COMPARING = 3
const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|'([^']*)'|(<=|>=|!=|[-+*/()<>=,×÷·−≤≥≠]))/y

interface Token {
  readonly sort: 'number' | 'word' | 'text' | 'sign'
  readonly text: string
  readonly at: number
}

/**
 * Reads an equation's right side: `+ − × ÷`, comparisons, `and or not`, the functions of {@link FUNCTIONS}, names and texts in single quotes.
 * @throws TanlianError E_EXPRESSION_FORM with the place in `values.at`
 */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_LENGTH) throw expressionError(0, `it is longer than ${MAX_LENGTH} characters`)
  const tokens = tokensOf(text)
  let next = 0
  let depth = 0

  const peek = () => tokens[next]
  const take = (): Token => {
    const token = tokens[next++]
    if (token === undefined) throw expressionError(text.length, 'it ends too early')
    return token
  }
  const expect = (sign: string) => {
    const token = take()
    if (token.sort !== 'sign' || token.text !== sign) throw expressionError(token.at, `"${sign}" is expected`)
  }

  const climb = (least: number): Expression => {
    if (++depth > MAX_DEPTH) throw expressionError(peek()?.at ?? 0, `it is nested deeper than ${MAX_DEPTH}`)
    let left = prefixed()
    for (let token = peek(); token !== undefined && token.sort !== 'text'; token = peek()) {
      const found = Object.hasOwn(BINARY, token.text) ? BINARY[token.text] : undefined
      if (found === undefined || found[1] < least) break
      next++
      const right = climb(found[1] + 1)
      left = { op: found[0], left, right, at: token.at }
      const after = peek()
      if (found[1] === COMPARING && after !== undefined && BINARY[after.text]?.[1] === COMPARING)
        throw expressionError(after.at, 'comparisons do not chain; join them by "and"')
    }
    depth--
    return left
  }

  const prefixed = (): Expression => {
    const token = peek()
    if (token?.sort === 'word' && token.text === 'not') {
      next++
      return { op: 'not', of: climb(COMPARING), at: token.at }
    }
    if (token?.sort === 'sign' && (token.text === '-' || token.text === '−')) {
      next++
      return { op: 'minus', of: climb(6), at: token.at }
    }
    return primary()
  }

  const primary = (): Expression => {
    const token = take()
    if (token.sort === 'number')
      return { op: 'number', value: ratioOf(parseDecimal(token.text)), text: token.text, at: token.at }
    if (token.sort === 'text') return { op: 'text', value: token.text, at: token.at }
    if (token.sort === 'word') return peek()?.text === '(' && peek()?.sort === 'sign' ? call(token) : nameOf(token)
    if (token.text !== '(') throw expressionError(token.at, `"${token.text}" stands where a value is expected`)
    const inner = climb(1)
    expect(')')
    return inner
  }

  const call = (token: Token): Expression => {
    if (!Object.hasOwn(FUNCTIONS, token.text))
      throw expressionError(
        token.at,
        `there is no function "${token.text}"; there are ${Object.keys(FUNCTIONS).join(', ')}`,
      )
    const name = token.text as FunctionName
    const args: Expression[] = []
    expect('(')
    do args.push(climb(1))
    while (peek()?.text === ',' && next++ >= 0)
    expect(')')
    const [least, most] = FUNCTIONS[name]
    if (args.length < least || (most !== undefined && args.length > most))
      throw expressionError(
        token.at,
        `${name} takes ${least === most ? least : `${least} or more`} arguments, not ${args.length}`,
      )
    return { op: 'call', name, args, at: token.at }
  }

  const whole = climb(1)
  const rest = peek()
  if (rest !== undefined) throw expressionError(rest.at, `"${rest.text}" is left over`)
  return whole
}

/** A word of the language that no input, parameter or equation can be named. */
export function isReserved(word: string): boolean {
  return Object.hasOwn(BINARY, word) || word === 'not' || Object.hasOwn(FUNCTIONS, word)
}

/** A refusal that names the place in the equation. */
export function expressionError(at: number, why: string): TanlianError {
  return new TanlianError('E_EXPRESSION_FORM', `The equation does not read at character ${at + 1}: ${why}.`, {
    values: { at, why },
  })
}

function nameOf(token: Token): Expression {
  if (isReserved(token.text)) throw expressionError(token.at, `"${token.text}" stands where a value is expected`)
  return { op: 'name', name: token.text, at: token.at }
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  let at = 0
  const end = text.trimEnd().length
  while (at < end) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match === null) throw expressionError(at, `"${text.slice(at).trim().slice(0, 12)}" belongs to no equation`)
    if (tokens.length === MAX_TOKENS) throw expressionError(at, `it has more than ${MAX_TOKENS} words and signs`)
    const [, number, word, quoted, sign] = match
    at = TOKEN.lastIndex
    const body = number ?? word ?? quoted ?? sign ?? ''
    const sort = number !== undefined ? 'number' : word !== undefined ? 'word' : quoted !== undefined ? 'text' : 'sign'
    tokens.push({ sort, text: body, at: at - body.length - (sort === 'text' ? 1 : 0) })
  }
  return tokens
}
