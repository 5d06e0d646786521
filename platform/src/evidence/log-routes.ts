import { encodeBundle, encodeEntry, parseTilePath, TILE_WIDTH, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import type { App } from '../app.ts'
import { Count, NoQuery } from '../form.ts'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import { anchorLag } from './anchor.ts'

const Path = z.object({
  index: z.number().optional(),
  size: z.number(),
  root: z.string(),
  path: z.array(z.string()),
})

/** The log: its state, proofs, checkpoint and tiles (spec sections 6 and 7, C2SP tlog-tiles). */
export function logRoutes(app: App, instance: Instance) {
  const { log, chain } = instance
  const tags = ['log']

  app.get(
    '/.well-known/tanlian.json',
    {
      schema: {
        tags,
        summary: 'Where to begin: chain, contracts, the key of the checkpoint',
        querystring: NoQuery,
        response: {
          200: z.looseObject({
            spec: z.string(),
            chainId: z.number(),
            rpc: z.string().nullable(),
            contracts: z.object({ OrganizationRegistry: z.string(), EvidenceLog: z.string() }),
            vkey: z.string(),
          }),
        },
      },
    },
    async (_request, reply) => {
      reply.header('access-control-allow-origin', '*').header('cache-control', 'no-cache')
      return {
        spec: 'tanlian/evidence/1',
        chainId: chain.chainId,
        rpc: chain.publicRpc,
        contracts: chain.contracts,
        vkey: instance.log.vkey,
        genesis: chain.genesis,
        // An embedded chain can be wiped by whoever runs it: development, not final (R26).
        final: !chain.embedded,
        receiptKey: toHex(instance.receipts.publicKey),
        // For whom shared data is sealed, so that the platform can audit and draw it.
        readerKey: toHex(instance.privacy.publicKey),
        instance: instance.id,
        demo: instance.config.demo,
      }
    },
  )

  app.get(
    '/v1/log',
    {
      schema: {
        tags,
        summary: 'The log as it was read from the contract, and how long accepted entries wait',
        querystring: NoQuery,
        response: {
          200: z.looseObject({ size: z.number(), root: z.string(), block: z.number().nullable() }),
        },
      },
    },
    async () => {
      const lag = await anchorLag(instance)
      return {
        size: log.size,
        root: toHex(log.root()),
        block: log.size === 0 ? null : log.block,
        chainBlock: chain.block,
        depth: log.size === 0 ? null : chain.depthOf(log.block),
        final: !chain.embedded,
        waiting: lag.waiting,
        oldestWaitingSeconds: lag.oldestSeconds,
        promiseSeconds: instance.config.promiseSeconds,
      }
    },
  )

  app.get(
    '/v1/log/proof',
    {
      schema: {
        tags,
        summary: 'Inclusion proof of an entry (RFC 9162 2.1.3)',
        querystring: z.strictObject({ index: Count, size: Count.optional() }),
        response: { 200: Path },
      },
    },
    async (request) => {
      const { index, size = log.size } = request.query
      requireSize(instance, size)
      return { index, size, root: toHex(log.root(size)), path: log.inclusion(index, size).map(toHex) }
    },
  )

  app.get(
    '/v1/log/consistency',
    {
      schema: {
        tags,
        summary: 'Consistency proof of two sizes (RFC 9162 2.1.4)',
        querystring: z.strictObject({ from: Count, to: Count.optional() }),
        response: { 200: z.object({ from: z.number(), to: z.number(), root: z.string(), path: z.array(z.string()) }) },
      },
    },
    async (request) => {
      const { from, to = log.size } = request.query
      requireSize(instance, to)
      return { from, to, root: toHex(log.root(to)), path: log.consistency(from, to).map(toHex) }
    },
  )

  app.get(
    '/log/checkpoint',
    { schema: { tags, summary: 'The signed checkpoint (C2SP tlog-checkpoint)', querystring: NoQuery } },
    async (_request, reply) =>
      reply
        .header('content-type', 'text/plain; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(log.checkpoint()),
  )

  app.get(
    '/log/tile/*',
    {
      schema: {
        tags,
        summary: 'A tile of hashes or a bundle of entries (C2SP tlog-tiles)',
        params: z.object({
          '*': z.string().meta({
            description:
              'LEVEL/INDEX or entries/INDEX; the index in groups of three digits, all but the last with an x before them; .p/WIDTH for a tile of less than 256',
            example: 'entries/x001/x234/067.p/9',
          }),
        }),
        querystring: NoQuery,
      },
    },
    async (request, reply) => {
      const tile = parseTilePath(`tile/${request.params['*']}`)
      const bytes = tile.level === 'entries' ? await bundle(instance, tile.index, tile.width) : log.tile(tile)
      if (bytes === undefined) throw notFound()
      // A chain without finality may go back, and tiles with it.
      const lasting = !chain.embedded && tile.width === TILE_WIDTH
      return reply
        .header('content-type', 'application/octet-stream')
        .header('cache-control', lasting ? 'public, max-age=29030400, immutable' : 'no-cache')
        .send(Buffer.from(bytes))
    },
  )
}

async function bundle(instance: Instance, index: number, width: number): Promise<Uint8Array | undefined> {
  const first = index * TILE_WIDTH
  if (first + width > instance.log.size) return undefined
  const rows = await instance.db
    .selectFrom('entry')
    .select(['kind', 'organization', 'sequence', 'digest'])
    .where('index', '>=', first)
    .where('index', '<', first + width)
    .orderBy('index')
    .execute()
  if (rows.length !== width) return undefined
  return encodeBundle(
    rows.map(({ kind, organization, sequence, digest }) =>
      encodeEntry({ kind: kind as 1 | 2, organization, sequence, digest }),
    ),
  )
}

function requireSize(instance: Instance, size: number) {
  const have = instance.log.size
  if (size > have)
    throw new TanlianError('E_LOG_SIZE', `The log has ${have} entries, not yet ${size}.`, { values: { size, have } })
}
