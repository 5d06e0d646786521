import { fromHex0x, toHex0x } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'
import { intentIdOf } from './act.ts'
import './schema.ts'

/** A relayed act on its way to the chain. */
export interface JobView {
  readonly id: string
  /** Name of the act. */
  readonly act: string
  readonly state: 'pending' | 'sent' | 'done' | 'failed'
  readonly transaction: string | null
  readonly block: number | null
  /** Why the registry refuses it. */
  readonly code: string | null
  readonly message: string | null
  /** What it brought about, once it is done. */
  readonly result: { readonly application: string | null; readonly organization: number | null } | null
}

const STATES = { waiting: 'pending', carried: 'sent', done: 'done', failed: 'failed' } as const

/** How far an act has come; undefined for one that was never handed in here. */
export async function jobView(instance: Instance, id: string): Promise<JobView | undefined> {
  const act = await instance.db.selectFrom('act').selectAll().where('job', '=', id).executeTakeFirst()
  const intent = await instance.db.selectFrom('intent').selectAll().where('id', '=', intentIdOf(id)).executeTakeFirst()
  if (act === undefined || intent === undefined) return undefined
  const failure = intent.failure === null ? null : (JSON.parse(intent.failure) as { code: string; message: string })
  const read = intent.state === 'done' && (await isRead(instance, intent.block))
  return {
    id,
    act: act.name,
    // Done means that its effect can be read here, not only that it is mined.
    state: intent.state === 'done' && !read ? 'sent' : STATES[intent.state],
    transaction: intent.transaction === null ? null : toHex0x(intent.transaction),
    block: intent.block,
    code: failure?.code ?? null,
    message: failure?.message ?? null,
    result: read ? await resultOf(instance, act) : null,
  }
}

/** Whether the projection has come to a block. */
async function isRead(instance: Instance, block: number | null): Promise<boolean> {
  const mark = await instance.db.selectFrom('chain_mark').select('number').orderBy('number', 'desc').executeTakeFirst()
  return mark !== undefined && mark.number >= (block ?? 0)
}

/** What an act brought about: its organization, or the application that it made or decided. */
async function resultOf(
  instance: Instance,
  act: { job: string; name: string; message: string },
): Promise<JobView['result']> {
  const message = JSON.parse(act.message) as { organization?: number; application?: string }
  const named = act.name === 'Apply' ? `0x${act.job}` : message.application
  if (named === undefined) return { application: null, organization: message.organization ?? null }
  const application = await instance.db
    .selectFrom('application')
    .select('organization')
    .where('application', '=', fromHex0x(named, 32))
    .executeTakeFirst()
  return { application: named, organization: application?.organization ?? null }
}
