/**
 * Reads the few forms of JSON that a message has: texts without escapes, decimals digit for digit. The first thing that is wrong stays in
 * `problem`, and nothing more is read.
 */
export class JsonReader {
  problem = ''
  readonly #text: string
  #at = 0
  readonly #to: number

  constructor(text: string) {
    this.#text = text
    this.#to = text.length
  }

  fail(code: string): void {
    if (this.problem === '') this.problem = code
    this.#at = this.#to + 1
  }

  /** Passes one character, spaces before it aside. */
  expect(character: number): void {
    if (!this.passed(character)) this.fail('E_MESSAGE_FORM')
  }

  /** True where the character stands there and was passed. */
  passed(character: number): boolean {
    if (this.#at < this.#to && this.#text.charCodeAt(this.#at) === character) {
      this.#at++
      return true
    }
    this.#skip()
    if (this.#at >= this.#to || this.#text.charCodeAt(this.#at) !== character) return false
    this.#at++
    return true
  }

  /** True where nothing but spaces is left. */
  ended(): boolean {
    this.#skip()
    return this.#at === this.#to
  }

  /** True where the next thing is `null`, which is passed. */
  isNull(): boolean {
    this.#skip()
    if (this.#text.charCodeAt(this.#at) !== 0x6e || !this.#text.startsWith('null', this.#at)) return false
    this.#at += 4
    return true
  }

  /** True where an object begins; it is not passed. */
  isObject(): boolean {
    this.#skip()
    return this.#text.charCodeAt(this.#at) === OPEN
  }

  /** A key with its colon. */
  key(): string {
    const key = this.text()
    this.expect(COLON)
    return key
  }

  text(): string {
    this.expect(QUOTE)
    return this.#rest()
  }

  /** A whole number that is not below zero. */
  integer(): number {
    this.#skip()
    const first = this.#at
    let value = 0
    let digit = this.#digit()
    while (digit >= 0) {
      value = value * 10 + digit
      this.#at++
      digit = this.#digit()
    }
    this.#endNumber(first, first, 16)
    if (!Number.isSafeInteger(value)) this.fail('E_MESSAGE_NUMBER')
    return value
  }

  /** A number without an exponent, as it stands. */
  decimal(): string {
    this.#skip()
    const start = this.#at
    this.checkDecimal()
    return this.problem === '' ? this.#text.slice(start, this.#at) : ''
  }

  /** Passes a number without an exponent. */
  checkDecimal(): void {
    this.#skip()
    const start = this.#at
    if (this.#text.charCodeAt(start) === MINUS) this.#at++
    const first = this.#at
    while (this.#digit() >= 0) this.#at++
    if (this.#text.charCodeAt(this.#at) === POINT && this.#at > first) {
      const point = ++this.#at
      while (this.#digit() >= 0) this.#at++
      if (this.#at === point || this.#at - point > 12) this.fail('E_MESSAGE_NUMBER')
      else this.#endNumber(first, point, 16)
    } else this.#endNumber(first, first, 16)
  }

  /** Holds digits to their form: not none, not too many, no zero before others, and nothing of a number behind them. */
  #endNumber(first: number, point: number, most: number): void {
    const whole = (point === first ? this.#at : point - 1) - first
    const next = this.#at < this.#to ? this.#text.charCodeAt(this.#at) : 0
    if (
      whole === 0 ||
      whole > most ||
      (whole > 1 && this.#text.charCodeAt(first) === 0x30) ||
      (next !== COMMA && next !== CLOSE && next > 0x20)
    )
      this.fail('E_MESSAGE_NUMBER')
  }

  #digit(): number {
    if (this.#at >= this.#to) return -1
    const digit = this.#text.charCodeAt(this.#at) - 0x30
    return digit <= 9 ? digit : -1
  }

  /** The text up to the closing quote. */
  #rest(): string {
    const start = this.#at
    while (this.#at < this.#to && this.#at - start <= 500) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === QUOTE) return this.#text.slice(start, this.#at++)
      if (code === BACKSLASH || code < 0x20) break
      this.#at++
    }
    this.fail('E_MESSAGE_FORM')
    return ''
  }

  #skip(): void {
    while (this.#at < this.#to) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0d && code !== 0x0a && code !== 0x09) return
      this.#at++
    }
  }
}

export const QUOTE = 0x22
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN = 0x7b
export const CLOSE = 0x7d
const BACKSLASH = 0x5c
const MINUS = 0x2d
const POINT = 0x2e
