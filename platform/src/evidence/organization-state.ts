import { decodeState, type OrganizationState, toHex } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'

/** Organizations whose state is held decoded: those that were asked for last. */
const HELD = 32

const held = new WeakMap<Instance['db'], Map<number, { readonly head: string; readonly state: OrganizationState }>>()

/**
 * What an organization's accepted batches add up to: its streams and the time that they cover. It is decoded once for each head and then shared,
 * so nobody may change it. Undefined before the first batch.
 */
export async function organizationState(
  { db }: Pick<Instance, 'db'>,
  organization: number,
): Promise<OrganizationState | undefined> {
  const known = held.get(db) ?? new Map<number, { readonly head: string; readonly state: OrganizationState }>()
  held.set(db, known)
  const rows = db.selectFrom('organization_state').where('organization', '=', organization)
  const now = await rows.select('digest').executeTakeFirst()
  if (now === undefined) return undefined
  const before = known.get(organization)
  known.delete(organization)
  if (before?.head === toHex(now.digest)) {
    known.set(organization, before)
    return before.state
  }
  // Head and state of one row: what came in between is as good as what was asked for.
  const row = await rows.select(['digest', 'state']).executeTakeFirstOrThrow()
  const state = decodeState(new Uint8Array(row.state))
  known.set(organization, { head: toHex(row.digest), state })
  const [oldest] = known.keys()
  if (known.size > HELD && oldest !== undefined) known.delete(oldest)
  return state
}
