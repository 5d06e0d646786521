import { type Draw, drawVerifiers, type Pairing } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type Unsigned, unsigned } from '../document/content.ts'
import { sizeAfterBlock } from '../document/fact.ts'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import { conflictsBetween } from './conflict.ts'

/** Blocks between an announcement and the block that decides, where nobody says otherwise. */
export const DRAW_BLOCKS = 20

/** A draw with what came of it. */
export interface DrawView {
  readonly cid: string
  readonly organization: number
  readonly content: Draw
  readonly announced: string
  /** What the root after its block draws; null until that block is read. Anybody draws the same. */
  readonly drawn: readonly Pairing[] | null
  readonly size: number | null
  readonly assignment: { readonly cid: string; readonly assigned: readonly Pairing[] } | null
}

/** Draws and their assignments (抽签指派), the last announced first. */
export async function listDraws(instance: Instance): Promise<DrawView[]> {
  const assigned = assignments(instance)
  const draws = [...instance.documents.list('draw')].reverse()
  return Promise.all(
    draws.map(async ({ cid, organization, content, time }) => {
      const draw = content as Draw
      const size = await sizeAfterBlock(instance, draw.block)
      const drawn = size === undefined ? null : drawVerifiers(instance.log.root(size), draw)
      const name = cid.toString()
      const announced = new Date(time * 1000).toISOString()
      const assignment = assigned.get(name) ?? null
      return { cid: name, organization, content: draw, announced, drawn, size: size ?? null, assignment }
    }),
  )
}

/**
 * A draw to announce: every enterprise that is asked for, the verifiers that are not suspended, what excludes some of them, and who was assigned
 * last.
 * @throws TanlianError E_REGISTER_DRAW, E_DRAW_ENTERPRISES
 */
export async function proposeDraw(
  instance: Instance,
  regulator: number,
  given: {
    readonly period: readonly [from: number, to: number]
    readonly enterprises: readonly number[] | undefined
    /** Declarations of enterprises that the regulator lets count. */
    readonly granted: readonly (readonly [enterprise: number, candidate: number])[]
    readonly blocks: number
    readonly due: number
  },
): Promise<Unsigned> {
  const active = await instance.db
    .selectFrom('organization')
    .select(['id', 'kind'])
    .where('suspended', '=', false)
    .orderBy('id')
    .execute()
  const reporting = new Set(instance.documents.register.reports().map(({ organization }) => organization))
  const known = active.filter(({ kind }) => kind === ENTERPRISE).map(({ id }) => id)
  const wanted = given.enterprises ?? known.filter((id) => reporting.has(id))
  const enterprises = [...new Set(wanted)].sort((a, b) => a - b)
  const stranger = enterprises.find((id) => !known.includes(id))
  if (stranger !== undefined || enterprises.length === 0)
    throw new TanlianError('E_DRAW_ENTERPRISES', `${stranger ?? 'Nobody'} is no enterprise that can be drawn for.`, {
      values: { enterprise: stranger ?? null },
    })
  const candidates = active.filter(({ kind }) => kind === VERIFIER).map(({ id }) => id)
  const content = unsigned({
    format: 'tanlian/draw/1',
    period: given.period,
    enterprises,
    candidates,
    excluded: await conflictsBetween(instance, enterprises, candidates, given.granted),
    previous: lastPairs(instance, enterprises),
    block: instance.chain.block + given.blocks,
    due: given.due,
  })
  const refusal = await instance.documents.foresee(regulator, 'draw', content.content)
  if (refusal !== undefined) throw new TanlianError(refusal.code, refusal.message, { values: refusal.values ?? {} })
  return content
}

/** The assignment that a draw's block has decided. @throws TanlianError E_NOT_FOUND, E_DRAW_EARLY */
export async function assignmentOf(instance: Instance, cid: CID): Promise<Unsigned> {
  const found = instance.documents.list('draw').find((draw) => draw.cid.equals(cid))
  if (found === undefined) throw notFound()
  const draw = found.content as Draw
  const size = await sizeAfterBlock(instance, draw.block)
  if (size === undefined || size === 0)
    throw new TanlianError(
      'E_DRAW_EARLY',
      `Block ${draw.block} decides, and the chain is at ${instance.chain.block}.`,
      {
        values: { block: draw.block, at: instance.chain.block, retryAfterS: 5 },
      },
    )
  const root = instance.log.root(size)
  return unsigned({ format: 'tanlian/assignment/1', draw: cid, size, root, assigned: drawVerifiers(root, draw) })
}

/** Numbers of the kinds in the registry. */
const ENTERPRISE = 3
const VERIFIER = 4

function assignments({ documents }: Pick<Instance, 'documents'>) {
  return new Map(
    documents.list('assignment').map(({ cid, content }) => {
      const { draw, assigned } = content as { readonly draw: CID; readonly assigned: readonly Pairing[] }
      return [draw.toString(), { cid: cid.toString(), assigned }] as const
    }),
  )
}

/** Who verified each enterprise last: rotation keeps it from getting the same one again. */
function lastPairs({ documents }: Pick<Instance, 'documents'>, enterprises: readonly number[]): Pairing[] {
  const last = new Map<number, number>()
  for (const { content } of documents.list('assignment'))
    for (const [enterprise, verifier] of (content as { readonly assigned: readonly Pairing[] }).assigned)
      last.set(enterprise, verifier)
  return enterprises.flatMap((enterprise): Pairing[] => {
    const verifier = last.get(enterprise)
    return verifier === undefined ? [] : [[enterprise, verifier]]
  })
}
