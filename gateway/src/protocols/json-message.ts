import { TanlianError } from '@tanlian/units'
import type { Sample } from '../arrival.ts'
import type { Device } from '../device.ts'
import { readSource } from './address.ts'
import { CLOSE, COMMA, JsonReader, OPEN } from './json-reader.ts'

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
/** The end of the year 9999. */
export const LAST_MS = 253_402_300_799_999
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
 * Reads one message that fills `text`; spaces around its parts are allowed. Without metrics it is checked as strictly, and no sample is made.
 * @returns the message, or the code of what is wrong: E_MESSAGE_FORM, E_MESSAGE_TWICE, E_MESSAGE_KEY, E_MESSAGE_NUMBER, E_MESSAGE_FLAG,
 * E_MESSAGE_TIME
 */
export function readJsonMessage(text: string, metrics: Metrics): JsonMessage | string {
  return readMessage(new JsonReader(text), metrics)
}

/** No samples are wanted, only whether the message is one. */
export const NO_METRICS: Metrics = new Map()

/** A sample whose stamp is known at the end of its message. */
type Unstamped = { -readonly [K in keyof Sample]: Sample[K] }

function readMessage(reader: JsonReader, metrics: Metrics): JsonMessage | string {
  let ts = -1
  let seq = -1
  let salt: string | undefined
  let sig: string | undefined
  let samples: Unstamped[] | undefined
  reader.expect(OPEN)
  do {
    const key = reader.key()
    // A signature is over all before it.
    if (sig !== undefined) reader.fail('E_MESSAGE_KEY')
    if (key === 'ts') {
      if (ts >= 0) reader.fail('E_MESSAGE_TWICE')
      ts = reader.integer()
    } else if (key === 'seq') {
      if (seq >= 0) reader.fail('E_MESSAGE_TWICE')
      seq = reader.integer()
    } else if (key === 'metrics') {
      if (samples !== undefined) reader.fail('E_MESSAGE_TWICE')
      samples = readMetrics(reader, metrics)
    } else if (key === 'salt') {
      if (salt !== undefined) reader.fail('E_MESSAGE_TWICE')
      salt = reader.text()
    } else if (key === 'sig') sig = reader.text()
    else reader.fail('E_MESSAGE_KEY')
  } while (reader.passed(COMMA))
  reader.expect(CLOSE)
  if (reader.problem === '' && !reader.ended()) reader.fail('E_MESSAGE_FORM')
  if (ts < 0 || samples === undefined) reader.fail('E_MESSAGE_KEY')
  if (ts > LAST_MS) reader.fail('E_MESSAGE_TIME')
  if (reader.problem !== '' || samples === undefined) return reader.problem
  const stamp = Math.floor(ts / 1000)
  for (const sample of samples) sample.stamp = stamp
  return { ts, seq: seq < 0 ? undefined : seq, samples, salt, sig }
}

function readMetrics(reader: JsonReader, metrics: Metrics): Unstamped[] {
  const samples: Unstamped[] = []
  const seen = new Set<string>()
  reader.expect(OPEN)
  if (reader.passed(CLOSE)) return samples
  do {
    const field = reader.key()
    if (field === '' || field.length > NAME_MAX || field === '__proto__') reader.fail('E_MESSAGE_KEY')
    if (seen.has(field)) reader.fail('E_MESSAGE_TWICE')
    if (seen.add(field).size > METRICS_MAX) reader.fail('E_MESSAGE_FORM')
    const point = metrics.get(field)
    if (point === undefined) readValue(reader, undefined)
    else {
      const sample: Unstamped = { point, stamp: 0, value: undefined, flag: undefined }
      readValue(reader, sample)
      samples.push(sample)
    }
  } while (reader.passed(COMMA))
  reader.expect(CLOSE)
  return samples
}

/** Reads a value into a sample; one of no point is checked alone. */
function readValue(reader: JsonReader, sample: Unstamped | undefined): void {
  let value: string | undefined
  let flag: Sample['flag']
  if (reader.isNull()) flag = 'B'
  else if (!reader.isObject()) {
    if (sample === undefined) reader.checkDecimal()
    else value = reader.decimal()
  } else {
    let seen = false
    reader.expect(OPEN)
    do {
      const key = reader.key()
      if (key === 'value') {
        if (seen) reader.fail('E_MESSAGE_TWICE')
        seen = true
        if (!reader.isNull()) value = reader.decimal()
      } else if (key === 'flag') {
        if (flag !== undefined) reader.fail('E_MESSAGE_TWICE')
        const letter = reader.text()
        if (letter.length !== 1 || !FLAGS.includes(letter)) reader.fail('E_MESSAGE_FLAG')
        flag = letter as Sample['flag']
      } else reader.fail('E_MESSAGE_KEY')
    } while (reader.passed(COMMA))
    reader.expect(CLOSE)
    if (value === undefined) flag ??= 'B'
  }
  if (sample === undefined) return
  sample.value = value
  sample.flag = flag
}
