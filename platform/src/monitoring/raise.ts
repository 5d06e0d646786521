import { randomBytes } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Schema } from '../schema.ts'
import { announce } from './announce.ts'
import type { Finding } from './evaluate.ts'

/** Where and when findings were made. */
export interface Occasion {
  readonly organization: number
  /** The batch; null where the clock alone found it. */
  readonly sequence: number | null
  readonly nowMs: number
}

/**
 * Raises alerts for findings: one that stands is raised again, a new one is opened and announced. A muted one counts on in silence.
 */
export async function raise(db: Transaction<Schema>, occasion: Occasion, findings: readonly Finding[]): Promise<void> {
  const { organization, sequence, nowMs } = occasion
  for (const { rule, stream, device, times, from, to, values } of findings) {
    const detail = JSON.stringify(values)
    const standing = await db
      .updateTable('alert')
      .set((eb) => ({
        times: eb('times', '+', times),
        last_ms: nowMs,
        sequence,
        from_s: eb.fn<number>('least', ['from_s', eb.val(from)]),
        to_s: eb.fn<number>('greatest', ['to_s', eb.val(to)]),
        detail,
      }))
      .where('rule', '=', rule)
      .where('organization', '=', organization)
      .where('stream', '=', stream)
      .where('state', '<>', 'resolved')
      .returning('id')
      .executeTakeFirst()
    if (standing !== undefined) continue
    const { kind, severity, name, mail } = await db
      .selectFrom('alert_rule')
      .select(['kind', 'severity', 'name', 'mail'])
      .where('id', '=', rule)
      .executeTakeFirstOrThrow()
    const id = randomBytes(16).toString('hex')
    await db
      .insertInto('alert')
      .values({
        id,
        rule,
        organization,
        stream,
        device,
        severity,
        state: 'open',
        assignee: null,
        muted_until_ms: null,
        opened_ms: nowMs,
        last_ms: nowMs,
        times,
        sequence,
        from_s: from,
        to_s: to,
        detail,
      })
      .execute()
    await db
      .insertInto('alert_note')
      .values({ alert: id, at_ms: nowMs, who: 'rule', what: 'opened', words: null })
      .execute()
    if (await isMuted(db, { rule, organization, stream, nowMs })) continue
    const addresses = JSON.parse(mail) as string[]
    await announce(
      db,
      nowMs,
      { id, organization, kind, rule: name, severity, stream, device, times, from, to, values },
      addresses,
    )
  }
}

/** Muting outlives the alert on which it was asked for: until its time nothing is sent about this rule and stream. */
async function isMuted(
  db: Transaction<Schema>,
  { rule, organization, stream, nowMs }: { rule: string; organization: number; stream: number; nowMs: number },
): Promise<boolean> {
  const muted = await db
    .selectFrom('alert')
    .select('id')
    .where('rule', '=', rule)
    .where('organization', '=', organization)
    .where('stream', '=', stream)
    .where('muted_until_ms', '>', nowMs)
    .executeTakeFirst()
  return muted !== undefined
}
