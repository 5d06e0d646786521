import { type ErrorTable, formatNumber } from '@tanlian/units'
import type { Output, Text } from './output.ts'

/** What a line of a verdict says beside how it came out. */
interface Line {
  readonly step: string
  readonly code?: string
  readonly message?: string
  readonly values: Readonly<Record<string, unknown>>
}

/** What a step that held is called, with the line's values for the names in braces. */
export function stepText(out: Output, text: Text, { values }: Line): string {
  return out.say(text).replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    return typeof value === 'number'
      ? formatNumber(value, out.language === 'zh' ? 'zh-CN' : 'en')
      : String(value ?? '–')
  })
}

/** Why a step did not hold, or was not checked; in Chinese by its code, since messages are English. */
export function reasonText(out: Output, table: ErrorTable, { code, message, step }: Line): string {
  const text = code === undefined ? undefined : table[code]
  return (out.language === 'en' ? message : undefined) ?? (text === undefined ? (code ?? step) : out.say(text))
}
