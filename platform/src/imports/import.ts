import { randomBytes } from 'node:crypto'
import { decodeHeader, fromHex, type Interval, mergeIntervals, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Selectable } from 'kysely'
import { countInside } from '../evidence/proof.ts'
import type { Instance } from '../instance.ts'
import { pageFrom } from '../page.ts'
import { notFound } from '../policy.ts'

/** Tables of migration 0103. */
declare module '../schema.ts' {
  interface Schema {
    import: ImportTable
    import_batch: ImportBatchTable
  }
}

export interface ImportTable {
  id: string
  organization: number
  name: string
  sha256: Uint8Array
  mapping: Uint8Array
  readings: number
  /** Planned. */
  batches: number
  created_by: string
  created_ms: number
  withdrawn_sequence: number | null
  withdrawn_reason: string | null
}

export interface ImportBatchTable {
  import: string
  organization: number
  sequence: number
}

/** What is planned. */
export interface NewImport {
  readonly name: string
  readonly sha256: string
  readonly mapping: string
  readonly readings: number
  readonly batches: number
}

/** An import manifest (导入清单): what a file was planned to become, and how much of it is visible. */
export interface ImportView extends NewImport {
  readonly id: string
  readonly organization: number
  readonly created: string
  /** `open`: k of n batches are here; `complete`: all of them; `withdrawn`: a restatement voided every reading of them. */
  readonly state: 'open' | 'complete' | 'withdrawn'
  /** Sequences of the batches that are here, ascending; their number is k. */
  readonly sequences: number[]
  /** Of those, how many are anchored in the log. */
  readonly anchored: number
  readonly withdrawn: { readonly sequence: number; readonly reason: string } | null
}

/** Announces an import. */
export async function announceImport(instance: Instance, organization: number, caller: string, plan: NewImport) {
  const id = randomBytes(16).toString('hex')
  await instance.db
    .insertInto('import')
    .values({
      id,
      organization,
      name: plan.name,
      sha256: fromHex(plan.sha256, 32),
      mapping: fromHex(plan.mapping, 32),
      readings: plan.readings,
      batches: plan.batches,
      created_by: caller,
      created_ms: instance.clock(),
      withdrawn_sequence: null,
      withdrawn_reason: null,
    })
    .execute()
  return importOf(instance, organization, id)
}

/** One import of an organization. @throws TanlianError E_NOT_FOUND */
export async function importOf(instance: Instance, organization: number, id: string): Promise<ImportView> {
  const [row] = await instance.db
    .selectFrom('import')
    .selectAll()
    .where('organization', '=', organization)
    .where('id', '=', id)
    .execute()
  if (row === undefined) throw notFound()
  return importView(instance, row)
}

/** An organization's imports, newest first; `before` is the creation time (ms) and id of the last one seen. */
export async function listImports(
  instance: Instance,
  organization: number,
  before: { readonly number: number; readonly hex: string } | undefined,
  limit: number,
): Promise<{ items: ImportView[]; next: string | null }> {
  let query = instance.db
    .selectFrom('import')
    .selectAll()
    .where('organization', '=', organization)
    .orderBy('created_ms', 'desc')
    .orderBy('id')
    .limit(limit + 1)
  if (before !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('created_ms', '<', before.number),
        eb.and([eb('created_ms', '=', before.number), eb('id', '>', before.hex)]),
      ]),
    )
  const rows = await query.execute()
  const { items, next } = pageFrom(rows, limit, (last) => `${last.created_ms}-${last.id}`)
  return { items: await Promise.all(items.map((row) => importView(instance, row))), next }
}

/**
 * Says which accepted batches belong to an import; those that it has already are no error.
 * @throws TanlianError E_NOT_FOUND, E_IMPORT_BATCHES for a batch that is not accepted, belongs to another import or is one too many.
 */
