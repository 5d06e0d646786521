import {
  CHECKS_FORMAT,
  compileMethodology,
  FACTORS_FORMAT,
  type FactorSet,
  type Methodology,
  type Program,
  type RuleSet,
  readChecks,
  readFactors,
  readMethodology,
} from '@tanlian/accounting'
import { LIBRARY, loadLibrary } from '@tanlian/accounting/library'
import { decodeBlock, parseCid } from '@tanlian/evidence'
import { openGateways } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { methodologyList } from './record.ts'

/** What a page of the library shows: a methodology that runs, a factor set, or a set of cross-checks; and its text where it came with the page. */
export type Loaded = { readonly yaml: string | undefined; readonly document: unknown } & (
  | { readonly program: Program }
  | { readonly set: FactorSet }
  | { readonly checks: RuleSet }
)

/** Loads a document by its id or CID: of the library, else what was published, held to its CID here. @throws TanlianError E_LIBRARY_MISSING, E_TRACE_BLOCK */
export async function loadSubject(idOrCid: string): Promise<Loaded> {
  const { yaml, document } = await loadDocument(idOrCid)
  const { format } = document as { readonly format?: unknown }
  if (format === FACTORS_FORMAT) return { yaml, document, set: readFactors(document) }
  if (format === CHECKS_FORMAT) return { yaml, document, checks: readChecks(document) }
  const methodology = readMethodology(document)
  return { yaml, document, program: compileMethodology(methodology, await loadSets(methodology)) }
}

/** A methodology that runs, as a draft needs it. @throws TanlianError E_LIBRARY_MISSING, E_TRACE_BLOCK */
export async function loadProgramOf(cid: string): Promise<Program> {
  const loaded = await loadSubject(cid)
  if ('program' in loaded) return loaded.program
  throw new TanlianError('E_LIBRARY_MISSING', `${cid} is no methodology.`, { values: { id: cid } })
}

/** All factor sets that a methodology may read, of each id the one that a new report rests on. */
export async function loadAllSets(): Promise<readonly FactorSet[]> {
  const ids = new Set(LIBRARY.filter(({ kind }) => kind === 'factors').map(({ id }) => id))
  for (const { kind, id, state } of await methodologyList.queryFn())
    if (kind === 'factors' && state === 'published') ids.add(id)
  return loadSetsOf([...ids])
}

function loadSets({ parameters }: Methodology): Promise<readonly FactorSet[]> {
  return loadSetsOf([...new Set(parameters.flatMap(({ factor }) => (factor === undefined ? [] : [factor.set])))])
}

async function loadSetsOf(ids: readonly string[]): Promise<readonly FactorSet[]> {
  const published = (await methodologyList.queryFn())
    .filter(({ kind, state }) => kind === 'factors' && state === 'published')
    .toSorted((a, b) => publishedAt(b.publications) - publishedAt(a.publications))
  return Promise.all(
    ids.map(async (id) => {
      const newest = published.find((item) => item.id === id)?.cid ?? id
      return readFactors((await loadDocument(newest)).document)
    }),
  )
}

function publishedAt(publications: readonly { readonly index: number }[]): number {
  return publications[0]?.index ?? 0
}

async function loadDocument(idOrCid: string): Promise<{ yaml: string | undefined; document: unknown }> {
  if (LIBRARY.some(({ id, cid }) => id === idOrCid || cid === idOrCid)) return loadLibrary(idOrCid)
  const published = (await methodologyList.queryFn()).findLast(({ id, cid }) => id === idOrCid || cid === idOrCid)
  if (published === undefined) return loadLibrary(idOrCid)
  const bytes = await openGateways([location.origin]).get(parseCid(published.cid))
  return { yaml: undefined, document: decodeBlock(bytes) }
}
