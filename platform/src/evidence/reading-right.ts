import {
  checkSummary,
  compareKeys,
  decodeGrant,
  decodeHeader,
  decodeIndex,
  decodeSealed,
  type Grant,
  isGranted,
  isSealed,
  type Summary,
  summarize,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { sql } from 'kysely'
import type { Caller } from '../identity/caller.ts'
import type { Instance } from '../instance.ts'
import type { SealedBatch } from '../privacy/register.ts'
import { requireBlock } from './tree-store.ts'

/**
 * What one caller may read of batches with sealed chunks (阅读权): the one guard of every route that gives proofs, readings, sums, times or
 * bytes (S32). Of an organization without such a batch everything is everybody's, and no question here costs a look at the database.
 *
 * - members of the owner read all of it;
 * - a regulator reads what the platform could read: what its owner shared;
 * - an organization whose key every sealed block names reads all of it; one that some name reads these, the index and the header;
 * - one with a grant of a summary reads sums at its step, and the header;
 * - everybody else knows that the entry exists.
 */
export interface ReadingRight {
  /** That the headers of these sequences may be given. @throws TanlianError E_CONFIDENTIAL */
  requireHeaders(organization: number, window: { readonly after: number; readonly through: number }): Promise<void>
  /** Sequences of batches of which not even the header may be given. */
  hiddenBatches(organization: number): Promise<ReadonlySet<number>>
  /** That proofs of every batch of an organization may be given. @throws TanlianError E_CONFIDENTIAL */
  requireProofs(organization: number): Promise<void>
  /** How questions to a batch are answered: from its tree, or from a summary alone. @throws TanlianError E_CONFIDENTIAL */
  sourceOf(header: Uint8Array): Promise<'tree' | Summary>
  /** Whether a block may be given. */
  mayHave(digest: Uint8Array, bytes: Uint8Array): Promise<boolean>
  /** Whether a batch's range and count may be told. */
  seesHeader(digest: Uint8Array): Promise<boolean>
  /** Streams of which the caller may read nothing in a window of Unix seconds; all time where none is named. */
  hiddenStreams(
    organization: number,
    window?: { readonly from?: number | undefined; readonly to?: number | undefined },
  ): Promise<ReadonlySet<number>>
}

/** The right of a caller, for one request. */
export function readingRight(
  instance: Pick<Instance, 'db' | 'blocks' | 'trees' | 'privacy'>,
  caller: Caller,
): ReadingRight {
  const { db, blocks, trees, privacy } = instance
  let names: Promise<ReadonlySet<string>> | undefined
  const grants = new Map<number, Promise<readonly Grant[]>>()
  const ownNames = () => {
    names ??= readerNames(instance, caller)
    return names
  }

  /** Of batches a caller reads all, some or nothing. */
  const accessTo = async (batch: SealedBatch): Promise<'all' | 'some' | 'none'> => {
    if (caller.roles.has(batch.organization) || (caller.regulator && batch.audited)) return 'all'
    const own = await ownNames()
    if ([...own].some((name) => batch.readers.has(name))) return 'all'
    return [...own].some((name) => batch.named.has(name)) ? 'some' : 'none'
  }
  /** The grant of a summary that covers every reading of a batch. */
  const summaryGrant = async (batch: SealedBatch): Promise<Grant | undefined> => {
    let wait = grants.get(batch.organization)
    if (wait === undefined) {
      wait = summaryGrants(instance, batch.organization, caller)
      grants.set(batch.organization, wait)
    }
    const found = await wait
    if (found.length === 0) return undefined
    const { chunks } = decodeIndex(await requireBlock(blocks, batch.index))
    return found.find((grant) => chunks.every(([lo, hi]) => isGranted(grant, { lo, hi })))
  }
  const seesHeader = async (batch: SealedBatch) =>
    (await accessTo(batch)) !== 'none' || (await summaryGrant(batch)) !== undefined

  return {
    async requireHeaders(organization, { after, through }) {
      for (const batch of await privacy.register.of(organization))
        if (batch.sequence > after && batch.sequence <= through && !(await seesHeader(batch))) throw confidential()
    },
    async hiddenBatches(organization) {
      const hidden = new Set<number>()
      for (const batch of await privacy.register.of(organization))
        if (!(await seesHeader(batch))) hidden.add(batch.sequence)
      return hidden
    },
    async requireProofs(organization) {
      for (const batch of await privacy.register.of(organization))
        if ((await accessTo(batch)) !== 'all') throw confidential()
    },
    async sourceOf(header) {
      const batch = await privacy.register.batch(header)
      if (batch === undefined || (await accessTo(batch)) === 'all') return 'tree'
      const grant = await summaryGrant(batch)
      if (grant === undefined) throw confidential()
      const { tree } = decodeHeader(await requireBlock(blocks, batch.digest))
      const bytes = batch.audited
        ? summarize(await trees.get(batch.digest), grant.step)
        : await handedIn(instance, batch, grant.step)
      const summary = bytes === undefined ? undefined : checkSummary(tree, grant.step, bytes)
      if (summary?.ok !== true) throw confidential()
      return summary
    },
    async mayHave(digest, bytes) {
      const batch = await privacy.register.batch(digest)
      if (batch !== undefined) {
        if ((await accessTo(batch)) !== 'none') return true
        return compareKeys(batch.digest, digest) === 0 && (await seesHeader(batch))
      }
      if (!isSealed(bytes)) return true
      const own = await ownNames()
      // Whom a block names stands in the block: so a reader costs no look at the database, block by block.
      if (decodeSealed(bytes).keys.some(([id]) => own.has(toHex(id)))) return true
      const row = await db
        .selectFrom('sealed_block as s')
        .innerJoin('sealed_batch as b', (join) =>
          join.onRef('b.organization', '=', 's.organization').onRef('b.sequence', '=', 's.sequence'),
        )
        .select(['s.organization', 'b.audited'])
        .where('s.digest', '=', digest)
        .executeTakeFirst()
      return row !== undefined && (caller.roles.has(row.organization) || (caller.regulator && row.audited))
    },
    async seesHeader(digest) {
      const batch = await privacy.register.batch(digest)
      return batch === undefined || seesHeader(batch)
    },
    async hiddenStreams(organization, { from, to } = {}) {
      if ((await privacy.register.of(organization)).length === 0 || caller.roles.has(organization)) return new Set()
      const own = [...(await ownNames())].map((name) => Buffer.from(name, 'hex'))
      const rows = await db
        .selectFrom('sealed_block as s')
        .innerJoin('sealed_batch as b', (join) =>
          join.onRef('b.organization', '=', 's.organization').onRef('b.sequence', '=', 's.sequence'),
        )
        .select('s.stream')
        .distinct()
        .where('s.organization', '=', organization)
        .where('s.sort', '=', 'chunk')
        .where('s.last_s', '>=', from ?? 0)
        .where('s.first_s', '<', to ?? Number.MAX_SAFE_INTEGER)
        .where(sql<boolean>`not (s.readers && ${own}::bytea[])`)
        .where(sql<boolean>`not (b.audited and ${caller.regulator})`)
        .execute()
      return new Set(rows.flatMap(({ stream }) => (stream === null ? [] : [stream])))
    },
  }
}

/** The one answer for what its owner has not opened to the caller: the entry is public, what it holds is not. */
export function confidential(): TanlianError {
  return new TanlianError(
    'E_CONFIDENTIAL',
    'Readings of this organization are sealed, and their owner has not opened them to you. Ask the owner for a grant, or for a package of your question.',
  )
}

/** Names (hex) of the readers' keys of the caller's organizations, also of those that were ended since: what was sealed stays readable. */
async function readerNames({ db }: Pick<Instance, 'db'>, { roles }: Caller): Promise<ReadonlySet<string>> {
  if (roles.size === 0) return new Set()
  const rows = await db
    .selectFrom('reader_key')
    .select('id')
    .where('organization', 'in', [...roles.keys()])
    .execute()
  return new Set(rows.map(({ id }) => toHex(id)))
}

async function summaryGrants(
  { db }: Pick<Instance, 'db'>,
  organization: number,
  { roles }: Caller,
): Promise<readonly Grant[]> {
  if (roles.size === 0) return []
  const rows = await db
    .selectFrom('privacy_grant')
    .select('block')
    .where('organization', '=', organization)
    .where('reader', 'in', [...roles.keys()])
    .where('ended_ms', 'is', null)
    .execute()
  return rows.map(({ block }) => decodeGrant(new Uint8Array(block))).filter(({ access }) => access === 'summary')
}

/** The summary that the owner of a closed batch handed in at this step. */
async function handedIn(
  { db }: Pick<Instance, 'db'>,
  { digest }: SealedBatch,
  step: number,
): Promise<Uint8Array | undefined> {
  const row = await db
    .selectFrom('batch_summary')
    .select('summary')
    .where('batch', '=', digest)
    .where('step_s', '=', step)
    .executeTakeFirst()
  return row === undefined ? undefined : new Uint8Array(row.summary)
}
