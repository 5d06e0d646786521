import { randomBytes } from 'node:crypto'
import { valueOfTotal } from '@tanlian/accounting'
import { cidFromDigest, digestOf, fromHex } from '@tanlian/evidence'
import { periodWindow, TanlianError } from '@tanlian/units'
import type { Selectable } from 'kysely'
import type { CID } from 'multiformats/cid'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import { fillInputs, refill, type Split } from './fill.ts'
import { closeRows, type DraftInput, type DraftOrigin } from './input.ts'
import { findProgram, type LoadedProgram } from './program.ts'
import type { ReportDraftTable } from './schema.ts'
import { totalsOf } from './total.ts'

/** A report being prepared (报告草稿). */
export interface Draft {
  readonly id: string
  readonly organization: number
  readonly type: 'month' | 'year'
  readonly subject: string
  readonly period: string
  readonly zone: string
  readonly from: number
  readonly to: number
  readonly methodology: CID
  readonly corrects: CID | null
  readonly reason: string | null
  readonly inputs: readonly DraftInput[]
  readonly answers: readonly Answer[]
  readonly version: number
  readonly createdMs: number
  readonly changedMs: number
}

/** An answer to a finding of a cross-check: its rule, what it is about, the words. */
export type Answer = readonly [rule: string, subject: string, text: string]

/** What a report is begun with. */
export interface NewDraft {
  readonly type: 'month' | 'year'
  readonly subject: string
  /** `2025` of a year's report, `2025-03` of a month's. */
  readonly period: string
  readonly zone: string
  readonly methodology: CID
  readonly split: Split
  readonly corrects: CID | null
  readonly reason: string | null
  /** What is taken over, such as the inputs of the report that is corrected. */
  readonly inputs: readonly DraftInput[]
}

/** A total as a person asks for it: what it comes to is looked up, never taken from the request. */
export type AskedOrigin = Exclude<DraftOrigin, { kind: 'total' }> | Omit<DraftOrigin & { kind: 'total' }, Looked>
/** An input as it comes in. */
export type AskedInput = Omit<DraftInput, 'origin' | 'value'> & {
  readonly origin: AskedOrigin
  readonly value?: string | undefined
}
type Looked = 'quantity' | 'seconds'

/** Begins a draft that fills itself from proven totals. @throws TanlianError E_DRAFT_PERIOD, E_METHODOLOGY_UNKNOWN, E_DRAFT_ZONE */
export async function beginDraft(
  instance: Instance,
  organization: number,
  by: string,
  { type, subject, period, zone, methodology, split, corrects, reason, inputs }: NewDraft,
): Promise<Draft> {
  if ((type === 'year') !== /^\d{4}$/.test(period))
    throw new TanlianError('E_DRAFT_PERIOD', `${period} is no period of a ${type}'s report.`, {
      values: { type, period },
    })
  const { from, to } = periodWindow(period, zone)
  const { program } = await findProgram(instance, methodology)
  const filled = await fillInputs(instance, program.methodology, { organization, period, zone }, split)
  const id = randomBytes(16).toString('hex')
  const nowMs = instance.clock()
  await instance.db
    .insertInto('report_draft')
    .values({
      id,
      organization,
      type,
      subject,
      period,
      zone,
      from_s: from,
      to_s: to,
      methodology: digestOf(methodology),
      corrects: corrects === null ? null : digestOf(corrects),
      reason,
      inputs: JSON.stringify(closeRows(refill(inputs, filled))),
      answers: '[]',
      version: 1,
      created_by: by,
      created_ms: nowMs,
      changed_ms: nowMs,
    })
    .execute()
  return draftOf(instance, organization, id)
}

/** One draft of an organization. @throws TanlianError E_NOT_FOUND */
export async function draftOf({ db }: Pick<Instance, 'db'>, organization: number, id: string): Promise<Draft> {
  const row = await db
    .selectFrom('report_draft')
    .selectAll()
    .where('organization', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst()
  if (row === undefined) throw notFound()
  return draftFrom(row)
}

/** Drafts of an organization, the last changed first. */
export async function listDrafts(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  before: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<Draft[]> {
  let query = db
    .selectFrom('report_draft')
    .selectAll()
    .where('organization', '=', organization)
    .orderBy('changed_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('changed_ms', '<', before.number),
        eb.and([eb('changed_ms', '=', before.number), eb('id', '<', before.hex)]),
      ]),
    )
  return (await query.execute()).map(draftFrom)
}

/**
 * Writes what a person changed; totals are looked up anew.
 * @throws TanlianError E_NOT_FOUND, E_DRAFT_VERSION, E_DRAFT_INPUT, E_REPORT_TOTAL
 */
