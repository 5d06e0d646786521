import { formatTime, type Locale } from '@tanlian/units'

/**
 * A window of time as people say it: whole days by their dates, both included; whole minutes without their seconds; one day's date only
 * once. @param from @param to Unix seconds, half open; in Asia/Shanghai
 */
export function windowText(from: number, to: number, locale: Locale): string {
  const parts = (at: number) => formatTime(at, locale).split(/,? /) as [day: string, time: string]
  const [firstDay, firstTime] = parts(from)
  const [lastDay, lastTime] = parts(to)
  if (firstTime === MIDNIGHT && lastTime === MIDNIGHT) {
    const [day] = parts(to - 1)
    return day === firstDay ? day : `${firstDay} – ${day}`
  }
  const first = `${firstDay} ${shortTime(firstTime)}`
  return `${first} – ${lastDay === firstDay ? '' : `${lastDay} `}${shortTime(lastTime)}`
}

const MIDNIGHT = '00:00:00'
const shortTime = (time: string) => time.replace(/:00$/, '')
