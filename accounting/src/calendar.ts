import { periodOf, periodWindow } from '@tanlian/units'
import {
  choiceOf,
  dayOf,
  fieldsOf,
  formError,
  listOf,
  nameOf,
  type Source,
  sourceOf,
  textOf,
  type Words,
  wholeOf,
  wordsOf,
} from './shape.ts'

export const CALENDAR_FORMAT = 'tanlian/calendar/1'

/** Dates of a market's year (工作日历): data, each with its source. */
export interface Calendar {
  readonly id: string
  readonly version: string
  readonly name: Words
  readonly zone: string
  readonly steps: readonly CalendarStep[]
}

/** One thing that has to be done, by whom in which sectors, until when. */
export interface CalendarStep {
  readonly name: string
  readonly words: Words
  readonly sectors: readonly string[]
  /** A report is submitted or verified; a note is a date that no report tells of. */
  readonly action: 'submit' | 'verify' | 'note'
  readonly report: 'month' | 'year' | undefined
  /** Year that it is about; of monthly evidence each of its months. */
  readonly year: string
  /** A day, or so many natural days after the end of each month. */
  readonly due: { readonly day: string } | { readonly daysAfter: number }
  readonly source: Source
}

/** A step with its last moment. */
export interface Deadline {
  readonly calendar: string
  readonly step: CalendarStep
  /** `2025` or `2025-03`. */
  readonly period: string
  /** The last day, such as `2026-03-31`, in the calendar's zone. */
  readonly day: string
  /** Unix seconds at which that day has passed. */
  readonly due: number
}

/**
 * Reads a calendar from YAML parsed without types.
 * @throws TanlianError E_DOCUMENT_FORM
 */
export function readCalendar(input: unknown): Calendar {
  const f = fieldsOf('calendar', input, ['format', 'id', 'version', 'name', 'zone', 'source', 'steps'])
  choiceOf('format', f.format, [CALENDAR_FORMAT])
  const shared = sourceOf('source', f.source)
  return {
    id: textOf('id', f.id, 80),
    version: textOf('version', f.version, 20),
    name: wordsOf('name', f.name),
    zone: textOf('zone', f.zone, 60),
    steps: listOf('steps', f.steps, (at, item) => readStep(at, item, shared)),
  }
}

function readStep(at: string, input: unknown, shared: Source): CalendarStep {
  const f = fieldsOf(
    at,
    input,
    ['name', 'zh', 'en', 'sectors', 'action', 'year'],
    ['report', 'due', 'daysAfter', 'source'],
  )
  const action = choiceOf(`${at}.action`, f.action, ['submit', 'verify', 'note'])
  const report = f.report === undefined ? undefined : choiceOf(`${at}.report`, f.report, ['month', 'year'])
  if ((action === 'note') !== (report === undefined)) throw formError(`${at}.report`, 'does not go with the action')
  if ((f.due === undefined) === (f.daysAfter === undefined))
    throw formError(at, 'has neither due nor daysAfter, or both')
  if ((report === 'month') !== (f.daysAfter !== undefined))
    throw formError(`${at}.daysAfter`, 'is for monthly evidence')
  const year = textOf(`${at}.year`, f.year, 4)
  if (!/^\d{4}$/.test(year)) throw formError(`${at}.year`, 'is no year')
  return {
    name: nameOf(`${at}.name`, f.name),
    words: wordsOf(at, { zh: f.zh, en: f.en }),
    sectors: listOf(`${at}.sectors`, f.sectors, (place, item) => textOf(place, item, 60)),
    action,
    report,
    year,
    due:
      f.due === undefined
        ? { daysAfter: wholeOf(`${at}.daysAfter`, f.daysAfter, 366) }
        : { day: dayOf(`${at}.due`, f.due) },
    source: f.source === undefined ? shared : sourceOf(`${at}.source`, f.source),
  }
}

/** Every deadline of a sector in a calendar, the first due first. */
export function deadlinesOf(calendar: Calendar, sector: string): readonly Deadline[] {
  const { zone } = calendar
  const name = `${calendar.id}-${calendar.version}`
  return calendar.steps
    .filter(({ sectors }) => sectors.includes(sector))
    .flatMap((step): readonly Deadline[] => {
      const { due, year } = step
      if ('day' in due)
        return [{ calendar: name, step, period: year, day: due.day, due: periodWindow(due.day, zone).to }]
      return MONTHS.map((month) => {
        const period = `${year}-${month}`
        const end = periodWindow(period, zone).to + due.daysAfter * 86_400
        return { calendar: name, step, period, day: periodOf(end - 1, 'day', zone), due: end }
      })
    })
    .sort((a, b) => a.due - b.due || (a.step.name < b.step.name ? -1 : 1))
}

const MONTHS = Array.from({ length: 12 }, (_, month) => String(month + 1).padStart(2, '0'))
