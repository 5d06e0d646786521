import { EVIDENCE_ERRORS } from '@tanlian/evidence'
import { SDK_ERRORS } from '@tanlian/sdk'
import { type ErrorTable, TanlianError, UNITS_ERRORS } from '@tanlian/units'
import { WEB_ERRORS } from '../errors.ts'

const TABLES: ErrorTable = { ...UNITS_ERRORS, ...EVIDENCE_ERRORS, ...SDK_ERRORS, ...WEB_ERRORS }

/** A code's sentence in the reader's language; `undefined` for codes that only the platform knows. */
export function codeText(code: string, language: string): string | undefined {
  return TABLES[code]?.[language === 'en' ? 'en' : 'zh']
}

/**
 * What went wrong, in the reader's language. The message with its values is English; in Chinese the code's sentence comes first and the
 * message follows where it names values, so that nothing is lost.
 */
export function errorText(error: unknown, language: string): string {
  if (!(error instanceof TanlianError)) return error instanceof Error ? error.message : String(error)
  const known = codeText(error.code, language)
  if (known === undefined || language === 'en') return error.message
  return Object.keys(error.values).length === 0 ? known : `${known}（${error.message}）`
}
