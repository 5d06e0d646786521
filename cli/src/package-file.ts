import { TanlianError } from '@tanlian/units'
import type { Context } from './command.ts'
import { EXIT, errorText } from './exit.ts'

/** Opens a package; one that does not open has failed its check as surely as one whose proof or report does not come out. */
export function openPackage<Pack>(
  { out }: Context,
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Pack,
): Pack | undefined {
  try {
    return decode(bytes)
  } catch (error) {
    if (!(error instanceof TanlianError)) throw error
    out.line(`${out.colors.red('✘')} ${errorText(error, out.language)}`)
    out.data({ status: 'failed', lines: [], code: error.code, message: error.message })
    process.exitCode = EXIT.failed
    return undefined
  }
}
