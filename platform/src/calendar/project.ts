import { randomBytes } from 'node:crypto'
import { TanlianError } from '@tanlian/units'
import { requireFacts } from '../allowance/plan.ts'
import type { Instance } from '../instance.ts'
import { addRule } from '../monitoring/rules.ts'
import { notFound } from '../policy.ts'
import { calendars } from './calendars.ts'
import './schema.ts'

/** A plant or unit of an organization that reports in a sector (报告项目). */
export interface Project {
  readonly id: string
  readonly organization: number
  readonly sector: string
  readonly subject: string
  /** What the plant says of itself that no report tells (厂区事实). */
  readonly facts: Readonly<Record<string, string>>
  readonly created: string
}

/** Days ahead that an organization is reminded, until it says otherwise. */
const REMIND_DAYS = 10

/** Sectors that have dates. */
export function sectors(): string[] {
  return [...new Set(calendars().flatMap(({ steps }) => steps.flatMap((step) => step.sectors)))].sort()
}

/** Adds a project; with the first one the organization gets a rule that reminds it. @throws TanlianError E_PROJECT_SECTOR, E_PROJECT_FACTS, E_PROJECT_TAKEN */
export async function addProject(
  { db, clock }: Pick<Instance, 'db' | 'clock'>,
  organization: number,
  by: string,
  { sector, subject, facts }: Pick<Project, 'sector' | 'subject' | 'facts'>,
): Promise<void> {
  const known = sectors()
  if (!known.includes(sector))
    throw new TanlianError('E_PROJECT_SECTOR', `No calendar has dates of ${sector}, only of ${known.join(', ')}.`, {
      values: { sector, known: known.join(', ') },
    })
  await requireFacts(sector, facts)
  const nowMs = clock()
  await db.transaction().execute(async (trx) => {
    const added = await trx
      .insertInto('report_project')
      .values({
        id: randomBytes(16).toString('hex'),
        organization,
        sector,
        subject,
        facts: JSON.stringify(facts),
        created_by: by,
        created_ms: nowMs,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    if (added.numInsertedOrUpdatedRows !== 1n)
      throw new TanlianError('E_PROJECT_TAKEN', `${subject} is a project of the organization already.`, {
        values: { subject },
      })
    const reminded = await trx
      .selectFrom('alert_rule')
      .select('id')
      .where('organization', '=', organization)
      .where('kind', '=', 'deadline')
      .executeTakeFirst()
    if (reminded !== undefined) return
    const settings = { days: REMIND_DAYS }
    const draft = { name: '期限 deadline', kind: 'deadline', severity: 'warning', settings } as const
    await addRule(trx, organization, 'platform', nowMs, { ...draft, stream: null, type: null, mail: [], enabled: true })
  })
}

/** Projects of an organization by name, or of all. */
export async function listProjects({ db }: Pick<Instance, 'db'>, organization?: number): Promise<Project[]> {
  let query = db.selectFrom('report_project').selectAll().orderBy('organization').orderBy('subject')
  if (organization !== undefined) query = query.where('organization', '=', organization)
  const rows = await query.execute()
  return rows.map(({ id, organization: of, sector, subject, facts, created_ms }) => ({
    id,
    organization: of,
    sector,
    subject,
    facts: JSON.parse(facts) as Project['facts'],
    created: new Date(created_ms).toISOString(),
  }))
}

/** Corrects what a plant says of itself. @throws TanlianError E_NOT_FOUND, E_PROJECT_FACTS */
export async function setFacts(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  id: string,
  facts: Project['facts'],
): Promise<void> {
  const project = await db
    .selectFrom('report_project')
    .select('sector')
    .where('organization', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst()
  if (project === undefined) throw notFound()
  await requireFacts(project.sector, facts)
  await db
    .updateTable('report_project')
    .set({ facts: JSON.stringify(facts) })
    .where('id', '=', id)
    .execute()
}

/** Ends a project: its deadlines are no longer looked at. @throws TanlianError E_NOT_FOUND */
export async function dropProject({ db }: Pick<Instance, 'db'>, organization: number, id: string): Promise<void> {
  const gone = await db
    .deleteFrom('report_project')
    .where('organization', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst()
  if (gone.numDeletedRows === 0n) throw notFound()
}
