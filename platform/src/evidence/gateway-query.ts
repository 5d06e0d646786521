import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import { rangesOf } from '../accept.ts'

export const RAW = 'application/vnd.ipld.raw'
export const CAR = 'application/vnd.ipld.car'

/** What the IPFS trustless gateway lets a reader ask for. */
export const GatewayQuery = z.strictObject({
  format: z.string().max(100).optional().meta({ description: 'raw or car; wins over the Accept header' }),
  'dag-scope': z.enum(['block', 'entity', 'all']).optional().meta({ description: 'all where it is left out' }),
  'entity-bytes': z
    .string()
    .regex(/^(?:0|-?[1-9][0-9]{0,15}):(?:\*|0|-?[1-9][0-9]{0,15})$/, 'is not FROM:TO or FROM:*')
    .optional()
    .meta({ description: 'Bytes of a UnixFS file; means dag-scope=entity, and what is here is always given whole' }),
  'car-version': z
    .string()
    .regex(/^[1-9][0-9]?$/, 'is no version')
    .optional(),
  'car-order': z.enum(['dfs', 'unk']).optional(),
  'car-dups': z.enum(['y', 'n']).optional(),
})

/** What is to be given. */
export interface Wish {
  readonly format: 'raw' | 'car'
  readonly scope: 'block' | 'entity' | 'all'
}

/**
 * Reads what a request asks for: the query wins over the Accept header, and without either the raw block is given.
 * @throws TanlianError E_REQUEST_ACCEPT for what is not made here, E_RANGE where the query contradicts itself.
 */
export function wishOf(query: z.output<typeof GatewayQuery>, accept: string | undefined): Wish {
  const { format, parameters } = formatOf(query.format, accept)
  const { version = '1', order = 'dfs', dups = 'n' } = parameters
  if (format === 'car') {
    requireOne('version', query['car-version'] ?? version, ['1'])
    requireOne('order', query['car-order'] ?? order, ['dfs', 'unk'])
    requireOne('dups', query['car-dups'] ?? dups, ['n'])
  }
  const scope = query['dag-scope'] ?? (query['entity-bytes'] === undefined ? 'all' : 'entity')
  if (query['entity-bytes'] !== undefined && scope !== 'entity')
    throw new TanlianError('E_RANGE', 'entity-bytes asks for a part of an entity: dag-scope is entity then.')
  return { format, scope }
}

type Parameters = Readonly<Record<string, string>>

function formatOf(
  named: string | undefined,
  accept: string | undefined,
): { format: 'raw' | 'car'; parameters: Parameters } {
  if (named === 'raw' || named === 'car') return { format: named, parameters: {} }
  const ranges = named === undefined ? rangesOf(accept) : []
  const open = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality)
  for (const { range, parameters } of open) {
    if (range === CAR) return { format: 'car', parameters }
    if (range === RAW || range === 'application/*' || range === '*/*') return { format: 'raw', parameters: {} }
  }
  if (named === undefined && ranges.length === 0) return { format: 'raw', parameters: {} }
  throw new TanlianError('E_REQUEST_ACCEPT', `The formats of a block are raw and car, ${RAW} and ${CAR}.`)
}

function requireOne(what: string, asked: string, made: readonly string[]) {
  if (!made.includes(asked))
    throw new TanlianError(
      'E_REQUEST_ACCEPT',
      `A CAR here has ${what} ${made.join(' or ')}, not ${asked.slice(0, 20)}.`,
      {
        values: { what, asked: asked.slice(0, 20) },
      },
    )
}
