import { decodeDocument, PRIVACY_DOCUMENT, type PrivacyMode, readPrivacyRules, toHex } from '@tanlian/evidence'
import { requireBlock } from '../evidence/tree-store.ts'
import type { Instance } from '../instance.ts'

/** How an organization chose to keep each type (数据隐私方式). */
export interface Choice {
  /** Sequence of the document that chose; null before the first. */
  readonly since: number | null
  readonly rules: { type: string; mode: PrivacyMode }[]
}

/** The latest choice of an organization, as its own logged document says it. @throws TanlianError E_UNAVAILABLE */
export async function choiceOf({ db, blocks }: Pick<Instance, 'db' | 'blocks'>, organization: number): Promise<Choice> {
  const row = await db
    .selectFrom('accepted')
    .select(['sequence', 'digest'])
    .where('organization', '=', organization)
    .where('kind', '=', 2)
    .where('document', '=', PRIVACY_DOCUMENT)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return { since: null, rules: [] }
  const { content } = decodeDocument(await requireBlock(blocks, new Uint8Array(row.digest)))
  return {
    since: row.sequence,
    rules: readPrivacyRules(content).map(({ prefix, mode }) => ({ type: toHex(prefix), mode })),
  }
}
