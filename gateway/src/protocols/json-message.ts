import { TanlianError } from '@tanlian/units'
import type { Sample } from '../arrival.ts'
import type { Device } from '../device.ts'
import { readSource } from './address.ts'

/**
 * A device's message as JSON (报文), over MQTT and, one a line, over HTTP:
 *
 *     {"ts":1767571200000,"seq":41,"metrics":{"imported":1234.50,"power":{"value":3.2,"flag":"C"},"level":null}}
 *
 * `ts` is Unix milliseconds by the device's clock, `seq` its counter, a number its value (digit for digit, so that nothing is rounded on the
 * way), `null` an instrument that did not answer (B), `{"value":…,"flag":…}` a value with the device's own flag. A device that signs adds
 * `"salt"`, 16 random bytes in hex, and as its last key `"sig"`, 64 bytes in hex: Ed25519 over the DAG-CBOR of its frame, whose bytes are the
 * message without `,"sig":"…"` (spec section 5). Unknown keys, keys that stand twice and numbers that are none are refused.
 */
export interface JsonMessage {
  /** Unix milliseconds. */
  readonly ts: number
  readonly seq: number | undefined
  readonly samples: readonly Sample[]
  readonly salt: string | undefined
  readonly sig: string | undefined
}

/** What a message's metrics are to a device: its points by field. @throws TanlianError E_PLANT */
export type Metrics = ReadonlyMap<string, string>

/** Later times are of a clock that is wrong: five minutes, as for HJ 212. */
export const AHEAD_MS = 300_000
const METRICS_MAX = 1000
const NAME_MAX = 100
const FLAGS = 'NFMSDCTB'

const compiled = new WeakMap<Device, Metrics>()

/** The fields of a device's points. @throws TanlianError E_PLANT for a source that is none, or a field of two points */
export function metricsOf(device: Device): Metrics {
  let metrics = compiled.get(device)
  if (metrics === undefined) {
    const fields = new Map<string, string>()
    for (const point of device.points) {
      const { field } = readSource(device, point, { field: { form: 'text' } })
      if (fields.has(field))
        throw new TanlianError('E_PLANT', `Two points of ${device.id} are read from the field ${field}.`, {
          values: { device: device.id, place: field },
        })
      fields.set(field, point.name)
    }
    metrics = fields
    compiled.set(device, metrics)
  }
  return metrics
}

/**
 * Reads one message that fills `text` from `from` to `to`; spaces around its parts are allowed, line ends inside are not needed.
 * @returns the message, or the code of what is wrong: E_MESSAGE_FORM, E_MESSAGE_TWICE, E_MESSAGE_KEY, E_MESSAGE_NUMBER, E_MESSAGE_FLAG,
 * E_MESSAGE_TIME
 */
