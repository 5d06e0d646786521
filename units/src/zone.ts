import { TanlianError } from './error.ts'

/** A clock on the wall somewhere: calendar fields of it, without a zone. Months from 1. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** A time zone, by IANA name or fixed offset. Seconds are Unix seconds; local seconds count as if the wall clock showed UTC. */
export interface Zone {
  readonly name: string
  /** Unix seconds of a wall clock's reading. @throws TanlianError E_TIME_AMBIGUOUS, E_TIME_MISSING */
  toUnix(localSeconds: number): number
  /** What the wall clock shows. */
  toLocal(unixSeconds: number): number
}

const DAY = 86_400

/**
 * A zone by its IANA name (`Asia/Shanghai`) or fixed offset (`+08:00`, `UTC`). Rules come from the runtime's own zone data; no clock is read.
 * @throws TanlianError E_ZONE_UNKNOWN
 */
export function zoneOf(name: string): Zone {
  const fixed = fixedOffset(name)
  if (fixed !== undefined) return { name, toUnix: (local) => local - fixed, toLocal: (unix) => unix + fixed }
  const offsetAt = offsets(name)
  // Far from a change of the clocks one offset serves the whole day; which days those are is remembered.
  const steady = new Map<number, number | undefined>()
  let [lastDay, lastOffset]: [number, number | undefined] = [Number.NaN, undefined]
  const offsetOfDay = (day: number): number | undefined => {
    if (!steady.has(day)) {
      const [before, after] = [offsetAt((day - 1) * DAY), offsetAt((day + 2) * DAY)]
      steady.set(day, before === after && offsetAt(day * DAY) === before ? before : undefined)
    }
    return steady.get(day)
  }
  return {
    name,
    toUnix(local) {
      const day = Math.floor(local / DAY)
      if (day !== lastDay) [lastDay, lastOffset] = [day, offsetOfDay(day)]
      if (lastOffset !== undefined) return local - lastOffset
      const candidates = [local - offsetAt(local - DAY), local - offsetAt(local + DAY)]
      const found = new Set(candidates.filter((unix) => unix + offsetAt(unix) === local))
      const [unix] = found
      if (found.size === 1 && unix !== undefined) return unix
      const [code, why] =
        found.size > 1
          ? (['E_TIME_AMBIGUOUS', 'occurs twice, as the clocks were set back'] as const)
          : (['E_TIME_MISSING', 'never occurred, as the clocks were set forward'] as const)
      throw new TanlianError(code, `${localText(local)} in ${name} ${why}. Give the meter's fixed offset or use UTC.`, {
        values: { local: localText(local), zone: name },
      })
    },
    toLocal: (unix) => unix + offsetAt(unix),
  }
}

/**
 * Seconds of a calendar date and time, as if it were UTC.
 * @throws TanlianError E_TIME_FORM for what no calendar has, such as 30 February or 24:01.
 */
export function localSeconds({ year, month, day, hour, minute, second }: LocalTime): number {
  const good =
    isWithin(year, 1, 9999) &&
    isWithin(month, 1, 12) &&
    isWithin(day, 1, daysOfMonth(year, month)) &&
    // 24:00 is the end of its day (ISO 8601-1:2019 amendment 1), and what many meters write.
    (isWithin(hour, 0, 23) || (hour === 24 && minute === 0 && second === 0)) &&
    isWithin(minute, 0, 59) &&
    isWithin(second, 0, 59)
  if (!good)
    throw new TanlianError(
      'E_TIME_FORM',
      `${[year, month, day].join('-')} ${[hour, minute, second].join(':')} is no time.`,
    )
  return daysOfDate(year, month, day) * DAY + hour * 3600 + minute * 60 + second
}

/** The calendar fields of local seconds. */
export function localTime(seconds: number): LocalTime {
  const date = new Date(seconds * 1000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}

function localText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

/** Days since 1970-01-01 in the Gregorian calendar. */
function daysOfDate(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1
  const yearDays = 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)
  // Counting months from March puts the leap day last: (153 m + 2) / 5 days stand before month m.
  const monthDays = Math.floor((153 * ((month + 9) % 12) + 2) / 5)
  return yearDays + monthDays + day - 719_469
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function isWithin(value: number, least: number, greatest: number): boolean {
  return Number.isInteger(value) && value >= least && value <= greatest
}

function fixedOffset(name: string): number | undefined {
  if (name === 'UTC' || name === 'Z') return 0
  const match = /^([+-])(\d\d):(\d\d)$/.exec(name)
  if (match === null) return undefined
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60
  if (Number(match[3]) > 59 || seconds > 14 * 3600) throw zoneError(name)
  return match[1] === '-' ? -seconds : seconds
}

function offsets(name: string): (unix: number) => number {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    throw zoneError(name)
  }
  return (unix) => {
    const part = new Map(format.formatToParts(unix * 1000).map(({ type, value }) => [type, Number(value)]))
    const field = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? Number.NaN
    const days = daysOfDate(field('year'), field('month'), field('day'))
    return days * DAY + field('hour') * 3600 + field('minute') * 60 + field('second') - unix
  }
}

function zoneError(name: string): TanlianError {
  return new TanlianError(
    'E_ZONE_UNKNOWN',
    `"${name.slice(0, 40)}" is neither an IANA time zone nor an offset such as +08:00.`,
    {
      values: { zone: name.slice(0, 40) },
    },
  )
}
