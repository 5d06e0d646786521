/** A table of error codes: what happened and what to do, one sentence each, in both languages. */
export type ErrorTable = Readonly<Record<string, { readonly en: string; readonly zh: string }>>

/** Values that an error names, as they will be shown. */
export type ErrorValues = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>

/**
 * Input that was refused, or a part that failed. The message is English and says what happened, with the values, and what to do;
 * `code` is stable and is what programs and translations go by (`docs/errors.md`).
 */
export class TanlianError extends Error {
  readonly code: string
  readonly values: ErrorValues

  constructor(code: string, message: string, options: { values?: ErrorValues; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'TanlianError'
    this.code = code
    this.values = options.values ?? {}
  }
}

/** An expected "no": the first thing that did not hold, and where. */
export interface Refusal {
  readonly ok: false
  readonly code: string
  readonly message: string
  readonly values?: ErrorValues
}

/** Turns a caught {@link TanlianError} into a {@link Refusal}; anything else is our own fault and is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof TanlianError)) throw error
  return { ok: false, code: error.code, message: error.message, values: error.values }
}