export function readJsonMessage(text: string, metrics: Metrics, from = 0, to = text.length): JsonMessage | string {
  let at = from
  let problem = ''
  const fail = (code: string) => {
    problem ||= code
    at = to + 1
    return ''
  }
  const skip = () => {
    let code = text.charCodeAt(at)
    while (at < to && (code === 0x20 || code === 0x0d || code === 0x0a || code === 0x09)) code = text.charCodeAt(++at)
  }
  const expect = (character: number) => {
    skip()
    if (at < to && text.charCodeAt(at) === character) at++
    else fail('E_MESSAGE_FORM')
  }
  /** True where it stands there and was passed. */
  const passed = (character: number) => {
    skip()
    if (at >= to || text.charCodeAt(at) !== character) return false
    at++
    return true
  }
  /** A text without escapes: no name and no code of ours needs one. */
  const readText = (): string => {
    expect(QUOTE)
    const start = at
    while (at < to) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) return text.slice(start, at++)
      if (code === BACKSLASH || code < 0x20 || at - start > 500) break
      at++
    }
    return fail('E_MESSAGE_FORM')
  }
  /** A JSON number without an exponent, as it stands. */
  const readNumber = (): string => {
    skip()
    const start = at
    let code = text.charCodeAt(at)
    if (code === MINUS) code = text.charCodeAt(++at)
    const first = at
    while (at < to && code >= 0x30 && code <= 0x39) code = text.charCodeAt(++at)
    const whole = at - first
    if (whole === 0 || whole > 16 || (whole > 1 && text.charCodeAt(first) === 0x30)) return fail('E_MESSAGE_NUMBER')
    if (at < to && code === POINT) {
      code = text.charCodeAt(++at)
      const point = at
      while (at < to && code >= 0x30 && code <= 0x39) code = text.charCodeAt(++at)
      if (at === point || at - point > 12) return fail('E_MESSAGE_NUMBER')
    }
    // What follows a number ends it: 1e5 and 1_000 are no numbers here.
    if (at < to && code !== COMMA && code !== CLOSE && code > 0x20) return fail('E_MESSAGE_NUMBER')
    return text.slice(start, at)
  }
  const readInteger = (): number => {
    const value = Number(readNumber())
    if (!Number.isSafeInteger(value) || value < 0) fail('E_MESSAGE_NUMBER')
    return value
  }
  const isNull = () => {
    if (!text.startsWith('null', at)) return false
    at += 4
    return true
  }

  let ts: number | undefined
  let seq: number | undefined
  let salt: string | undefined
  let sig: string | undefined
  let values: [field: string, value: string | undefined, flag: Sample['flag']][] | undefined

  const readValue = (field: string): [string, string | undefined, Sample['flag']] => {
    skip()
    if (isNull()) return [field, undefined, 'B']
    if (text.charCodeAt(at) !== OPEN) return [field, readNumber(), undefined]
    at++
    let value: string | undefined
    let seen = false
    let flag: Sample['flag']
    do {
      const key = readText()
      expect(COLON)
      skip()
      if (key === 'value' && !seen) {
        seen = true
        value = isNull() ? undefined : readNumber()
      } else if (key === 'flag' && flag === undefined) {
        const letter = readText()
        if (letter.length !== 1 || !FLAGS.includes(letter)) fail('E_MESSAGE_FLAG')
        flag = letter as Sample['flag']
      } else fail(key === 'value' || key === 'flag' ? 'E_MESSAGE_TWICE' : 'E_MESSAGE_KEY')
    } while (passed(COMMA))
    expect(CLOSE)
    return [field, value, value === undefined ? (flag ?? 'B') : flag]
  }
  const readMetrics = () => {
    const found: NonNullable<typeof values> = []
    expect(OPEN)
    if (passed(CLOSE)) return found
    do {
      const field = readText()
      if (field === '' || field.length > NAME_MAX || field === '__proto__') fail('E_MESSAGE_KEY')
      if (found.length === METRICS_MAX) fail('E_MESSAGE_FORM')
      for (const [other] of found) if (other === field) fail('E_MESSAGE_TWICE')
      expect(COLON)
      found.push(readValue(field))
    } while (passed(COMMA))
    expect(CLOSE)
    return found
  }

  expect(OPEN)
  do {
    const key = readText()
    expect(COLON)
    if (sig !== undefined) fail('E_MESSAGE_KEY')
    else if (key === 'ts') ts = ts === undefined ? readInteger() : twice()
    else if (key === 'seq') seq = seq === undefined ? readInteger() : twice()
    else if (key === 'metrics') values = values === undefined ? readMetrics() : twice()
    else if (key === 'salt') salt = salt === undefined ? readText() : twice()
    else if (key === 'sig') sig = readText()
    else fail('E_MESSAGE_KEY')
  } while (passed(COMMA))
  expect(CLOSE)
  skip()
  if (problem === '' && at !== to) problem = 'E_MESSAGE_FORM'
  if (problem === '' && (ts === undefined || values === undefined)) problem = 'E_MESSAGE_KEY'
  if (problem === '' && (ts ?? 0) > 253_402_300_799_999) problem = 'E_MESSAGE_TIME'
  if (problem !== '' || ts === undefined || values === undefined) return problem
  const samples: Sample[] = []
  const stamp = Math.floor(ts / 1000)
  for (const [field, value, flag] of values) {
    const point = metrics.get(field)
    if (point !== undefined) samples.push({ point, stamp, value, flag })
  }
  return { ts, seq, samples, salt, sig }

  function twice(): undefined {
    fail('E_MESSAGE_TWICE')
    return undefined
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const POINT = 0x2e
const COMMA = 0x2c
const COLON = 0x3a
const OPEN = 0x7b
const CLOSE = 0x7d
