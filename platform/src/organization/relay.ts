import { fromHex0x } from '@tanlian/evidence'
import { actCalldata } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import { waitingRow } from '../chain/outbox-store.ts'
import type { Instance } from '../instance.ts'
import { intentIdOf, jobOf, type ReadAct } from './act.ts'

/**
 * Hands an act to the outbox, which carries it to the chain at most once (S31). Before, the registry is asked whether it would accept it
 * now, so that a wrong nonce or a missing right is answered at once with the contract's own reason.
 * An act that was handed in before is not tried again: its job tells how it went.
 * @param besides written in the same transaction as the intent.
 * @throws TanlianError the registry's refusal.
 */
export async function relay(
  instance: Instance,
  act: ReadAct,
  besides?: (db: Instance['db']) => Promise<void>,
): Promise<void> {
  const { chain, db } = instance
  const id = intentIdOf(jobOf(act))
  const known = await db.selectFrom('intent').select('state').where('id', '=', id).executeTakeFirst()
  if (known !== undefined && known.state !== 'failed') return
  const data = actCalldata(act.name, act.message, act.signatures)
  const to = chain.contracts.OrganizationRegistry
  const tried = await chain.tryCall({ to, data })
  if (!tried.ok) throw new TanlianError(tried.code, tried.message, { values: tried.values ?? {} })
  if (known !== undefined) {
    await chain.outbox.retry([id])
    return
  }
  await db.transaction().execute(async (transaction) => {
    await besides?.(transaction)
    await transaction
      .insertInto('act')
      .values({
        job: jobOf(act),
        name: act.name,
        message: JSON.stringify(act.message),
        signer: act.signer,
        created_ms: instance.clock(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await transaction
      .insertInto('intent')
      .values(waitingRow({ id, kind: 'act', to, data: fromHex0x(data), createdAtMs: instance.clock() }))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
  chain.outbox.wake()
}
