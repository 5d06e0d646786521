import { cidFromDigest, digestOf, fromHex, fromHex0x, isSealed, parseCid } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import type { App } from './app.ts'
import { Id, Text } from './form.ts'
import type { Instance } from './instance.ts'
import { openStreamIndex } from './organization/stream-index.ts'
import { findOrganizations, keyOf, organizationOf } from './organization/view.ts'

const FOUND_MAX = 20

const Found = z
  .object({
    kind: z.enum(['organization', 'batch', 'document', 'block', 'transaction', 'stream', 'entry']),
    id: z.string().meta({ description: 'Organization’s number, CID, transaction or stream’s number' }),
    label: z.string(),
    organization: z.number().optional(),
    sequence: z.number().optional().meta({ description: 'Of a batch or document, in its organization' }),
    cid: z.string().optional().meta({ description: 'The batch or document that it leads to' }),
  })
  .meta({ id: 'Found' })
type FoundItem = z.infer<typeof Found>

/** `GET /v1/search`: one box for everything that has a name here. */
export function searchRoutes(app: App, instance: Instance) {
  const index = openStreamIndex(instance)
  const follow = () => {
    index.follow().catch((error) => instance.logger.error({ err: error }, 'the index of streams could not follow'))
  }
  instance.events.on('accepted', follow)
  app.addHook('onReady', async () => follow())
  app.addHook('onClose', async () => {
    instance.events.off('accepted', follow)
  })

  app.get(
    '/v1/search',
    {
      schema: {
        tags: ['search'],
        summary: 'Find an organization, batch, document, block, transaction, key, meter or entry',
        querystring: z.strictObject({ q: Text(200) }),
        response: { 200: z.object({ items: z.array(Found) }) },
      },
    },
    async (request) => ({ items: (await find(instance, request.query.q)).slice(0, FOUND_MAX) }),
  )
}

async function find(instance: Instance, words: string): Promise<FoundItem[]> {
  const number = Id.safeParse(words)
  if (number.success) {
    const [organization, streams] = await Promise.all([
      organizationOf(instance, number.data),
      findStreams(instance, words),
    ])
    return organization === undefined ? streams : [organizationItem(organization), ...streams]
  }
  if (/^0x[0-9a-fA-F]{40}$/.test(words)) return findKey(instance, words)
  if (/^0x[0-9a-fA-F]{64}$/.test(words)) return findTransaction(instance, words)
  if (/^[0-9a-f]{64}$/.test(words)) return findDigest(instance, fromHex(words, 32), 'entry')
  const digest = digestOfCid(words)
  if (digest !== undefined) return findDigest(instance, digest, 'block')
  const [organizations, streams] = await Promise.all([
    findOrganizations(instance, words, FOUND_MAX),
    findStreams(instance, words),
  ])
  return [...organizations.map(organizationItem), ...streams]
}

function organizationItem(organization: { id: number; name: string | null; kind: string }): FoundItem {
  const { id, name } = organization
  return { kind: 'organization', id: String(id), label: name ?? `#${id}` }
}

async function findKey(instance: Instance, address: string): Promise<FoundItem[]> {
  const key = await keyOf(instance, address)
  const organization = key === undefined ? undefined : await organizationOf(instance, key.organization)
  return organization === undefined ? [] : [organizationItem(organization)]
}

async function findTransaction(instance: Instance, hash: string): Promise<FoundItem[]> {
  const rows = await instance.db
    .selectFrom('entry')
    .select(['kind', 'organization', 'sequence', 'digest'])
    .where('transaction', '=', fromHex0x(hash, 32))
    .orderBy('index')
    .limit(FOUND_MAX)
    .execute()
  return rows.map((row) => ({
    kind: 'transaction',
    id: hash.toLowerCase(),
    label: `${row.organization} / ${row.sequence}`,
    organization: row.organization,
    cid: cidFromDigest(row.digest).toString(),
  }))
}

/** An entry's digest is its header's or document's: where one is known it is found as that, else as a plain block. */
async function findDigest(instance: Instance, digest: Uint8Array, otherwise: 'entry' | 'block'): Promise<FoundItem[]> {
  const cid = cidFromDigest(digest).toString()
  const columns = ['kind', 'organization', 'sequence'] as const
  const row =
    (await instance.db.selectFrom('accepted').select(columns).where('digest', '=', digest).executeTakeFirst()) ??
    (await instance.db.selectFrom('entry').select(columns).where('digest', '=', digest).executeTakeFirst())
  if (row !== undefined) {
    const kind = row.kind === 1 ? 'batch' : 'document'
    const { organization, sequence } = row
    return [{ kind, id: cid, label: `${organization} / ${sequence}`, organization, sequence, cid }]
  }
  return otherwise === 'block' && (await isOpen(instance, digest)) ? [{ kind: 'block', id: cid, label: cid }] : []
}

/** Whether a block is here and everybody's: what is sealed looks like missing (S32). */
async function isOpen({ blocks, privacy }: Instance, digest: Uint8Array): Promise<boolean> {
  const bytes = (await privacy.register.batch(digest)) === undefined ? await blocks.get(digest) : undefined
  return bytes !== undefined && !isSealed(bytes)
}

async function findStreams(instance: Instance, words: string): Promise<FoundItem[]> {
  const pattern = `%${words.toLowerCase().replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`
  const rows = await instance.db
    .selectFrom('stream_index')
    .selectAll()
    .where('search', 'like', pattern)
    .orderBy('organization')
    .orderBy('stream')
    .limit(FOUND_MAX)
    .execute()
  return rows.map((row) => ({
    kind: 'stream',
    id: String(row.stream),
    label: row.label,
    organization: row.organization,
  }))
}

function digestOfCid(text: string): Uint8Array | undefined {
  try {
    return digestOf(parseCid(text))
  } catch (error) {
    if (error instanceof TanlianError) return undefined
    throw error
  }
}