export async function addBatches(instance: Instance, organization: number, id: string, sequences: readonly number[]) {
  await instance.db.transaction().execute(async (db) => {
    const row = await db
      .selectFrom('import')
      .selectAll()
      .where('organization', '=', organization)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst()
    if (row === undefined) throw notFound()
    const accepted = await db
      .selectFrom('accepted')
      .select('sequence')
      .where('organization', '=', organization)
      .where('kind', '=', 1)
      .where('sequence', 'in', sequences)
      .execute()
    const missing = sequences.filter((sequence) => !accepted.some((one) => one.sequence === sequence))
    if (missing.length > 0) throw batchError('is not accepted here', missing[0])
    await db
      .insertInto('import_batch')
      .values(sequences.map((sequence) => ({ import: id, organization, sequence })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    const kept = await db
      .selectFrom('import_batch')
      .select(['import', 'sequence'])
      .where('organization', '=', organization)
      .where((eb) => eb.or([eb('import', '=', id), eb('sequence', 'in', sequences)]))
      .execute()
    const foreign = kept.find((one) => one.import !== id)
    if (foreign !== undefined) throw batchError('belongs to another import', foreign.sequence)
    if (kept.length > row.batches) throw batchError(`is more than the ${row.batches} planned`, sequences.at(-1))
  })
  return importOf(instance, organization, id)
}

/**
 * Marks an import as withdrawn (撤回) once batches up to `sequence` have restated all of its readings: nothing is deleted, the batches
 * stay and count as void.
 * @throws TanlianError E_NOT_FOUND, E_IMPORT_RESTATED with how many readings are not void.
 */
export async function withdrawImport(
  instance: Instance,
  organization: number,
  id: string,
  sequence: number,
  reason: string,
) {
  const { sequences } = await importOf(instance, organization, id)
  const rows = await instance.db
    .selectFrom('accepted')
    .select(['sequence', 'digest'])
    .where('organization', '=', organization)
    .where('kind', '=', 1)
    .where('sequence', '>=', sequences[0] ?? sequence)
    .where('sequence', '<=', sequence)
    .orderBy('sequence', 'desc')
    .execute()
  const wanted = new Set(sequences)
  let voids: readonly Interval[] = []
  let left = sequences.length === 0 || rows[0]?.sequence !== sequence ? 1 : 0
  // From the newest down: what stands in `voids` is then exactly what later batches restate.
  for (const row of rows) {
    if (wanted.has(row.sequence)) {
      const tree = await instance.trees.get(row.digest)
      left += tree.leaves.count - countInside(tree, { intervals: voids, mode: 'total' })
    }
    const header = await instance.blocks.get(row.digest)
    if (header === undefined)
      throw new TanlianError('E_UNAVAILABLE', `The header of batch ${row.sequence} is not here.`)
    voids = mergeIntervals([...voids, ...decodeHeader(header).restates.map(([lo, hi]) => ({ lo, hi }))])
  }
  if (left > 0)
    throw new TanlianError(
      'E_IMPORT_RESTATED',
      `${left} readings of the import are not void after batch ${sequence}.`,
      {
        values: { left, sequence },
      },
    )
  await instance.db
    .updateTable('import')
    .set({ withdrawn_sequence: sequence, withdrawn_reason: reason })
    .where('id', '=', id)
    .where('withdrawn_sequence', 'is', null)
    .execute()
  return importOf(instance, organization, id)
}

async function importView(instance: Instance, row: Selectable<ImportTable>): Promise<ImportView> {
  const batches = await instance.db
    .selectFrom('import_batch')
    .leftJoin('entry', (join) =>
      join
        .onRef('entry.organization', '=', 'import_batch.organization')
        .onRef('entry.sequence', '=', 'import_batch.sequence')
        .on('entry.kind', '=', 1),
    )
    .select(['import_batch.sequence', 'entry.index'])
    .where('import_batch.import', '=', row.id)
    .orderBy('import_batch.sequence')
    .execute()
  const withdrawn =
    row.withdrawn_sequence === null ? null : { sequence: row.withdrawn_sequence, reason: row.withdrawn_reason ?? '' }
  return {
    id: row.id,
    organization: row.organization,
    name: row.name,
    sha256: toHex(row.sha256),
    mapping: toHex(row.mapping),
    readings: row.readings,
    batches: row.batches,
    created: new Date(row.created_ms).toISOString(),
    state: withdrawn !== null ? 'withdrawn' : batches.length === row.batches ? 'complete' : 'open',
    sequences: batches.map((batch) => batch.sequence),
    anchored: batches.filter((batch) => batch.index !== null).length,
    withdrawn,
  }
}

function batchError(why: string, sequence: number | undefined): TanlianError {
  return new TanlianError('E_IMPORT_BATCHES', `Batch ${sequence} ${why}.`, { values: { sequence, why } })
}
