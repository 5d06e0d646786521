import { limitOf, type RuleId } from './rules.ts'

/**
 * What a stream usually looks like, learned from itself, and what departs from it: values that repeat, stretches that were there before,
 * digits and textures that no instrument makes (C2, C3, C4). It asks and never sets a flag: an instrument's own character is no proof.
 */
export interface Pattern {
  /** Values seen, those equal to the one before, and the runs of equal ones that have ended. */
  seen: number
  repeats: number
  runs: number
  last: number | undefined
  /** Length of the running run, and when it began; whether it was asked about. */
  run: number
  runFrom: number
  asked: boolean
  /** The longest run that has ended, asked about or not. */
  longest: number
  /** The running stretch: its number, how many values it has, how often they changed, their hash. */
  stretch: number
  stretchCount: number
  stretchChanges: number
  stretchHash: number
  /** Hashes of the latest stretches, a ring. */
  readonly stretches: number[]
  stretchAt: number
  /** Last digits of the running block, digits after the point, blocks judged, and whether its digits are even at all. */
  readonly digits: number[]
  places: number
  digitBlocks: number
  digitsEven: boolean
  /** Orders of three neighbours in the running block, the two values before, blocks judged, and the least of the first. */
  readonly orders: number[]
  before: number | undefined
  orderBlocks: number
  leastOrder: number
}

/** Values of one stretch whose copy is looked for. */
const STRETCH = 24
const STRETCHES_KEPT = 32
const DIGIT_BLOCK = 300
const ORDER_BLOCK = 192
const MONTH = 30 * 86_400

/** What was found. */
export interface Found {
  readonly rule: RuleId
  readonly from: number
  readonly to: number
  readonly values: Readonly<Record<string, number>>
}

/** Nothing seen yet. */
export function createPattern(): Pattern {
  return {
    seen: 0,
    repeats: 0,
    runs: 0,
    last: undefined,
    run: 1,
    runFrom: 0,
    asked: false,
    longest: 1,
    stretch: -1,
    stretchCount: 0,
    stretchChanges: 0,
    stretchHash: 0,
    stretches: [],
    stretchAt: 0,
    digits: new Array<number>(10).fill(0),
    places: 0,
    digitBlocks: 0,
    digitsEven: true,
    orders: new Array<number>(7).fill(0),
    before: undefined,
    orderBlocks: 0,
    leastOrder: 1000,
  }
}

/**
 * Looks at the next good value of a stream.
 * @param quantity of one interval, @param text as the device wrote it
 */
export function watchPattern(
  pattern: Pattern,
  value: { readonly quantity: number; readonly text: string; readonly from: number; readonly seconds: number },
): Found | undefined {
  const found = flat(pattern, value) ?? copied(pattern, value) ?? uneven(pattern, value) ?? smooth(pattern, value)
  pattern.before = pattern.last
  pattern.last = value.quantity
  pattern.seen++
  return found
}

/**
 * C2: a run of equal values longer than its own past makes likely. Runs are taken to go on with the chance with which they did so far, and
 * one is asked about whose like would come less often than `perMonth`, and which is longer than any before by a quarter. Zero is rest.
 */
function flat(
  pattern: Pattern,
  { quantity, from, seconds }: { quantity: number; from: number; seconds: number },
): Found | undefined {
  if (quantity !== pattern.last) {
    pattern.longest = Math.max(pattern.longest, pattern.run)
    if (pattern.run > 1 && !pattern.asked) {
      pattern.repeats += pattern.run - 1
      pattern.runs++
    }
    pattern.run = 1
    pattern.runFrom = from
    pattern.asked = false
    return undefined
  }
  pattern.run++
  const learned = Math.max(limitOf('flat', 'learned'), (limitOf('flat', 'learnedDays') * 86_400) / seconds)
  if (pattern.asked || quantity === 0 || pattern.seen < learned) return undefined
  const repeat = (pattern.repeats + 1) / (pattern.seen + 2)
  // A run that never went on before still may: a fifth of one is taken as seen.
  const goesOn = (pattern.repeats - pattern.runs + 0.2) / (pattern.repeats + 1)
  const expected = (MONTH / seconds) * (1 - repeat) * repeat * goesOn ** (pattern.run - 2)
  const least = Math.max(limitOf('flat', 'least'), (pattern.longest * limitOf('flat', 'percentOfLongest')) / 100)
  if (pattern.run < least || expected >= limitOf('flat', 'perMonth')) return undefined
  pattern.asked = true
  return { rule: 'flat', from: pattern.runFrom, to: from + seconds, values: { values: pattern.run } }
}

/** C2: a stretch that equals an earlier one, value for value, and is lively enough not to do so by chance. */
function copied(
  pattern: Pattern,
  { quantity, from, seconds }: { quantity: number; from: number; seconds: number },
): Found | undefined {
  const stretch = Math.floor(from / (STRETCH * seconds))
  if (stretch !== pattern.stretch) {
    pattern.stretch = stretch
    pattern.stretchCount = 0
    pattern.stretchChanges = 0
    pattern.stretchHash = 0
  }
  if (quantity !== pattern.last) pattern.stretchChanges++
  pattern.stretchCount++
  pattern.stretchHash =
    (Math.imul(pattern.stretchHash ^ (quantity % 0x1_0000_0000), 0x01000193) ^ (quantity / 65_536)) >>> 0
  if (pattern.stretchCount < STRETCH || pattern.stretchChanges < limitOf('copied', 'changes')) return undefined
  const before = pattern.stretches.includes(pattern.stretchHash)
  pattern.stretches[pattern.stretchAt] = pattern.stretchHash
  pattern.stretchAt = (pattern.stretchAt + 1) % STRETCHES_KEPT
  if (!before) return undefined
  return { rule: 'copied', from: stretch * STRETCH * seconds, to: from + seconds, values: { values: STRETCH } }
}

