import { type PublicationLife, readFactors, readMethodology } from '@tanlian/accounting'
import { LIBRARY, loadLibrary } from '@tanlian/accounting/library'
import { decodeBlock, digestOf, parseCid } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'

type Kind = 'methodology' | 'factors'

/** What a methodology or factor set says of itself (方法学、因子集). */
interface Described {
  readonly cid: string
  readonly kind: Kind
  readonly id: string
  readonly version: string
  readonly zh: string
  readonly en: string
  readonly sector: string | null
  /** First and last day that it is for; null where it has no end. */
  readonly from: string
  readonly to: string | null
}

/** A methodology or factor set that is here, and how far it has come. */
export interface Listed extends Described {
  /** `library`: it comes with the platform and nobody has published it. Reports rest on what is published. */
  readonly state: 'library' | 'published' | 'retired'
  /** Who published or retired it, and when, Unix seconds. */
  readonly by: number | null
  readonly since: number | null
  /** The logged documents that published and retired it. */
  readonly publications: {
    document: string
    state: 'published' | 'retired'
    organization: number
    time: number
    index: number
    reason: string | null
  }[]
  /** Reports that rest on it, those that were corrected too. */
  readonly reports: number
}

/** Everything in the library and everything that was published here, by kind, id and version. */
export async function listMethodologies(instance: Pick<Instance, 'documents' | 'blocks'>): Promise<Listed[]> {
  const { documents } = instance
  const wanted = new Map<string, Kind>()
  for (const { cid, kind } of LIBRARY) if (kind === 'methodology' || kind === 'factors') wanted.set(cid, kind)
  for (const kind of ['methodology', 'factors'] as const)
    for (const { content } of documents.list(kind)) wanted.set(String((content as { subject: unknown }).subject), kind)
  const uses = countUses(instance)
  const found = await Promise.all([...wanted].map(([cid, kind]) => describe(instance, cid, kind)))
  return found
    .filter((item) => item !== undefined)
    .map((item) => ({
      ...item,
      ...standing(documents.register.publication(item.cid)),
      reports: uses.get(item.cid) ?? 0,
    }))
    .sort((a, b) => compare(b.kind, a.kind) || compare(a.id, b.id) || compare(a.version, b.version))
}

function standing(life: PublicationLife | undefined): Pick<Listed, 'state' | 'by' | 'since' | 'publications'> {
  if (life === undefined) return { state: 'library', by: null, since: null, publications: [] }
  const steps = [life, ...(life.retired === undefined ? [] : [life.retired])]
  const last = life.retired ?? life
  return {
    state: last.content.state,
    by: last.organization,
    since: last.time,
    publications: steps.map(({ cid, organization, time, index, content: { state, reason } }) => ({
      ...{ document: cid.toString(), state, organization, time, index, reason },
    })),
  }
}

/** How many reports rest on each methodology and factor set. */
function countUses({ documents }: Pick<Instance, 'documents'>): Map<string, number> {
  const uses = new Map<string, number>()
  for (const { content } of documents.register.reports())
    for (const cid of [content.methodology, ...content.factors].map(String)) uses.set(cid, (uses.get(cid) ?? 0) + 1)
  return uses
}

/** What a CID names never changes, so it is read once. */
const described = new Map<string, Described>()

/** Undefined where the block is not here: it came to the log past this platform. */
async function describe({ blocks }: Pick<Instance, 'blocks'>, cid: string, kind: Kind): Promise<Described | undefined> {
  const known = described.get(cid)
  if (known !== undefined) return known
  const shipped = LIBRARY.some((item) => item.cid === cid)
  const bytes = shipped ? undefined : await blocks.get(digestOf(parseCid(cid)))
  if (!shipped && bytes === undefined) return undefined
  const document = bytes === undefined ? (await loadLibrary(cid)).document : decodeBlock(bytes)
  const read = kind === 'methodology' ? readMethodology(document) : { ...readFactors(document), sector: null }
  const { id, version, name, sector, from, to = null } = read
  const item = { cid, kind, id, version, ...name, sector, from, to }
  described.set(cid, item)
  return item
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
