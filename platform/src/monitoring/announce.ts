import type { Transaction } from 'kysely'
import type { Schema } from '../schema.ts'

/** A new alert, as it is told outside. */
export interface Announcement {
  readonly id: string
  readonly organization: number
  /** Of its rule, such as `threshold` or `deadline`. */
  readonly kind: string
  readonly rule: string
  readonly severity: string
  readonly stream: number
  readonly device: string | null
  readonly times: number
  readonly from: number
  readonly to: number
  readonly values: Readonly<Record<string, number | string>>
}

/** Puts mails and webhooks into the queue, in the transaction that opens the alert: none is lost, and none is sent for what was rolled back. */
export async function announce(
  db: Transaction<Schema>,
  nowMs: number,
  alert: Announcement,
  mail: readonly string[],
): Promise<void> {
  const hooks = await db.selectFrom('webhook').select('url').where('organization', '=', alert.organization).execute()
  const body = JSON.stringify({ event: 'alert', at: new Date(nowMs).toISOString(), alert })
  const rows = [
    ...mail.map((target) => ({ channel: 'mail' as const, target })),
    ...hooks.map(({ url }) => ({ channel: 'webhook' as const, target: url })),
  ]
  if (rows.length === 0) return
  await db
    .insertInto('delivery')
    .values(
      rows.map((row) => ({
        ...row,
        organization: alert.organization,
        alert: alert.id,
        body,
        state: 'waiting' as const,
        next_ms: nowMs,
        failure: null,
      })),
    )
    .execute()
}
