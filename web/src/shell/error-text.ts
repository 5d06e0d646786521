import { EVIDENCE_ERRORS } from '@tanlian/evidence'
import { SDK_ERRORS } from '@tanlian/sdk'
import { type ErrorTable, TanlianError, UNITS_ERRORS } from '@tanlian/units'
import { WEB_ERRORS } from '../errors.ts'

let tables: ErrorTable = { ...UNITS_ERRORS, ...EVIDENCE_ERRORS, ...SDK_ERRORS, ...WEB_ERRORS }

/** Adds the codes of a part of the app that is loaded when it is opened. */
export function addErrors(table: ErrorTable): void {
  tables = { ...tables, ...table }
}

/** A code's sentence in the reader's language; `undefined` for codes that only the platform knows. */
export function codeText(code: string, language: string): string | undefined {
  return tables[code]?.[language === 'en' ? 'en' : 'zh']
}

/**
 * What went wrong, in the reader's language. English is the message itself, with its values; in Chinese it is the code's sentence, which for
 * the platform's own codes comes with the answer.
 */
export function errorText(error: unknown, language: string): string {
  if (!(error instanceof TanlianError)) return error instanceof Error ? error.message : String(error)
  if (language === 'en') return error.message
  const told = error.values.title
  return codeText(error.code, language) ?? (typeof told === 'string' ? told : error.message)
}
