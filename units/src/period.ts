import { TanlianError } from './error.ts'
import { localSeconds, localTime, type Zone, zoneOf } from './zone.ts'

/** A half-open span of time `[from, to)` in Unix seconds. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** Calendar windows are of this zone unless another is named (spec section 4). */
export const DEFAULT_ZONE = 'Asia/Shanghai'

/**
 * The window of a calendar period (时段): `2018`, `2018-03` or `2018-03-14`, from local midnight to local midnight.
 * @throws TanlianError E_PERIOD_FORM, E_ZONE_UNKNOWN, and E_TIME_AMBIGUOUS or E_TIME_MISSING where a zone's clocks change at that midnight.
 * @example periodWindow('2018-03') // { from: 1519833600, to: 1522512000 }
 */
export function periodWindow(period: string, zone: string = DEFAULT_ZONE): Window {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(period)
  const [, year = '', month, day] = match ?? []
  const clock = zoneOf(zone)
  const first = { year: Number(year), month: Number(month ?? 1), day: Number(day ?? 1) }
  try {
    const from = midnight(clock, first)
    if (day !== undefined) {
      const next = localTime(localSeconds({ ...first, hour: 24, minute: 0, second: 0 }))
      return { from, to: midnight(clock, next) }
    }
    const december = month === undefined || first.month === 12
    return {
      from,
      to: midnight(clock, { year: first.year + (december ? 1 : 0), month: december ? 1 : first.month + 1, day: 1 }),
    }
  } catch (cause) {
    if (!(cause instanceof TanlianError) || cause.code !== 'E_TIME_FORM') throw cause
    throw new TanlianError(
      'E_PERIOD_FORM',
      `"${period.slice(0, 20)}" is not a period such as 2018, 2018-03 or 2018-03-14.`,
      {
        cause,
        values: { period: period.slice(0, 20) },
      },
    )
  }
}

/** The period key that a moment falls into. @throws TanlianError E_ZONE_UNKNOWN */
export function periodOf(unixSeconds: number, length: 'year' | 'month' | 'day', zone: string = DEFAULT_ZONE): string {
  const { year, month, day } = localTime(zoneOf(zone).toLocal(unixSeconds))
  const parts = [year.toString().padStart(4, '0'), ...[month, day].map((part) => part.toString().padStart(2, '0'))]
  return parts.slice(0, { year: 1, month: 2, day: 3 }[length]).join('-')
}

function midnight(zone: Zone, { year, month, day }: { year: number; month: number; day: number }): number {
  return zone.toUnix(localSeconds({ year, month, day, hour: 0, minute: 0, second: 0 }))
}
