import { type Block, cidFromDigest, type Entry, encodeBlock, encodeEntry, signEntry, writeCar } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { waitingRow } from '../src/chain/outbox-store.ts'
import { headOf } from '../src/evidence/accept.ts'
import { type Answer, type Served, until } from './ask.ts'
import { send } from './batch.ts'
import type { TestParty } from './party.ts'

/** What a party states: a document of the next number, signed with its key for documents. */
export async function makeDocument(
  { instance }: Served,
  party: TestParty,
  kind: string,
  content: unknown,
  blocks: readonly Block[] = [],
) {
  const head = await headOf(instance, party.id, 2)
  const sequence = (head?.sequence ?? 0) + 1
  const previous = head === undefined ? null : cidFromDigest(new Uint8Array(head.digest))
  const document = encodeBlock({
    format: 'tanlian/document/1',
    organization: party.id,
    sequence,
    previous,
    kind,
    content,
  })
  const entry: Entry = { kind: 2, organization: party.id, sequence, digest: document.cid.multihash.digest }
  const distinct = new Map([document, ...blocks].map((block) => [block.cid.toString(), block]))
  return {
    cid: document.cid,
    entry,
    signature: signEntry(entry, instance.chain.domain, party.documents),
    car: new Uint8Array(writeCar(document.cid, [...distinct.values()])),
  }
}

/** Hands a document in. */
export async function state(
  platform: Served,
  party: TestParty,
  kind: string,
  content: unknown,
  blocks: readonly Block[] = [],
): Promise<{ readonly answer: Answer; readonly cid: CID }> {
  const document = await makeDocument(platform, party, kind, content, blocks)
  return { answer: await send(platform, document), cid: document.cid }
}

/** The same, and waits until it is in the log. */
export async function log(
  platform: Served,
  party: TestParty,
  kind: string,
  content: unknown,
  blocks: readonly Block[] = [],
): Promise<CID> {
  const { answer, cid } = await state(platform, party, kind, content, blocks)
  if (answer.status !== 201) throw new Error(`${kind}: ${answer.status} ${answer.text}`)
  await anchored(platform, cid)
  return cid
}

/** Waits until a document's entry is in the log as the platform reads it. */
export async function anchored({ instance }: Served, cid: CID): Promise<void> {
  await until('the document is in the log', async () => {
    const row = await instance.db
      .selectFrom('entry')
      .select('index')
      .where('digest', '=', cid.multihash.digest)
      .executeTakeFirst()
    return row !== undefined && instance.log.size > row.index
  })
  await instance.documents.settled()
}

/** Has an entry appended to the contract as anybody else could, past the platform's own weighing. */
export async function appendDirectly(
  { instance }: Served,
  { cid, entry, signature }: { readonly cid: CID; readonly entry: Entry; readonly signature: Uint8Array },
): Promise<void> {
  const { chain, db } = instance
  const data = Buffer.concat([encodeEntry(entry), signature])
  const to = chain.domain.verifyingContract
  await db
    .insertInto('intent')
    .values(waitingRow({ id: `direct:${cid}`, kind: 'entry', to, data, createdAtMs: instance.clock() }))
    .execute()
  chain.wake()
  await until('the entry is in the contract’s log', async () => {
    const row = await db.selectFrom('entry').select('index').where('digest', '=', entry.digest).executeTakeFirst()
    return row !== undefined
  })
}
