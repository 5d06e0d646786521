import { randomBytes } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import { notFound } from '../policy.ts'
import type { Schema } from '../schema.ts'
import { FIRST_RULES, type Rule, type RuleKind, SETTINGS, type Severity } from './rule.ts'
import type { AlertRuleTable } from './schema.ts'

/** A rule as the platform shows it. */
export interface RuleView {
  readonly id: string
  /** Null: a regulator's, for everybody. */
  readonly organization: number | null
  readonly name: string
  readonly kind: RuleKind
  readonly stream: number | null
  readonly type: string | null
  readonly severity: Severity
  readonly settings: Record<string, number>
  readonly mail: string[]
  readonly enabled: boolean
  readonly created: string
}

/** What a rule is made of. */
export interface RuleDraft {
  readonly name: string
  readonly kind: RuleKind
  readonly stream: number | null
  readonly type: string | null
  readonly severity: Severity
  readonly settings: object
  readonly mail: readonly string[]
  readonly enabled: boolean
}

type Db = Kysely<Schema>

/** The rules in force for an organization: its own and the regulator's. */
export async function rulesFor(db: Db, organization: number): Promise<Rule[]> {
  const rows = await db
    .selectFrom('alert_rule')
    .selectAll()
    .where((eb) => eb.or([eb('organization', '=', organization), eb('organization', 'is', null)]))
    .where('enabled', '=', true)
    .orderBy('id')
    .execute()
  return rows.map(
    ({ id, kind, stream, type, settings }) =>
      ({
        id,
        kind,
        stream: stream ?? undefined,
        type: type ?? undefined,
        settings: SETTINGS[kind].parse(JSON.parse(settings)),
      }) as Rule,
  )
}

/** Gives an organization the rules that everybody starts with; they are its own from then on. */
export async function addFirstRules(db: Db, organization: number, nowMs: number): Promise<void> {
  for (const rule of FIRST_RULES)
    await addRule(db, organization, 'platform', nowMs, { ...rule, stream: null, type: null, mail: [], enabled: true })
}

/** Rules of an organization, or with null those of the regulator, oldest first. */
export async function listRules(db: Db, organization: number | null): Promise<RuleView[]> {
  const rows = await db
    .selectFrom('alert_rule')
    .selectAll()
    .where('organization', organization === null ? 'is' : '=', organization)
    .orderBy('created_ms')
    .orderBy('name')
    .execute()
  return rows.map(ruleView)
}

/** Adds a rule; it counts from the next batch on. */
export async function addRule(
  db: Db,
  organization: number | null,
  by: string,
  nowMs: number,
  draft: RuleDraft,
): Promise<RuleView> {
  const row = await db
    .insertInto('alert_rule')
    .values({
      id: randomBytes(16).toString('hex'),
      organization,
      created_by: by,
      created_ms: nowMs,
      ...columnsOf(draft),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return ruleView(row)
}

/** Puts a rule in the place of another; its alerts stay with it. @throws TanlianError E_NOT_FOUND */
export async function changeRule(db: Db, organization: number | null, id: string, draft: RuleDraft): Promise<RuleView> {
  const row = await db
    .updateTable('alert_rule')
    .set(columnsOf(draft))
    .where('id', '=', id)
    .where('organization', organization === null ? 'is' : '=', organization)
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) throw notFound()
  return ruleView(row)
}

function columnsOf({ settings, mail, ...rest }: RuleDraft) {
  return { ...rest, settings: JSON.stringify(settings), mail: JSON.stringify(mail) }
}

function ruleView(row: Selectable<AlertRuleTable>): RuleView {
  const { created_by: _, created_ms, settings, mail, ...rest } = row
  return {
    ...rest,
    settings: JSON.parse(settings) as Record<string, number>,
    mail: JSON.parse(mail) as string[],
    created: new Date(created_ms).toISOString(),
  }
}
