import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { periodOf, periodWindow } from './period.ts'
import { localSeconds, localTime, zoneOf } from './zone.ts'

const at = (text: string) => Date.parse(text) / 1000
const local = (text: string) => at(`${text}Z`)

describe('calendar windows', () => {
  test.each([
    ['2018-03', undefined, '2018-03-01T00:00:00+08:00', '2018-04-01T00:00:00+08:00'],
    ['2018', undefined, '2018-01-01T00:00:00+08:00', '2019-01-01T00:00:00+08:00'],
    ['2018-12', undefined, '2018-12-01T00:00:00+08:00', '2019-01-01T00:00:00+08:00'],
    ['2020-02-29', undefined, '2020-02-29T00:00:00+08:00', '2020-03-01T00:00:00+08:00'],
    ['2018-12-31', 'Asia/Seoul', '2018-12-31T00:00:00+09:00', '2019-01-01T00:00:00+09:00'],
    ['2018-03', 'Europe/Berlin', '2018-03-01T00:00:00+01:00', '2018-04-01T00:00:00+02:00'],
    ['2018-07', 'UTC', '2018-07-01T00:00:00Z', '2018-08-01T00:00:00Z'],
    ['2018-07', '-03:30', '2018-07-01T00:00:00-03:30', '2018-08-01T00:00:00-03:30'],
  ])('%s in %s', (period, zone, from, to) => {
    expect(periodWindow(period, zone)).toEqual({ from: at(from), to: at(to) })
  })

  test.each(['', '18', '2018-13', '2018-00', '2019-02-29', '2018-1', '2018-01-32', '2018/01', '0000', '2018-01-01T00'])(
    '"%s" is no period',
    (period) => {
      expect(() => periodWindow(period)).toThrow(expect.objectContaining({ code: 'E_PERIOD_FORM' }))
    },
  )

  test('the days of a month are its whole', () => {
    const month = periodWindow('2024-02')
    const days = Array.from({ length: 29 }, (_, i) => periodWindow(`2024-02-${String(i + 1).padStart(2, '0')}`))
    expect(days[0]?.from).toBe(month.from)
    for (const [i, day] of days.entries()) expect(day.to).toBe(days[i + 1]?.from ?? month.to)
  })

  test('a moment lies in the window of its own period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: at('2099-12-31T00:00:00Z') }),
        fc.constantFrom('year' as const, 'month' as const, 'day' as const),
        fc.constantFrom('UTC', '+08:00', 'America/New_York', 'Asia/Seoul'),
        (moment, length, zone) => {
          const { from, to } = periodWindow(periodOf(moment, length, zone), zone)
          expect(from <= moment && moment < to).toBe(true)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('zones', () => {
  test.each([
    ['Asia/Shanghai', '2018-07-01T12:00:00', '2018-07-01T12:00:00+08:00'],
    ['Asia/Shanghai', '1988-07-01T12:00:00', '1988-07-01T12:00:00+09:00'],
    ['America/New_York', '2021-03-14T01:59:59', '2021-03-14T01:59:59-05:00'],
    ['America/New_York', '2021-03-14T03:00:00', '2021-03-14T03:00:00-04:00'],
    ['Europe/Berlin', '2021-10-31T03:00:00', '2021-10-31T03:00:00+01:00'],
    ['Europe/Berlin', '2021-10-31T01:59:59', '2021-10-31T01:59:59+02:00'],
    ['Asia/Kathmandu', '2021-01-01T00:00:00', '2021-01-01T00:00:00+05:45'],
  ])('%s %s', (zone, wall, moment) => {
    expect(zoneOf(zone).toUnix(local(wall))).toBe(at(moment))
    expect(zoneOf(zone).toLocal(at(moment))).toBe(local(wall))
  })

  test('an hour that was skipped or came twice is refused with a code', () => {
    expect(() => zoneOf('America/New_York').toUnix(local('2021-03-14T02:30:00'))).toThrow(
      expect.objectContaining({ code: 'E_TIME_MISSING' }),
    )
    expect(() => zoneOf('America/New_York').toUnix(local('2021-11-07T01:30:00'))).toThrow(
      expect.objectContaining({ code: 'E_TIME_AMBIGUOUS' }),
    )
  })

  test('every hour of a year leads there and back, or is refused', () => {
    for (const name of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const zone = zoneOf(name)
      const refused: string[] = []
      for (let hour = 0; hour < 8760; hour++) {
        const wall = local('2017-01-01T00:30:00') + hour * 3600
        try {
          expect(zone.toLocal(zone.toUnix(wall))).toBe(wall)
        } catch (error) {
          refused.push((error as { code?: string }).code ?? String(error))
        }
      }
      // Half an hour is skipped at Lord Howe, two changes a year (four at Casablanca, for Ramadan) elsewhere.
      expect(refused.filter((code) => code === 'E_TIME_MISSING').length).toBe(
        name === 'Africa/Casablanca' ? 2 : 1 - Number(name === 'Australia/Lord_Howe'),
      )
    }
  })

  test.each(['', 'Mars/Olympus', '+8', '+25:00', '+08:60', '08:00', 'local'])('"%s" is no zone', (name) => {
    expect(() => zoneOf(name)).toThrow(expect.objectContaining({ code: 'E_ZONE_UNKNOWN' }))
  })
})

describe('the calendar', () => {
  test('agrees with the runtime on every day of 130 years', () => {
    for (let day = 0; day < 47_482; day++)
      expect(localSeconds(localTime(day * 86_400 + 3661))).toBe(day * 86_400 + 3661)
  })

  test('24:00 is the end of its day, and nothing else goes beyond the calendar', () => {
    const noon = { year: 2018, month: 1, day: 1, hour: 0, minute: 0, second: 0 }
    expect(localSeconds({ ...noon, hour: 24 })).toBe(local('2018-01-02T00:00:00'))
    for (const bad of [
      { month: 13 },
      { month: 2, day: 29 },
      { day: 0 },
      { hour: 24, minute: 1 },
      { second: 60 },
      { hour: 1.5 },
    ])
      expect(() => localSeconds({ ...noon, ...bad })).toThrow(expect.objectContaining({ code: 'E_TIME_FORM' }))
  })
})
