import { LIBRARY, loadLibrary } from '@tanlian/accounting/library'
import { encodeBlock } from '@tanlian/evidence'
import type { Desk } from './statements.ts'

/** Publishes the methodologies and factor sets of the library (发布方法学): what reports may rest on, from the regulator's desk. */
export async function publishLibrary(regulator: Desk): Promise<void> {
  for (const { kind, cid } of LIBRARY)
    if (kind === 'methodology' || kind === 'factors')
      await regulator.log(`publication/${cid}`, async () => {
        const block = encodeBlock((await loadLibrary(cid)).document)
        const content = { format: 'tanlian/publication/1', subject: block.cid, state: 'published', reason: null }
        return { kind, content, blocks: [block] }
      })
}
