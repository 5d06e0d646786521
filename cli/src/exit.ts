import { EVIDENCE_ERRORS } from '@tanlian/evidence'
import { SDK_ERRORS } from '@tanlian/sdk'
import { type ErrorTable, TanlianError, UNITS_ERRORS } from '@tanlian/units'
import { CLI_ERRORS } from './errors.ts'
import type { Language } from './output.ts'

/** How a command ends: what its exit code says to a script. */
export const EXIT = { fine: 0, failed: 1, usage: 2, notFound: 3, network: 4, refused: 5 } as const

const USAGE = new Set([
  'E_CLI_USAGE',
  'E_CLI_NEEDS_ANSWER',
  'E_CLI_SETTINGS',
  'E_FILTER_FORM',
  'E_PERIOD_FORM',
  'E_ZONE_UNKNOWN',
])
const NOT_FOUND = new Set(['E_CLI_NOT_FOUND', 'E_FILE_MISSING', 'E_KEY_MISSING', 'E_IMPORT_UNKNOWN', 'E_NOT_FOUND'])
const NETWORK = new Set([
  'E_CLIENT_NETWORK',
  'E_CLIENT_TIMEOUT',
  'E_CLIENT_ANSWER',
  'E_CHAIN_RPC',
  'E_TRACE_BLOCK',
  'E_UP_START',
])

/** The exit code of an error: what a script has to tell apart. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof TanlianError)) return EXIT.failed
  if (error.code === 'E_CHECK_FAILED') return EXIT.failed
  if (USAGE.has(error.code)) return EXIT.usage
  if (NOT_FOUND.has(error.code) || error.values.status === 404) return EXIT.notFound
  const { status } = error.values
  if (NETWORK.has(error.code) || (typeof status === 'number' && status >= 500)) return EXIT.network
  return EXIT.refused
}

const TABLE: ErrorTable = { ...UNITS_ERRORS, ...EVIDENCE_ERRORS, ...SDK_ERRORS, ...CLI_ERRORS }

/** Members of the platform's answer that are its form, not its values (RFC 9457). */
const FORM = new Set(['type', 'title', 'status', 'detail', 'instance', 'code'])

/**
 * An error as one line for a person, with its code. English messages carry the values in the sentence; Chinese names them after it. A
 * sentence that came with the error, as the platform's answers have one, goes before the table's.
 */
export function errorText(error: unknown, language: Language): string {
  if (!(error instanceof TanlianError)) return error instanceof Error ? error.message : String(error)
  const { title } = error.values
  const text = language === 'zh' ? (typeof title === 'string' ? title : TABLE[error.code]?.zh) : undefined
  if (text === undefined) return `${error.message} (${error.code})`
  const values = Object.entries(error.values)
    .filter(([name, value]) => !FORM.has(name) && value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${value}`)
  return `${text}（${[error.code, ...values].join('，')}）`
}
