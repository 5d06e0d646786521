import { digestOf, encodeReason, type Reason, toHex0x } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Instance } from '../instance.ts'
import type { ReadAct } from './act.ts'
import './schema.ts'

/**
 * Holds the reason of a decision about an application against the digest that was signed.
 * @returns what keeps it, in the transaction that hands the act on.
 * @throws TanlianError E_REASON_DIGEST, E_REASON_FORM
 */
export function keepReason(instance: Instance, act: ReadAct, reason: Reason): (db: Instance['db']) => Promise<void> {
  const message = act.message as Readonly<Record<string, unknown>>
  const block = encodeReason(reason)
  const digest = digestOf(block.cid)
  if (message.application === undefined || message.reason !== toHex0x(digest))
    throw new TanlianError(
      'E_REASON_DIGEST',
      `The ${act.name} does not name ${toHex0x(digest)}, the digest of this reason.`,
      {
        values: { act: act.name, computed: toHex0x(digest) },
      },
    )
  return async (db) => {
    await db
      .insertInto('reason')
      .values({ digest, block: block.bytes, created_ms: instance.clock() })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}
