import { createHash, randomBytes } from 'node:crypto'
import { encodeBlock } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Selectable } from 'kysely'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import type { FindingTable, MessageTable } from './schema.ts'

/** A finding with its conversation (核查发现). */
export interface Finding {
  readonly id: string
  readonly organization: number
  readonly subject: string
  readonly rule: string | null
  readonly severity: FindingTable['severity']
  readonly state: FindingTable['state']
  readonly created: string
  readonly messages: readonly Message[]
}

export interface Message {
  readonly organization: number
  readonly who: string
  readonly kind: MessageTable['kind']
  readonly words: string
  /** Digests of the speaker's attachments, hex. */
  readonly files: readonly string[]
  readonly at: string
}

/** Who speaks, for which organization. */
export interface Speaker {
  readonly organization: number
  readonly name: string
}

/** Findings of a report, the oldest first. */
export async function listFindings({ db }: Pick<Instance, 'db'>, report: Uint8Array): Promise<Finding[]> {
  const [rows, said] = await Promise.all([
    db
      .selectFrom('verification_finding')
      .selectAll()
      .where('report', '=', report)
      .orderBy('created_ms')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('verification_message as m')
      .innerJoin('verification_finding as f', 'f.id', 'm.finding')
      .selectAll('m')
      .where('f.report', '=', report)
      .orderBy('m.id')
      .execute(),
  ])
  return rows.map((row) => ({
    id: row.id,
    organization: row.organization,
    subject: row.subject,
    rule: row.rule,
    severity: row.severity,
    state: row.state,
    created: timeOf(row.created_ms),
    messages: said.filter(({ finding }) => finding === row.id).map(messageOf),
  }))
}

/** A verifier raises a finding on a row of the report. */
export async function raiseFinding(
  { db, clock }: Pick<Instance, 'db' | 'clock'>,
  report: Uint8Array,
  by: Speaker,
  given: {
    readonly subject: string
    readonly rule: string | null
    readonly severity: FindingTable['severity']
    readonly words: string
    readonly files: readonly string[]
  },
): Promise<string> {
  const { subject, rule, severity, words, files } = given
  const id = randomBytes(16).toString('hex')
  const nowMs = clock()
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('verification_finding')
      .values({
        id,
        report,
        organization: by.organization,
        subject,
        rule,
        severity,
        state: 'open',
        created_ms: nowMs,
      })
      .execute()
    await trx
      .insertInto('verification_message')
      .values(messageRow(id, by, 'finding', words, files, nowMs))
      .execute()
  })
  return id
}

/** What each side may say: a verifier asks and closes, an enterprise answers, both remark. */
const MAY_SAY: Readonly<Record<'verifier' | 'enterprise', readonly MessageTable['kind'][]>> = {
  verifier: ['request', 'note', 'closing'],
  enterprise: ['answer', 'note'],
}

/** The next message of a conversation. @throws TanlianError E_NOT_FOUND, E_FINDING_CLOSED, E_FINDING_MESSAGE */
export async function say(
  { db, clock }: Pick<Instance, 'db' | 'clock'>,
  report: Uint8Array,
  finding: string,
  by: Speaker & { readonly as: 'verifier' | 'enterprise' },
  given: { readonly kind: MessageTable['kind']; readonly words: string; readonly files: readonly string[] },
): Promise<void> {
  const { kind, words, files } = given
  if (!MAY_SAY[by.as].includes(kind))
    throw new TanlianError('E_FINDING_MESSAGE', `A message of kind ${kind} is not for the ${by.as} to write.`, {
      values: { kind, as: by.as },
    })
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('verification_finding')
      .select('state')
      .where('report', '=', report)
      .where('id', '=', finding)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined) throw notFound()
    if (row.state === 'closed') throw new TanlianError('E_FINDING_CLOSED', 'The finding is closed.', {})
    await trx
      .insertInto('verification_message')
      .values(messageRow(finding, by, kind, words, files, clock()))
      .execute()
    const state =
      kind === 'answer' ? 'answered' : kind === 'request' ? 'open' : kind === 'closing' ? 'closed' : row.state
    await trx.updateTable('verification_finding').set({ state }).where('id', '=', finding).execute()
  })
}

/**
 * H(salt ‖ the conversation), as it stands: what an opinion names, so that nothing can be said to have been said. The conversation is canonical
 * DAG-CBOR of the findings with their messages; the salt stays with the parties (S33).
 */
export async function threadDigest(
  instance: Pick<Instance, 'db'>,
  report: Uint8Array,
  organization: number,
): Promise<{ readonly digest: Uint8Array; readonly salt: Uint8Array }> {
  const { db } = instance
  await db
    .insertInto('verification_salt')
    .values({ report, organization, salt: randomBytes(16) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { salt } = await db
    .selectFrom('verification_salt')
    .select('salt')
    .where('report', '=', report)
    .where('organization', '=', organization)
    .executeTakeFirstOrThrow()
  const { bytes } = encodeBlock(await listFindings(instance, report))
  return {
    digest: new Uint8Array(createHash('sha256').update(salt).update(bytes).digest()),
    salt: new Uint8Array(salt),
  }
}

function messageRow(
  finding: string,
  { organization, name }: Speaker,
  kind: MessageTable['kind'],
  words: string,
  files: readonly string[],
  atMs: number,
) {
  return { finding, organization, who: name, kind, words, files: JSON.stringify(files), at_ms: atMs }
}

function messageOf({ organization, who, kind, words, files, at_ms }: Selectable<MessageTable>): Message {
  return { organization, who, kind, words, files: JSON.parse(files) as string[], at: timeOf(at_ms) }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
