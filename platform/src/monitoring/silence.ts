import type { Instance } from '../instance.ts'
import { isMeant } from './evaluate.ts'
import { raise } from './raise.ts'
import { SETTINGS } from './rule.ts'

/** Raises the alerts that only the clock can tell: streams of which nothing came for longer than a rule allows. */
export async function listenForSilence(instance: Pick<Instance, 'db' | 'clock'>): Promise<void> {
  const nowMs = instance.clock()
  const rules = await instance.db
    .selectFrom('alert_rule')
    .select(['id', 'organization', 'stream', 'type', 'settings'])
    .where('kind', '=', 'silence')
    .where('enabled', '=', true)
    .execute()
  for (const { id, organization, stream, type, settings } of rules) {
    const { seconds } = SETTINGS.silence.parse(JSON.parse(settings))
    let query = instance.db
      .selectFrom('device_stream')
      .select(['organization', 'stream', 'type', 'device', 'last_received_s'])
      .where('last_received_s', '<', Math.floor(nowMs / 1000) - seconds)
      // One that stands already is not raised by every look at the clock.
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('alert as a')
              .select('a.id')
              .where('a.rule', '=', id)
              .whereRef('a.organization', '=', 'device_stream.organization')
              .whereRef('a.stream', '=', 'device_stream.stream')
              .where('a.state', '<>', 'resolved'),
          ),
        ),
      )
      .limit(1000)
    if (organization !== null) query = query.where('organization', '=', organization)
    for (const row of await query.execute()) {
      if (!isMeant({ stream: stream ?? undefined, type: type ?? undefined }, row)) continue
      const from = row.last_received_s ?? 0
      const finding = {
        rule: id,
        stream: row.stream,
        device: row.device,
        times: 1,
        from,
        to: Math.floor(nowMs / 1000),
        values: { silentSeconds: Math.floor(nowMs / 1000) - from, most: seconds },
      }
      await instance.db
        .transaction()
        .execute((db) => raise(db, { organization: row.organization, sequence: null, nowMs }, [finding]))
    }
  }
}
