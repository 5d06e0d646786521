import { type Block, encodeBlock } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import type { Publication } from './document/publication.ts'
import { dryRun } from './dry-run.ts'
import { FACTORS_FORMAT, type FactorSet, readFactors } from './factor.ts'
import { readMethodology } from './methodology.ts'
import { compileMethodology } from './program.ts'
import { requireStep, stageOf } from './stage.ts'

/** What is signed and logged to publish or retire something: a document's kind and content, and what travels with it. */
export interface PublicationStatement {
  readonly kind: 'methodology' | 'factors'
  readonly content: Publication
  readonly blocks: readonly Block[]
}

/**
 * What a regulator or platform signs to publish a methodology or factor set (发布): the document itself travels along, so that anybody can run it. A
 * methodology must compile, and every worked example must come out to the last digit.
 * @param document as `readYaml` gives it
 * @param sets the factor sets that a methodology reads
 * @throws TanlianError E_METHODOLOGY_STAGE, and what a document that does not read or compile throws
 */
export function publicationOf(document: unknown, sets: readonly FactorSet[] = []): PublicationStatement {
  const isFactors = (document as { readonly format?: unknown } | null)?.format === FACTORS_FORMAT
  if (isFactors) readFactors(document)
  else requireStep(stageOf(dryRun(compileMethodology(readMethodology(document), sets)), []), 'published')
  const block = encodeBlock(document)
  return {
    kind: isFactors ? 'factors' : 'methodology',
    content: content(block.cid, 'published', null),
    blocks: [block],
  }
}

/** What its publisher signs to retire a version (停用): no new report may rest on it; those that do keep it. */
export function retirementOf(
  kind: PublicationStatement['kind'],
  subject: CID,
  reason: string | null,
): PublicationStatement {
  return { kind, content: content(subject, 'retired', reason), blocks: [] }
}

function content(subject: CID, state: Publication['state'], reason: string | null): Publication {
  return { format: 'tanlian/publication/1', subject, state, reason }
}
