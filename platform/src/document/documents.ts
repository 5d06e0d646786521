import { createRegister, DOCUMENT_KINDS, type DocumentFacts, type Register } from '@tanlian/accounting'
import {
  type Block,
  cidFromDigest,
  type DocumentBlock,
  decodeBlock,
  decodeDocument,
  digestOf,
  type Entry,
  parseCid,
} from '@tanlian/evidence'
import { type Refusal, TanlianError } from '@tanlian/units'
import type { Transaction } from 'kysely'
import { requireBlock } from '../evidence/tree-store.ts'
import type { Instance } from '../instance.ts'
import { partyOf } from '../organization/view.ts'
import type { Schema } from '../schema.ts'
import { openFacts } from './fact.ts'
import './schema.ts'

/** The documents of reports, laboratories and verification, and what they amount to (台账). */
export interface Documents {
  /** The fold as of now: what is in the log, then what was accepted and waits for it. */
  readonly register: Register
  /** Whether documents of this kind are weighed. */
  knows(kind: string): boolean
  /**
   * Weighs a document that comes in, before anything of it is stored. One that stands in the log already is not refused: there it is void.
   * @throws TanlianError E_DOCUMENT_FORM, E_REGISTER_…
   */
  admit(given: Incoming): Promise<DocumentFacts>
  /** Runs the transaction that takes a document in, one after the other, and then writes it down in the fold. @throws TanlianError as `admit` */
  enter(given: Incoming, commit: () => Promise<void>): Promise<void>
  /** Whether a content would count if it were logged now; undefined: it would. */
  foresee(organization: number, kind: string, content: Block): Promise<Refusal | undefined>
  /** Documents of a kind that count, in the order of the fold. */
  list(kind: string): readonly DocumentFacts[]
  /** Why a document counts for nothing; undefined where it counts or is not weighed. */
  voidOf(cid: string): Refusal | undefined
  /** Resolves once everything that happened in the log so far is in the fold. */
  settled(): Promise<void>
  stop(): void
}

/** A document at the door. */
export interface Incoming {
  readonly entry: Entry
  readonly document: DocumentBlock
  /** Unix seconds of its receipt. */
  readonly receivedS: number
}

const KINDS = new Set<string>([...DOCUMENT_KINDS, 'audit'])

/** What a document is weighed with; not in the log yet: the log's end, now. */
interface Weighed {
  readonly logged: DocumentFacts
  /** Its entry is in the log. */
  readonly placed: boolean
}

type Parts = Omit<Instance, 'documents' | 'tracer'>

/** Reads what was accepted so far and folds it. */
export async function openDocuments(instance: Parts): Promise<Documents> {
  const facts = openFacts(instance)
  let register = createRegister(facts)
  const voids = new Map<string, Refusal>()
  const counting = new Map<string, DocumentFacts[]>()
  /** CIDs of those that were applied at acceptance and are not seen in the log yet, in the order of both. */
  let waiting: string[] = []
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work)
    last = turn.catch(() => {})
    return turn
  }

  const apply = async ({ logged, placed }: Weighed) => {
    await facts.prepare(logged.kind, logged.content)
    const cid = logged.cid.toString()
    const outcome = register.apply(logged)
    if (!outcome.ok) voids.set(cid, outcome)
    else {
      const known = counting.get(logged.kind) ?? []
      known.push(logged)
      counting.set(logged.kind, known)
    }
    if (!placed) waiting.push(cid)
  }
  const rebuild = async () => {
    register = createRegister(facts)
    voids.clear()
    counting.clear()
    waiting = []
    for (const weighed of await readAll(instance)) await apply(weighed)
  }
  const weigh = async (given: Incoming): Promise<Weighed> => {
    const weighed = await weighedOf(instance, given)
    if (weighed.placed) return weighed
    await facts.prepare(weighed.logged.kind, weighed.logged.content)
    // Its block comes a little later than its receipt: it has to hold then too.
    const later = { ...weighed.logged, time: weighed.logged.time + instance.config.promiseSeconds }
    for (const document of [weighed.logged, later]) {
      const outcome = register.check(document)
      if (!outcome.ok) throw new TanlianError(outcome.code, outcome.message, { values: outcome.values ?? {} })
    }
    return weighed
  }
  /** The log is where the order is decided: whatever was folded in another order is folded anew. */
  const follow = async (digest: string) => {
    const place = waiting.indexOf(digest)
    if (place < 0) return
    const [row] = await rowsOf(instance, waiting[0])
    // A draw counts only where it was in the log before the block that it names, which shows only now.
    if (place > 0 || row?.index === null || row === undefined || row.kind === 'draw') return rebuild()
    waiting.shift()
    // A sample is drawn from the root right after the report's place, which is known only now.
    const report = register.report(digest)
    if (report !== undefined) Object.assign(report, { time: row.time ?? report.time, index: row.index })
  }

  const anchored = ({ kind, digest }: { kind: 1 | 2; digest: string }) => {
    if (kind !== 2) return
    const cid = cidFromDigest(Buffer.from(digest, 'hex')).toString()
    inTurn(() => follow(cid)).catch((error) =>
      instance.logger.error({ err: error }, 'the documents could not follow the log'),
    )
  }
  let size = instance.log.size
  const root = (news: { size: number }) => {
    const shrunk = news.size < size
    size = news.size
    if (!shrunk) return
    inTurn(rebuild).catch((error) =>
      instance.logger.error({ err: error }, 'the documents could not follow the log back'),
    )
  }
  await inTurn(rebuild)
  instance.events.on('anchored', anchored)
  instance.events.on('root', root)

  return {
    get register() {
      return register
    },
    knows: (kind) => KINDS.has(kind),
    admit: async (given) => (await inTurn(() => weigh(given))).logged,
    enter: (given, commit) =>
      inTurn(async () => {
        // Weighed again: another document may have come in while this one was stored.
        const weighed = await weigh(given)
        await commit()
        if (!weighed.placed) await apply(weighed)
        else await rebuild()
      }),
    foresee: (organization, kind, block) =>
      inTurn(async () => {
        const content = decodeBlock(block.bytes)
        await facts.prepare(kind, content)
        const party = await partyKind(instance, organization)
        const place = {
          index: instance.log.size,
          block: instance.chain.block,
          time: Math.floor(instance.clock() / 1000),
        }
        const outcome = register.check({ kind, organization, party, cid: block.cid, content, ...place })
        return outcome.ok ? undefined : outcome
      }),
    list: (kind) => counting.get(kind) ?? [],
    voidOf: (cid) => voids.get(cid),
    settled: () => inTurn(async () => {}),
    stop() {
      instance.events.off('anchored', anchored)
      instance.events.off('root', root)
    },
  }
}