export async function changeDraft(
  instance: Instance,
  organization: number,
  id: string,
  change: { readonly version: number; readonly inputs: readonly AskedInput[]; readonly answers: readonly Answer[] },
): Promise<Draft> {
  const draft = await draftOf(instance, organization, id)
  const loaded = await findProgram(instance, draft.methodology)
  const inputs = await lookUp(instance, organization, loaded, change.inputs)
  return save(instance, draft, change.version, inputs, change.answers)
}

/** Looks every total up anew, and fills what streams can fill by now. @throws TanlianError E_NOT_FOUND, E_DRAFT_VERSION */
export async function fillDraft(
  instance: Instance,
  organization: number,
  id: string,
  given: { readonly version: number; readonly split: Split },
): Promise<Draft> {
  const draft = await draftOf(instance, organization, id)
  const { methodology } = (await findProgram(instance, draft.methodology)).program
  const filled = await fillInputs(instance, methodology, draft, given.split)
  return save(instance, draft, given.version, refill(draft.inputs, filled), draft.answers)
}

/** Throws a draft away. @throws TanlianError E_NOT_FOUND */
export async function dropDraft({ db }: Pick<Instance, 'db'>, organization: number, id: string): Promise<void> {
  const gone = await db
    .deleteFrom('report_draft')
    .where('organization', '=', organization)
    .where('id', '=', id)
    .executeTakeFirst()
  if (gone.numDeletedRows === 0n) throw notFound()
}

async function save(
  instance: Instance,
  draft: Draft,
  version: number,
  inputs: readonly DraftInput[],
  answers: readonly Answer[],
): Promise<Draft> {
  const { organization, id } = draft
  const done = await instance.db
    .updateTable('report_draft')
    .set({
      inputs: JSON.stringify(closeRows(inputs)),
      answers: JSON.stringify(answers),
      version: version + 1,
      changed_ms: instance.clock(),
    })
    .where('organization', '=', organization)
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  if (done.numUpdatedRows === 1n) return draftOf(instance, organization, id)
  throw new TanlianError('E_DRAFT_VERSION', `The draft is at version ${draft.version} now, not ${version}.`, {
    values: { version: draft.version },
  })
}

/** Holds inputs to the methodology's, each once, and gives totals their quantity and value. */
async function lookUp(
  instance: Instance,
  organization: number,
  { program: { methodology } }: LoadedProgram,
  asked: readonly AskedInput[],
): Promise<DraftInput[]> {
  const seen = new Set<string>()
  const refuse = ({ name, group, row }: AskedInput, why: string) =>
    new TanlianError('E_DRAFT_INPUT', `${name}${group === null ? '' : ` of row ${row + 1} of ${group}`} ${why}.`, {
      values: { name, group, row, why },
    })
  const known = asked.map((input) => {
    const { name, group, row, origin } = input
    const found = methodology.inputs.find((one) => one.name === name && (one.group ?? null) === group)
    if (found === undefined) throw refuse(input, 'is no input of the methodology')
    if (group === null && row !== 0) throw refuse(input, 'has no rows')
    const place = `${group}/${row}/${name}`
    if (seen.has(place)) throw refuse(input, 'is given twice')
    seen.add(place)
    if ((found.unit === undefined) !== (origin.kind === 'choice')) throw refuse(input, 'has an origin of another sort')
    return { input, found }
  })
  const wanted = known.flatMap(({ input: { origin } }) => (origin.kind === 'total' ? [origin] : []))
  const totals = await totalsOf(instance, organization, wanted)
  return known.map(({ input, found }): DraftInput => {
    const { name, group, row, origin, value } = input
    if (origin.kind !== 'total') {
      if (value === undefined) throw refuse(input, 'has no value')
      return { name, group, row, value, origin }
    }
    const total = totals[wanted.indexOf(origin)]
    if (total === undefined || total.readings === 0) throw refuse(input, 'names a total without readings')
    const { kind, type, streams, from, to } = origin
    return {
      name,
      group,
      row,
      value: valueOfTotal(found, { type: fromHex(type, type.length / 2) }, total),
      origin: { kind, type, streams, from, to, quantity: String(total.quantity), seconds: total.seconds },
    }
  })
}

function draftFrom(row: Selectable<ReportDraftTable>): Draft {
  return {
    id: row.id,
    organization: row.organization,
    type: row.type,
    subject: row.subject,
    period: row.period,
    zone: row.zone,
    from: row.from_s,
    to: row.to_s,
    methodology: cidFromDigest(new Uint8Array(row.methodology)),
    corrects: row.corrects === null ? null : cidFromDigest(new Uint8Array(row.corrects)),
    reason: row.reason,
    inputs: JSON.parse(row.inputs) as DraftInput[],
    answers: JSON.parse(row.answers) as Answer[],
    version: row.version,
    createdMs: row.created_ms,
    changedMs: row.changed_ms,
  }
}
