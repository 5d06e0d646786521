import type { Instance } from '../instance.ts'
import { raise } from '../monitoring/raise.ts'
import { SETTINGS } from '../monitoring/rule.ts'
import { type DeadlineView, deadlines } from './deadline.ts'
import { listProjects, type Project } from './project.ts'

const DAY_S = 86_400
/** How long after its day a deadline that was missed is still told of. */
const LATE_S = 30 * DAY_S

/**
 * Reminds organizations of deadlines that come near and are not met (提醒), by the alert of their rule. One stands at a time, and each deadline is told of:
 * where a later one comes near, or the one that was told of is met, its alert is resolved and the next opens.
 */
export async function remindOfDeadlines(instance: Pick<Instance, 'db' | 'clock' | 'documents'>): Promise<void> {
  const { db } = instance
  const nowMs = instance.clock()
  const nowS = Math.floor(nowMs / 1000)
  const projects = new Map<number, Project[]>()
  for (const project of await listProjects(instance))
    projects.set(project.organization, [...(projects.get(project.organization) ?? []), project])
  const rules = await db
    .selectFrom('alert_rule')
    .select(['id', 'organization', 'settings'])
    .where('kind', '=', 'deadline')
    .where('enabled', '=', true)
    .execute()
  for (const { id, organization, settings } of rules) {
    const { days } = SETTINGS.deadline.parse(JSON.parse(settings))
    for (const [of, own] of projects) {
      if (organization !== null && organization !== of) continue
      const near = deadlines(instance, own, { from: nowS - LATE_S, to: nowS + (days + 1) * DAY_S })
      const unmet = near.filter(({ state }) => state === 'open' || state === 'late')
      await tellNext(instance, { rule: id, organization: of, nowMs }, unmet)
    }
  }
}

async function tellNext(
  { db }: Pick<Instance, 'db'>,
  { rule, organization, nowMs }: { readonly rule: string; readonly organization: number; readonly nowMs: number },
  unmet: readonly DeadlineView[],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const standing = await trx
      .selectFrom('alert')
      .select(['id', 'detail'])
      .where('rule', '=', rule)
      .where('organization', '=', organization)
      .where('state', '<>', 'resolved')
      .forUpdate()
      .executeTakeFirst()
    const told = standing === undefined ? '' : placeOf(JSON.parse(standing.detail) as Place)
    const inOrder = [...unmet].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
    const isUnmet = unmet.some((one) => placeOf(one) === told)
    // An old one that is missed must not keep the next from being told of.
    const next = inOrder.find((one) => placeOf(one) > told) ?? (isUnmet ? undefined : inOrder[0])
    if (standing !== undefined) {
      if (isUnmet && next === undefined) return
      await trx.updateTable('alert').set({ state: 'resolved' }).where('id', '=', standing.id).execute()
      await trx
        .insertInto('alert_note')
        .values({ alert: standing.id, at_ms: nowMs, who: 'rule', what: 'resolved', words: null })
        .execute()
    }
    if (next === undefined) return
    const { step, zh, en, period, subject, day, due } = next
    const finding = {
      rule,
      stream: 0,
      device: null,
      times: 1,
      from: Math.floor(nowMs / 1000),
      to: due,
      values: { step, zh, en, period, subject, day, unmet: unmet.length },
    }
    await raise(trx, { organization, sequence: null, nowMs }, [finding])
  })
}

type Place = Pick<DeadlineView, 'day' | 'subject' | 'step' | 'period'>

/** A deadline among others, the first due first. */
function placeOf({ day, subject, step, period }: Place): string {
  return [day, subject, step, period].join('\n')
}
