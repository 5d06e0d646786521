import type { KindInfo } from '@tanlian/evidence'
import { formatQuantity as formatExactly, formatMean, formatNumber, formatTime, type Locale } from '@tanlian/units'
import i18next from 'i18next'
import { windowText } from './window-text.ts'

/** The language of the page, as units' formats name it. */
export const locale = (): Locale => (i18next.language === 'en' ? 'en' : 'zh-CN')

/**
 * A total of one kind with its unit. A gauge's integral (unit × s) means nothing to a reader: its mean over the time it covers is shown.
 * @param quantity in the kind's base unit, of a gauge base unit × s @param seconds time covered
 */
export function formatQuantity(quantity: bigint, seconds: bigint, kind: Pick<KindInfo, 'unit' | 'sort'>): string {
  if (kind.sort === 'gauge')
    return seconds === 0n ? '–' : formatMean(quantity, seconds, kind.unit, { locale: locale() })
  return formatUnit(quantity, kind.unit)
}

/** An amount of a unit, with every digit, in the unit of its scale that fits, or in the one named. */
export function formatUnit(amount: bigint, unit: string, shownIn?: string): string {
  return formatExactly(amount, unit, { locale: locale(), ...(shownIn === undefined ? {} : { in: shownIn }) })
}

/** A length of time, in s, min, h or days. */
export function formatSeconds(seconds: number): string {
  return formatExactly(seconds, 's', { locale: locale(), digits: 1 }).replace(/\.0(?= )/, '')
}

/** A share, in percent with one digit; 100 % only where it is all of it. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–'
  const tenths = Math.floor((part / whole) * 1000)
  return `${formatNumber({ coefficient: BigInt(tenths), exponent: -1 }, locale())} %`
}

/** A count, every digit, grouped. */
export function formatCount(count: number | bigint): string {
  return formatNumber(count, locale())
}

/** A moment, Unix seconds, in Asia/Shanghai unless another zone is named. */
export function formatMoment(seconds: number, zone?: string): string {
  return zone === undefined
    ? formatTime(Math.floor(seconds), locale())
    : formatTime(Math.floor(seconds), locale(), zone)
}

/** A window of time in Asia/Shanghai, Unix seconds. */
export function formatWindow(from: number, to: number): string {
  return windowText(from, to, locale())
}

/** How old a thing is: "12 s ago". Both times in milliseconds. */
export function formatAge(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000))
  if (seconds < 60) return i18next.t('age.seconds', { n: seconds })
  if (seconds < 3600) return i18next.t('age.minutes', { n: Math.floor(seconds / 60) })
  return i18next.t('age.hours', { n: Math.floor(seconds / 3600) })
}

/** Bytes in powers of 1,000: a size on the wire, not a quantity of carbon. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'kB', 'MB', 'GB'] as const
  const step = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3))
  const value = new Intl.NumberFormat(locale(), { maximumFractionDigits: step === 0 ? 0 : 1 }).format(
    bytes / 1000 ** step,
  )
  return `${value} ${names[step]}`
}

/** A digest, CID or address as short as it stays recognisable; the whole stands in the title. */
export function shorten(text: string, kept = 6): string {
  return text.length <= kept * 2 + 3 ? text : `${text.slice(0, kept + 2)}…${text.slice(-kept)}`
}
