import type { Selectable } from 'kysely'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import type { Severity } from './rule.ts'
import type { AlertNoteTable, AlertTable } from './schema.ts'

/** An alert (预警). */
export interface AlertView {
  readonly id: string
  readonly rule: string
  readonly name: string
  readonly kind: string
  readonly organization: number
  /** Null: the organization as a whole. */
  readonly stream: number | null
  readonly device: string | null
  readonly severity: Severity
  readonly state: AlertTable['state']
  readonly assignee: string | null
  readonly mutedUntil: string | null
  readonly opened: string
  readonly last: string
  readonly times: number
  readonly sequence: number | null
  readonly from: number
  readonly to: number
  readonly values: Record<string, number | string>
}

/** What a person did about an alert. */
export type AlertAct =
  | { readonly act: 'acknowledge'; readonly words?: string | undefined }
  | { readonly act: 'assign'; readonly to: string }
  | { readonly act: 'comment'; readonly words: string }
  | { readonly act: 'mute'; readonly until: string; readonly words?: string | undefined }
  | { readonly act: 'resolve'; readonly words: string }

/** What a list of alerts is narrowed by. */
export interface AlertFilter {
  readonly organization: number | undefined
  readonly state: AlertTable['state'] | undefined
  readonly severity: Severity | undefined
  readonly before: { readonly number: number; readonly hex: string } | undefined
  readonly limit: number
}

/** Alerts, the last raised first. */
export async function listAlerts(instance: Pick<Instance, 'db'>, filter: AlertFilter): Promise<AlertView[]> {
  let query = alerts(instance).orderBy('a.last_ms', 'desc').orderBy('a.id', 'desc').limit(filter.limit)
  if (filter.organization !== undefined) query = query.where('a.organization', '=', filter.organization)
  if (filter.state !== undefined) query = query.where('a.state', '=', filter.state)
  if (filter.severity !== undefined) query = query.where('a.severity', '=', filter.severity)
  const { before } = filter
  if (before !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('a.last_ms', '<', before.number),
        eb.and([eb('a.last_ms', '=', before.number), eb('a.id', '<', before.hex)]),
      ]),
    )
  return (await query.execute()).map(alertView)
}

/** One alert with all that happened to it. @throws TanlianError E_NOT_FOUND */
export async function alertOf(instance: Pick<Instance, 'db'>, organization: number, id: string) {
  const row = await alerts(instance)
    .where('a.organization', '=', organization)
    .where('a.id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw notFound()
  const notes = await instance.db.selectFrom('alert_note').selectAll().where('alert', '=', id).orderBy('id').execute()
  return { ...alertView(row), notes: notes.map(noteView) }
}

const WHAT = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  comment: 'commented',
  mute: 'muted',
  resolve: 'resolved',
} as const

/** Does one thing about an alert, and writes down who did it. @throws TanlianError E_NOT_FOUND */
export async function actOnAlert(
  instance: Pick<Instance, 'db' | 'clock'>,
  organization: number,
  id: string,
  by: string,
  act: AlertAct,
) {
  await instance.db.transaction().execute(async (db) => {
    const row = await db
      .selectFrom('alert')
      .select('state')
      .where('organization', '=', organization)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined) throw notFound()
    const change = changeOf(act, row.state)
    if (Object.keys(change).length > 0) await db.updateTable('alert').set(change).where('id', '=', id).execute()
    const words = act.act === 'assign' ? act.to : (act.words ?? null)
    await db
      .insertInto('alert_note')
      .values({ alert: id, at_ms: instance.clock(), who: by, what: WHAT[act.act], words })
      .execute()
  })
  return alertOf(instance, organization, id)
}

/** What an act changes; one that is resolved stays so: should the rule break again, a new alert is opened. */
function changeOf(act: AlertAct, state: AlertTable['state']) {
  if (state === 'resolved') return {}
  switch (act.act) {
    case 'acknowledge':
      return { state: 'acknowledged' as const }
    case 'assign':
      return { assignee: act.to }
    case 'mute':
      return { muted_until_ms: Date.parse(act.until) }
    case 'resolve':
      return { state: 'resolved' as const }
    case 'comment':
      return {}
  }
}

function alerts({ db }: Pick<Instance, 'db'>) {
  return db
    .selectFrom('alert as a')
    .innerJoin('alert_rule as r', 'r.id', 'a.rule')
    .selectAll('a')
    .select(['r.name', 'r.kind'])
}

function alertView(row: Selectable<AlertTable> & { readonly name: string; readonly kind: string }): AlertView {
  return {
    id: row.id,
    rule: row.rule,
    name: row.name,
    kind: row.kind,
    organization: row.organization,
    stream: row.stream === 0 ? null : row.stream,
    device: row.device,
    severity: row.severity,
    state: row.state,
    assignee: row.assignee,
    mutedUntil: row.muted_until_ms === null ? null : timeOf(row.muted_until_ms),
    opened: timeOf(row.opened_ms),
    last: timeOf(row.last_ms),
    times: row.times,
    sequence: row.sequence,
    from: row.from_s,
    to: row.to_s,
    values: JSON.parse(row.detail) as Record<string, number | string>,
  }
}

function noteView({ at_ms, who, what, words }: Selectable<AlertNoteTable>) {
  return { at: timeOf(at_ms), who, what, words }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
