import { localSeconds, TanlianError } from '@tanlian/units'

/** What a stamp's text says: local seconds of a wall clock, or Unix seconds where the text names its own offset. */
export interface Stamp {
  readonly seconds: number
  readonly absolute: boolean
}

/** A reader of one form of time stamps. @throws TanlianError E_TABLE_TIME, E_TIME_FORM */
export type StampReader = (text: string) => Stamp

const DAY = 86_400
/** 1970-01-01 as a spreadsheet counts days. */
const SERIAL_OF_1970 = 25_569

type Field = 'year' | 'shortYear' | 'month' | 'day' | 'hour' | 'minute' | 'second'

/** Tokens of a format: the field, and how few and how many digits it has. */
const TOKENS: Readonly<Record<string, readonly [Field, number, number]>> = {
  yyyy: ['year', 4, 4],
  yy: ['shortYear', 2, 2],
  MM: ['month', 2, 2],
  M: ['month', 1, 2],
  dd: ['day', 2, 2],
  d: ['day', 1, 2],
  HH: ['hour', 2, 2],
  H: ['hour', 1, 2],
  mm: ['minute', 2, 2],
  ss: ['second', 2, 2],
}

/**
 * A reader for a format of the tokens yyyy yy MM M dd d HH H mm ss and what stands between them, or `iso` (RFC 3339 with its offset),
 * `unix` (whole seconds) or `excel` (days since 1899-12-30 on the wall clock). Two-digit years are of 2000 to 2099.
 * @throws TanlianError E_MAPPING where the format has no year, month and day, names a field twice, or holds another letter
 * @example compileStamp('dd/MM/yyyy HH:mm', 'day-start')('31/12/2018 23:45')
 */
export function compileStamp(format: string, midnight: 'day-start' | 'day-end'): StampReader {
  if (format === 'iso') return readIso
  if (format === 'unix') return readUnix
  if (format === 'excel') return (text) => closing(readSerial(text), midnight)
  const parts = compile(format)
  return (text) => {
    const time = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 }
    let at = 0
    for (const part of parts) {
      if (typeof part === 'string') {
        if (!text.startsWith(part, at)) throw unreadable(text, format)
        at += part.length
        continue
      }
      const [field, least, most] = part
      let value = 0
      const start = at
      while (at - start < most) {
        const digit = text.charCodeAt(at) - 48
        if (!(digit >= 0 && digit <= 9)) break
        value = value * 10 + digit
        at++
      }
      if (at - start < least) throw unreadable(text, format)
      if (field === 'shortYear') time.year = 2000 + value
      else time[field] = value
    }
    if (at !== text.length) throw unreadable(text, format)
    return closing(localSeconds(time), midnight)
  }
}

/** A stamp of local seconds; 00:00 is the end of its date where the mapping says so. */
function closing(seconds: number, midnight: 'day-start' | 'day-end'): Stamp {
  const closes = midnight === 'day-end' && seconds % DAY === 0
  return { seconds: closes ? seconds + DAY : seconds, absolute: false }
}

/**
 * A date as spreadsheets keep it: days since 1899-12-30, the time of day as a fraction, which binary cannot hold exactly and is therefore taken to
 * the nearest second.
 */
function readSerial(text: string): number {
  const seconds = /^\d{1,6}(\.\d{1,17})?$/.test(text) ? Math.round((Number(text) - SERIAL_OF_1970) * DAY) : Number.NaN
  if (!(seconds >= 0)) throw unreadable(text, 'excel')
  return seconds
}

function readIso(text: string): Stamp {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:Z|([+-])(\d\d):(\d\d))$/.exec(text)
  if (match === null) throw unreadable(text, 'iso')
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const local = localSeconds({ year, month, day, hour, minute, second })
  const offset = Number(match[8] ?? 0) * 3600 + Number(match[9] ?? 0) * 60
  return { seconds: match[7] === '-' ? local + offset : local - offset, absolute: true }
}

function readUnix(text: string): Stamp {
  if (!/^\d{1,11}$/.test(text)) throw unreadable(text, 'unix')
  return { seconds: Number(text), absolute: true }
}

function compile(format: string): (string | readonly [Field, number, number])[] {
  const parts = (format.match(/([A-Za-z])\1*|[^A-Za-z]+/g) ?? []).map((piece) => {
    if (!/^[A-Za-z]/.test(piece) || piece === 'T') return piece
    const token = Object.hasOwn(TOKENS, piece) ? TOKENS[piece] : undefined
    if (token === undefined) throw badFormat(format, `"${piece}" is no token`)
    return token
  })
  const fields = parts.flatMap((part) => (typeof part === 'string' ? [] : [part[0].replace('shortYear', 'year')]))
  if (new Set(fields).size !== fields.length) throw badFormat(format, 'a field stands twice')
  if (!['year', 'month', 'day'].every((field) => fields.includes(field)))
    throw badFormat(format, 'year, month or day is missing')
  return parts
}

function unreadable(text: string, format: string): TanlianError {
  const hint =
    format !== 'excel' && /^[2-5]\d{4}(\.\d+)?$/.test(text)
      ? ' It looks like a date number of Excel: use format excel.'
      : ''
  return new TanlianError('E_TABLE_TIME', `"${text.slice(0, 40)}" is not a time of the form ${format}.${hint}`, {
    values: { text: text.slice(0, 40), format },
  })
}

function badFormat(format: string, why: string): TanlianError {
  return new TanlianError('E_MAPPING', `The time format "${format.slice(0, 40)}" cannot be read: ${why}.`, {
    values: { format, why },
  })
}