/** Writes down that a document was accepted, in the transaction that accepts it. */
export async function keepDocument(db: Transaction<Schema>, { entry, document, receivedS }: Incoming): Promise<void> {
  const { organization, sequence, digest } = entry
  await db
    .insertInto('document')
    .values({ digest, organization, sequence, kind: document.kind, at_s: receivedS })
    .execute()
}

async function weighedOf(instance: Parts, { entry, document, receivedS }: Incoming): Promise<Weighed> {
  const { organization, digest } = entry
  const [there, party] = await Promise.all([
    instance.db
      .selectFrom('entry')
      .select(['index', 'block', 'time_s'])
      .where('digest', '=', digest)
      .executeTakeFirst(),
    partyKind(instance, organization),
  ])
  const { kind, content } = document
  const stated = { kind, organization, party, cid: cidFromDigest(digest), content }
  const place = there ?? { index: instance.log.size, block: instance.chain.block, time_s: receivedS }
  return {
    logged: { ...stated, index: place.index, block: place.block, time: place.time_s },
    placed: there !== undefined,
  }
}

async function partyKind({ db }: Parts, organization: number) {
  const row = await db
    .selectFrom('organization')
    .select('kind')
    .where('id', '=', organization)
    .executeTakeFirstOrThrow()
  return partyOf(row.kind)
}

/** Everything accepted, in the log's order, then what is not in it yet. */
async function readAll(instance: Parts): Promise<Weighed[]> {
  const rows = await rowsOf(instance)
  const found: Weighed[] = []
  for (const { digest, organization, kind, party, index, block, time, receivedS } of rows) {
    const { content } = decodeDocument(await requireBlock(instance.blocks, digest))
    const stated = { kind, organization, party: partyOf(party), cid: cidFromDigest(new Uint8Array(digest)), content }
    const place = { index: index ?? instance.log.size, block: block ?? instance.chain.block, time: time ?? receivedS }
    found.push({ logged: { ...stated, ...place }, placed: index !== null })
  }
  return found
}

async function rowsOf({ db }: Parts, only?: string) {
  let query = db
    .selectFrom('document as d')
    .innerJoin('organization as o', 'o.id', 'd.organization')
    .leftJoin('entry as e', 'e.digest', 'd.digest')
    .select([
      'd.digest',
      'd.organization',
      'd.kind',
      'd.at_s as receivedS',
      'o.kind as party',
      'e.index',
      'e.block',
      'e.time_s as time',
    ])
    .orderBy(
      (eb) => eb.ref('e.index'),
      (order) => order.asc().nullsLast(),
    )
    .orderBy('d.place')
  if (only !== undefined) query = query.where('d.digest', '=', digestOf(parseCid(only)))
  return query.execute()
}
