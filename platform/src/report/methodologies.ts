import { type Publication, readFactors, readMethodology } from '@tanlian/accounting'
import { LIBRARY } from '@tanlian/accounting/library'
import { decodeBlock, digestOf } from '@tanlian/evidence'
import type { Instance } from '../instance.ts'

/** A methodology or factor set that is here (方法学、因子集). */
export interface Listed {
  readonly cid: string
  readonly kind: 'methodology' | 'factors'
  readonly id: string
  readonly version: string
  readonly zh: string
  readonly en: string
  readonly sector: string | null
  /** `library`: it comes with the platform and nobody has published it. Reports rest on what is published. */
  readonly state: 'library' | 'published' | 'retired'
  /** Who published or retired it, and when, Unix seconds. */
  readonly by: number | null
  readonly since: number | null
}

/** Everything in the library and everything that was published here, by kind, id and version. */
export async function listMethodologies(instance: Pick<Instance, 'documents' | 'blocks'>): Promise<Listed[]> {
  const { documents, blocks } = instance
  const found = new Map<string, Omit<Listed, 'state' | 'by' | 'since'>>()
  for (const { cid, kind, id, version, name, sector } of LIBRARY)
    if (kind !== 'checks') found.set(cid, { cid, kind, id, version, ...name, sector: sector ?? null })
  for (const kind of ['methodology', 'factors'] as const)
    for (const { content } of documents.list(kind)) {
      const { subject } = content as Publication
      const cid = subject.toString()
      if (found.has(cid)) continue
      const bytes = await blocks.get(digestOf(subject))
      if (bytes === undefined) continue
      const { id, version, name, sector } =
        kind === 'methodology'
          ? readMethodology(decodeBlock(bytes))
          : { ...readFactors(decodeBlock(bytes)), sector: undefined }
      found.set(cid, { cid, kind, id, version, ...name, sector: sector ?? null })
    }
  return [...found.values()]
    .map((item): Listed => {
      const life = documents.register.publication(item.cid)
      if (life === undefined) return { ...item, state: 'library', by: null, since: null }
      const last = life.retired ?? life
      return { ...item, state: last.content.state, by: last.organization, since: last.time }
    })
    .sort((a, b) => compare(b.kind, a.kind) || compare(a.id, b.id) || compare(a.version, b.version))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
