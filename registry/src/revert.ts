import type { Refusal } from '@tanlian/units'
import { BaseError, type Hex } from 'viem'
import { refusalOfRevert } from './contract.ts'

/**
 * The contract's refusal inside a failed request; undefined if the request failed for another reason, and then nothing is known (F21).
 * A node gives the revert data beside its message, at a depth that differs from node to node.
 */
export function refusalIn(error: unknown): Refusal | undefined {
  const data = revertData(error)
  if (data !== undefined) return refusalOfRevert(data)
  return error instanceof BaseError && /execution reverted|revert(ed)?\b/i.test(error.details)
    ? refusalOfRevert('0x')
    : undefined
}

/** What the node said, in one line. */
export function nodeMessage(error: unknown): string {
  if (error instanceof BaseError) return error.details || error.shortMessage
  return error instanceof Error ? error.message : String(error)
}

function revertData(error: unknown): Hex | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    const { data } = at as { data?: unknown }
    const found = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data
    if (typeof found === 'string' && /^0x([0-9a-f]{2}){4,}$/i.test(found)) return found as Hex
  }
  return undefined
}
