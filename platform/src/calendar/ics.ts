import type { DeadlineView } from './deadline.ts'

const MARKS = {
  zh: { done: '已完成', open: '待办', late: '已逾期', date: '' },
  en: { done: 'done', open: 'open', late: 'late', date: '' },
} as const

/**
 * Deadlines as iCalendar (RFC 5545): whole days, each with a UID that stays the same, so that a calendar that reads the file again changes its
 * entries and doubles none.
 * @param stampS Unix seconds at which it was written
 */
export function icsOf(
  found: readonly DeadlineView[],
  given: { readonly language: 'zh' | 'en'; readonly name: string; readonly stampS: number },
): string {
  const { language, name, stampS } = given
  const stamp = `${new Date(stampS * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Tanlian//Deadlines//EN',
    'CALSCALE:GREGORIAN',
    `X-WR-CALNAME:${escapeText(name)}`,
    ...found.flatMap((one) => {
      const mark = MARKS[language][one.state]
      const title = `${one[language]} ${one.period} · ${one.subject}${mark === '' ? '' : ` (${mark})`}`
      return [
        'BEGIN:VEVENT',
        `UID:${one.calendar}-${one.step}-${one.period}-${one.project}@tanlian`,
        `DTSTAMP:${stamp}`,
        `DTSTART;VALUE=DATE:${one.day.replaceAll('-', '')}`,
        `SUMMARY:${escapeText(title)}`,
        `DESCRIPTION:${escapeText(`${one.source.document} [${one.source.confidence}]`)}`,
        'TRANSP:TRANSPARENT',
        'END:VEVENT',
      ]
    }),
    'END:VCALENDAR',
  ]
  return `${lines.map(fold).join('\r\n')}\r\n`
}

/** RFC 5545 section 3.3.11. */
function escapeText(text: string): string {
  return text.replaceAll(/[\\;,]/g, (sign) => `\\${sign}`).replaceAll(/\r?\n/g, '\\n')
}

/** RFC 5545 section 3.1: at most 75 bytes a line, never within a character; what follows begins with a space. */
function fold(line: string): string {
  const parts: string[] = []
  let part = ''
  let bytes = 0
  for (const sign of line) {
    const size = Buffer.byteLength(sign)
    if (bytes + size > 75) {
      parts.push(part)
      part = ' '
      bytes = 1
    }
    part += sign
    bytes += size
  }
  return [...parts, part].join('\r\n')
}