/** C3: last digits, where they are even by themselves, that are even no more: chi-square over blocks of 300. */
function uneven(
  pattern: Pattern,
  { text, from, seconds }: { text: string; from: number; seconds: number },
): Found | undefined {
  const point = text.indexOf('.')
  const places = point < 0 ? 0 : text.length - 1 - point
  if (places > pattern.places) {
    // A device that leaves trailing zeros out shows its places only now and then: all is learned again.
    pattern.places = places
    pattern.digits.fill(0)
    pattern.digitBlocks = 0
    pattern.digitsEven = true
  }
  const last = places < pattern.places ? 0 : text.charCodeAt(text.length - 1) - 48
  if (last < 0 || last > 9) return undefined
  pattern.digits[last] = (pattern.digits[last] as number) + 1
  const count = pattern.digits.reduce((sum, item) => sum + item, 0)
  if (count < DIGIT_BLOCK) return undefined
  const square = pattern.digits.reduce((sum, item) => sum + (item - DIGIT_BLOCK / 10) ** 2, 0) / (DIGIT_BLOCK / 10)
  pattern.digits.fill(0)
  pattern.digitBlocks++
  if (pattern.digitBlocks <= limitOf('digits', 'learned')) {
    pattern.digitsEven &&= square <= limitOf('digits', 'evenBelow')
    return undefined
  }
  if (!pattern.digitsEven || square <= limitOf('digits', 'square')) return undefined
  return {
    rule: 'digits',
    from: from - (DIGIT_BLOCK - 1) * seconds,
    to: from + seconds,
    values: { square: Math.round(square) },
  }
}

/** C4: the entropy of the orders of three neighbours, in thousandths, far below the least of the stream's own first blocks. */
function smooth(
  pattern: Pattern,
  { quantity, from, seconds }: { quantity: number; from: number; seconds: number },
): Found | undefined {
  const { before: a, last: b } = pattern
  if (a === undefined || b === undefined) return undefined
  const order = orderOf(a, b, quantity)
  pattern.orders[order] = (pattern.orders[order] as number) + 1
  const count = pattern.orders.reduce((sum, item) => sum + item, 0)
  if (count < ORDER_BLOCK) return undefined
  const entropy = entropyOf(pattern.orders, count)
  pattern.orders.fill(0)
  pattern.orderBlocks++
  if (pattern.orderBlocks <= limitOf('entropy', 'learned')) {
    pattern.leastOrder = Math.min(pattern.leastOrder, entropy)
    return undefined
  }
  const { leastOrder } = pattern
  if (leastOrder < limitOf('entropy', 'livelyAbove') || entropy * 100 >= leastOrder * limitOf('entropy', 'percent'))
    return undefined
  return {
    rule: 'entropy',
    from: from - (ORDER_BLOCK - 1) * seconds,
    to: from + seconds,
    values: { entropy, least: leastOrder },
  }
}

/** Which of the six orders three values stand in, or 6 where two are equal. */
function orderOf(a: number, b: number, c: number): number {
  if (a === b || b === c || a === c) return 6
  return (a < b ? 4 : 0) + (b < c ? 2 : 0) + (a < c ? 1 : 0) - (a < b && b < c ? 2 : a > b && b > c ? 0 : 1)
}

function entropyOf(counts: readonly number[], count: number): number {
  let sum = 0
  for (const item of counts) if (item > 0) sum -= (item / count) * Math.log(item / count)
  return Math.round((sum / Math.log(7)) * 1000)
}

/** Single numbers of a pattern, in the order in which they are written. */
const NUMBERS = [
  'seen',
  'repeats',
  'runs',
  'last',
  'run',
  'runFrom',
  'longest',
  'stretch',
  'stretchCount',
  'stretchChanges',
  'stretchHash',
  'stretchAt',
  'places',
  'digitBlocks',
  'before',
  'orderBlocks',
  'leastOrder',
] as const satisfies readonly (keyof Pattern)[]

/** The pattern as numbers. */
export function savePattern(pattern: Pattern): (number | undefined)[] {
  const flags = (pattern.asked ? 1 : 0) + (pattern.digitsEven ? 2 : 0)
  return [flags, ...NUMBERS.map((name) => pattern[name]), ...pattern.digits, ...pattern.orders, ...pattern.stretches]
}

/** The pattern from its numbers. */
export function loadPattern(pattern: Pattern, numbers: readonly (number | undefined)[]): void {
  const [flags = 0, ...rest] = numbers
  pattern.asked = (flags & 1) === 1
  pattern.digitsEven = (flags & 2) === 2
  for (const [at, name] of NUMBERS.entries())
    (pattern as Record<(typeof NUMBERS)[number], number | undefined>)[name] = rest[at]
  const lists = rest.slice(NUMBERS.length) as number[]
  pattern.digits.splice(0, 10, ...lists.slice(0, 10))
  pattern.orders.splice(0, 7, ...lists.slice(10, 17))
  pattern.stretches.splice(0, Number.POSITIVE_INFINITY, ...lists.slice(17))
}
