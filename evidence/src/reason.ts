import { TanlianError } from '@tanlian/units'
import { type Block, decodeBlock, encodeBlock } from './block.ts'

/** First field of a reason's block. */
export const REASON_FORMAT = 'tanlian/reason/1'

/** Why an act was done (理由). Only H of its block goes on the chain; the salt keeps the text from being guessed there (S33). */
export interface Reason {
  /** 1 to 1,000 characters. */
  readonly text: string
  /** 16 random bytes. */
  readonly salt: Uint8Array
}

const TEXT_MAX = 1000

/** The reason's block. @throws TanlianError E_REASON_FORM */
export function encodeReason({ text, salt }: Reason): Block {
  const fields = { format: REASON_FORMAT, text, salt }
  readReason(fields)
  return encodeBlock(fields)
}

/** Reads a reason back. @throws TanlianError E_BLOCK_NOT_CANONICAL, E_REASON_FORM */
export function decodeReason(bytes: Uint8Array): Reason {
  return readReason(decodeBlock(bytes))
}

function readReason(value: unknown): Reason {
  const { format, text, salt, ...more } = (value ?? {}) as Record<string, unknown>
  if (format !== REASON_FORMAT || Object.keys(more).length > 0) throw formError(`it is no ${REASON_FORMAT}`)
  if (
    typeof text !== 'string' ||
    text === '' ||
    text.length > TEXT_MAX ||
    !text.isWellFormed() ||
    text.includes('\u0000')
  )
    throw formError(`its text has not 1 to ${TEXT_MAX} characters`)
  if (!(salt instanceof Uint8Array) || salt.length !== 16) throw formError('its salt is not 16 bytes')
  return { text, salt }
}

function formError(why: string): TanlianError {
  return new TanlianError('E_REASON_FORM', `The reason cannot be read: ${why}.`, { values: { why } })
}
