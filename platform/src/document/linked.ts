import { readDocumentContent, readFactors, readMethodology } from '@tanlian/accounting'
import { type DocumentBlock, decodeBlock, digestOf, equalBytes } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { StoredBlock } from '../blocks.ts'
import type { Instance } from '../instance.ts'

/**
 * Whether what a document links is here or comes with it, so that anybody can do a report again, and a published methodology reads.
 * @throws TanlianError E_DOCUMENT_BLOCKS, and what a methodology or factor set that does not read throws
 */
export async function requireBlocks(
  { blocks }: Pick<Instance, 'blocks'>,
  document: DocumentBlock,
  sent: readonly StoredBlock[],
): Promise<void> {
  const require = async (cid: CID): Promise<Uint8Array> => {
    const digest = digestOf(cid)
    const bytes = sent.find((block) => equalBytes(block.digest, digest))?.bytes ?? (await blocks.get(digest))
    if (bytes !== undefined) return bytes
    throw new TanlianError(
      'E_DOCUMENT_BLOCKS',
      `The document names block ${cid}, which is neither here nor sent along.`,
      {
        values: { cid: cid.toString() },
      },
    )
  }
  if (document.kind === 'audit') return
  const { kind, content } = readDocumentContent(document.kind, document.content)
  if (kind === 'methodology') readMethodology(decodeBlock(await require(content.subject)))
  else if (kind === 'factors') readFactors(decodeBlock(await require(content.subject)))
  else if (kind === 'report')
    for (const cid of [content.methodology, ...content.factors, content.trace]) await require(cid)
}
