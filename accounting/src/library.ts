import { TanlianError } from '@tanlian/units'
import type { RuleSet } from './check/rule.ts'
import { readChecks } from './check/run.ts'
import { type FactorSet, readFactors } from './factor.ts'
import catalogue from './library/catalogue.json' with { type: 'json' }
import { LOADERS } from './library/loaders.ts'
import { type Methodology, readMethodology } from './methodology.ts'
import { compileMethodology, type Program } from './program.ts'

/** A methodology (方法学), rule of allocation (配额分配规则), factor set (因子集) or set of cross-checks (核对规则集) that comes with the package. */
export interface LibraryItem {
  readonly id: string
  readonly version: string
  /** A rule of allocation is written as a methodology is, and makes no report. */
  readonly kind: 'methodology' | 'allocation' | 'factors' | 'checks'
  /** Names its document, every digit of it. */
  readonly cid: string
  readonly sector: string | undefined
  readonly name: { readonly zh: string; readonly en: string }
  /** Factor sets that a methodology reads, by id. */
  readonly sets: readonly string[]
}

/** What was loaded: the YAML as its author wrote it, and the document that `readMethodology` or `readFactors` reads. */
export interface LibraryDocument {
  readonly item: LibraryItem
  readonly yaml: string
  readonly document: unknown
}

/**
 * All methodologies, factor sets and cross-checks of the package (方法学库), small enough to list; each document is loaded only when it is asked for, in Node
 * and in the browser alike. An old version stays when a new one is added.
 */
export const LIBRARY: readonly LibraryItem[] = (
  catalogue as readonly (Omit<LibraryItem, 'sector'> & {
    readonly sector?: string
  })[]
).map((item) => ({ ...item, sector: item.sector }))

/**
 * A document of the library, by its CID, or by its id, which finds the newest version.
 * @throws TanlianError E_LIBRARY_MISSING
 */
export async function loadLibrary(idOrCid: string): Promise<LibraryDocument> {
  const item = LIBRARY.findLast(({ id, cid }) => id === idOrCid || cid === idOrCid)
  const load = item === undefined ? undefined : LOADERS[`${item.id}@${item.version}`]
  if (item === undefined || load === undefined)
    throw new TanlianError(
      'E_LIBRARY_MISSING',
      `The library has no "${idOrCid.slice(0, 80)}". Choose an id of its list.`,
      { values: { id: idOrCid.slice(0, 80) } },
    )
  return { item, ...(await load()).default }
}

/** A methodology of the library, read and checked. @throws TanlianError E_LIBRARY_MISSING */
export async function loadMethodology(idOrCid: string): Promise<Methodology> {
  return readMethodology((await loadLibrary(idOrCid)).document)
}

/** A factor set of the library, read and checked. @throws TanlianError E_LIBRARY_MISSING */
export async function loadFactors(idOrCid: string): Promise<FactorSet> {
  return readFactors((await loadLibrary(idOrCid)).document)
}

/** A methodology of the library with the factor sets that it reads, ready for `calculate`. @throws TanlianError E_LIBRARY_MISSING */
export async function loadProgram(idOrCid: string): Promise<Program> {
  const { item, document } = await loadLibrary(idOrCid)
  return compileMethodology(readMethodology(document), await Promise.all(item.sets.map(loadFactors)))
}

/** A set of cross-checks of the library, read and checked. @throws TanlianError E_LIBRARY_MISSING */
export async function loadChecks(idOrCid: string): Promise<RuleSet> {
  return readChecks((await loadLibrary(idOrCid)).document)
}
