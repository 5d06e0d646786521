import {
  auditWords,
  type DocumentBlock,
  decodeDocument,
  isCitable,
  type LoggedAudit,
  openVkey,
  readAuditContent,
  witnessesOf,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { type Kysely, sql } from 'kysely'
import type { Instance } from '../instance.ts'
import type { Schema } from '../schema.ts'
import './witness-schema.ts'

/**
 * Takes what a document says of batches, or of its organization's witness, into the tables. Called in the transaction that accepts the
 * document, so that no answer about a log with its entry is made without it.
 */
export async function keepWitnessDocument(
  db: Kysely<Schema>,
  { organization, sequence, kind, content }: Pick<DocumentBlock, 'organization' | 'sequence' | 'kind' | 'content'>,
): Promise<void> {
  if (kind === 'audit') {
    const { held, failed, unavailable } = readAuditContent(content)
    const words = new Map<string, { batch: Uint8Array; word: 'held' | 'failed' | 'unavailable'; code: string | null }>()
    const say = (batch: Uint8Array, word: 'held' | 'failed' | 'unavailable', code: string | null = null) =>
      words.set(Buffer.from(batch).toString('hex'), { batch, word, code })
    for (const batch of unavailable) say(batch, 'unavailable')
    for (const batch of held) say(batch, 'held')
    // Where one document says both, the batch is not held.
    for (const [batch, code] of failed) say(batch, 'failed', code)
    if (words.size === 0) return
    const rows = [...words.values()].map((row) => ({ ...row, organization, sequence }))
    for (let at = 0; at < rows.length; at += ROWS_MAX)
      await db
        .insertInto('audit_word')
        .values(rows.slice(at, at + ROWS_MAX))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
  }
  if (kind === 'witness') {
    const vkey = vkeyOf(content)
    if (vkey === undefined) return
    const { name } = openVkey(vkey)
    const row = { vkey, name, organization, sequence }
    const taken = await db
      .selectFrom('cosigner')
      .select('vkey')
      .where('name', '=', name)
      .where('organization', '!=', organization)
      .executeTakeFirst()
    // A name or key that another has made its own stays with it.
    if (taken !== undefined) return
    await db
      .insertInto('cosigner')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** Rows of one insert: PostgreSQL takes 65,535 parameters. */
const ROWS_MAX = 5000

/** The key in the content of a document of kind "witness"; undefined where it is none for cosignatures. */
function vkeyOf(content: unknown): string | undefined {
  const { vkey } = (content ?? {}) as { readonly vkey?: unknown }
  if (typeof vkey !== 'string' || vkey.length > 400) return undefined
  try {
    return openVkey(vkey).use === 'cosigner' ? vkey : undefined
  } catch (error) {
    if (error instanceof TanlianError) return undefined
    throw error
  }
}

/** Reads accepted documents that are in the tables not yet: the tables can be emptied and come back. */
export async function rebuildWitnesses({ db, blocks }: Pick<Instance, 'db' | 'blocks'>): Promise<void> {
  const { rows } = await sql<{ digest: Uint8Array }>`
    select a.digest from accepted a
    where a.kind = 2 and (
      a.document = 'audit' and not exists (select from audit_word w where w.organization = a.organization and w.sequence = a.sequence)
      or a.document = 'witness' and not exists (select from cosigner c where c.organization = a.organization and c.sequence = a.sequence))
    order by a.received_s, a.organization, a.sequence`.execute(db)
  for (const { digest } of rows) {
    const bytes = await blocks.get(digest)
    if (bytes !== undefined) await keepWitnessDocument(db, decodeDocument(bytes))
  }
}

/** An audit document in the log, as far as it speaks of the batches that were asked about. */
export interface FoundAudit extends LoggedAudit {
  /** Digest of the document. */
  readonly digest: Uint8Array
  readonly signature: Uint8Array
  /** Place of its entry in the log. */
  readonly index: number
  /** Bytes of the document with its frame. */
  readonly sizeBytes: number
  /** What its organization is, by its number in the registry. */
  readonly kind: number
}

/** Auditors that a package names, and the bytes that the documents of one may take: an honest one has 34 a batch, and others' batches beside. */
const AUDITORS_MAX = 8
const AUDITOR_BYTES = { all: 8192, batch: 100 } as const
/** Regulators, verifiers and exchanges come before all others. */
const KINDS_FIRST = [1, 4, 5]

/**
 * Of the needed documents those that a package can carry: anybody may audit, and nobody may make everybody's packages heavy. Auditors are
 * left out whole, never in part.
 */
export function affordable(needed: readonly FoundAudit[], batches: number): FoundAudit[] {
  const most = AUDITOR_BYTES.all + AUDITOR_BYTES.batch * batches
  const rank = (documents: readonly FoundAudit[]) => (KINDS_FIRST.includes(documents[0]?.kind ?? 0) ? 0 : 1)
  const auditors = [...Map.groupBy(needed, ({ organization }) => organization).values()]
  const kept = auditors
    .filter((documents) => documents.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= most)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, AUDITORS_MAX)
  const fits = new Set(kept.flat())
  return needed.filter((document) => fits.has(document))
}

/** The audit documents in the log, below a size, that speak of some batches. */
export async function findAudits(
  { db }: Pick<Instance, 'db'>,
  batches: readonly Uint8Array[],
  logSize: number,
): Promise<FoundAudit[]> {
  if (batches.length === 0) return []
  const { rows } = await sql<{
    batch: Uint8Array
    organization: number
    sequence: number
    word: 'held' | 'failed'
    code: string | null
    digest: Uint8Array
    signature: Uint8Array
    index: number
    size: number
    kind: number
  }>`
    select w.batch, w.organization, w.sequence, w.word, w.code, a.digest, a.signature, e."index", a.size_bytes as size, o.kind
    from audit_word w
    join accepted a on a.organization = w.organization and a.kind = 2 and a.sequence = w.sequence
    join entry e on e.digest = a.digest and e.kind = 2
    join organization o on o.id = w.organization
    where w.batch = any(${batches}) and w.word <> 'unavailable' and e."index" < ${logSize}
    order by w.organization, w.sequence, w.batch`.execute(db)
  const found = new Map<string, FoundAudit & { content: { held: Uint8Array[]; failed: [Uint8Array, string][] } }>()
  for (const { batch, organization, sequence, word, code, digest, signature, index, size, kind } of rows) {
    const name = `${organization}/${sequence}`
    const known = found.get(name) ?? {
      ...{ organization, sequence, index, kind, sizeBytes: size, content: { held: [], failed: [] } },
      digest: new Uint8Array(digest),
      signature: new Uint8Array(signature),
    }
    found.set(name, known)
    if (word === 'held') known.content.held.push(new Uint8Array(batch))
    else known.content.failed.push([new Uint8Array(batch), code ?? ''])
  }
  return [...found.values()]
}

/** Who audited a batch, as far as the log says. */
export interface BatchWitnesses {
  readonly sequence: number
  /** Hex, of its header. */
  readonly digest: string
  /** This platform audited it when it accepted it. */
  readonly platform: boolean
  /** Other organizations whose last word in the log holds it, and those whose last word fails it. */
  readonly held: readonly number[]
  readonly failed: readonly number[]
  /** Whether a report may cite it here (S7): enough audits for this platform's configuration. */
  readonly citable: boolean
}

/**
 * Who witnesses some batches of an organization (S7), by sequence; batches that are not in the log are left out.
 * @param sequences all from `from` on, or just these
 */
export async function batchWitnesses(
  instance: Pick<Instance, 'db' | 'log' | 'config'>,
  organization: number,
  wanted: { readonly sequences: readonly number[] } | { readonly after: number; readonly limit: number },
): Promise<BatchWitnesses[]> {
  let query = instance.db
    .selectFrom('entry')
    .leftJoin('accepted', 'accepted.digest', 'entry.digest')
    .select(['entry.sequence', 'entry.digest', 'accepted.sequence as here'])
    .where('entry.organization', '=', organization)
    .where('entry.kind', '=', 1)
    .orderBy('entry.sequence')
  query =
    'sequences' in wanted
      ? query.where(sql<boolean>`entry.sequence = any(${wanted.sequences})`)
      : query.where('entry.sequence', '>', wanted.after).limit(wanted.limit)
  const rows = await query.execute()
  const digests = rows.map(({ digest }) => new Uint8Array(digest))
  const words = auditWords(await findAudits(instance, digests, Number.MAX_SAFE_INTEGER))
  return rows.map(({ sequence, here }, at) => {
    const digest = digests[at] as Uint8Array
    const { held, failed } = witnessesOf({ organization, digest }, words)
    const platform = here !== null
    const citable = isCitable({ platform, outside: held.length }, instance.config.witnesses)
    return { sequence, digest: Buffer.from(digest).toString('hex'), platform, held, failed, citable }
  })
}
