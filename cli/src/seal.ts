import { fromHex, PRIVACY_MODES, type PrivacyRule } from '@tanlian/evidence'
import { usageError } from './command.ts'
import { typeHex } from './question.ts'

/** `shared`, or `electricity=shared,co2=closed`: how the readings of each type are kept. None: all are open. Codes: E_CLI_USAGE. */
export function readPrivacy(text: string | undefined): PrivacyRule[] {
  if (text === undefined) return []
  return text.split(',').map((part) => {
    const [left = '', right] = part.split('=').map((word) => word.trim())
    const prefix = right === undefined ? new Uint8Array(0) : fromHex(typeHex(left))
    const mode = PRIVACY_MODES.find((one) => one === (right ?? left))
    if (mode === undefined || prefix.length > 3)
      throw usageError({
        en: `${part} is no way of keeping a type: write open, shared or closed, or TYPE=shared.`,
        zh: `${part} 不是可用的方式：请写 open、shared 或 closed，或 类型=shared。`,
      })
    return { prefix, mode }
  })
}
