import type { Instance } from '../instance.ts'

/** The last readings of an organization's streams, by stream, but of those that the asker may not read. */
export async function latestOf(
  instance: Pick<Instance, 'db'>,
  organization: number,
  after: number,
  limit: number,
  hidden: ReadonlySet<number>,
) {
  let query = instance.db
    .selectFrom('device_stream')
    .selectAll()
    .where('organization', '=', organization)
    .where('stream', '>', after)
    .orderBy('stream')
    .limit(limit)
  if (hidden.size > 0) query = query.where('stream', 'not in', [...hidden])
  const rows = await query.execute()
  return rows.map((row) => ({
    stream: row.stream,
    device: row.device,
    type: row.type.toString(16).padStart(6, '0'),
    interval: row.interval_s,
    validity: row.last_type === null ? null : row.last_type % 256,
    start: row.last_start_s,
    seconds: row.last_seconds,
    quantity: row.last_quantity === null ? null : String(row.last_quantity),
    sequence: row.last_sequence,
    received: row.last_received_s === null ? null : new Date(row.last_received_s * 1000).toISOString(),
  }))
}
