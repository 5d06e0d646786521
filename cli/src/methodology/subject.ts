import {
  FACTORS_FORMAT,
  type FactorSet,
  type PublicationStatement,
  readFactors,
  readMethodology,
} from '@tanlian/accounting'
import { LIBRARY, loadFactors, loadLibrary } from '@tanlian/accounting/library'
import { readYaml } from '@tanlian/accounting/yaml'
import { decodeBlock, parseCid } from '@tanlian/evidence'
import { type Client, openGateways } from '@tanlian/sdk'
import { readWanted } from '@tanlian/sdk/node'

/** A methodology or factor set as the platform lists it. */
export interface Listed {
  readonly cid: string
  readonly kind: PublicationStatement['kind']
  readonly id: string
  readonly version: string
  readonly zh: string
  readonly en: string
  readonly from: string
  readonly to: string | null
  readonly state: 'library' | 'published' | 'retired'
  readonly reports: number
}

/** A document of a file or of the library, and the factor sets that it may read: named files, then what is published, then the library's. */
export async function readSubject(
  subject: string,
  files: string | undefined,
  platform?: { readonly client: Client; readonly url: string },
): Promise<{ document: unknown; sets: readonly FactorSet[] }> {
  const item = LIBRARY.find(({ id, cid }) => id === subject || cid === subject)
  const document = item === undefined ? await readFile(subject) : (await loadLibrary(subject)).document
  if (isFactors(document)) return { document, sets: [] }
  const own = await Promise.all((files?.split(',') ?? []).map(async (path) => readFactors(await readFile(path))))
  const wanted = new Set(readMethodology(document).parameters.flatMap(({ factor }) => factor?.set ?? []))
  const published = platform === undefined ? [] : await publishedSets(platform, wanted)
  const shipped = LIBRARY.filter(({ kind, id }) => kind === 'factors' && wanted.has(id))
  // Of several of one id the last one counts.
  return { document, sets: [...(await Promise.all(shipped.map(({ cid }) => loadFactors(cid)))), ...published, ...own] }
}

async function publishedSets(
  { client, url }: { readonly client: Client; readonly url: string },
  wanted: ReadonlySet<string>,
): Promise<FactorSet[]> {
  const blocks = openGateways([url])
  const found: FactorSet[] = []
  for await (const { kind, id, state, cid } of client.all<Listed>('/v1/methodologies')) {
    if (kind !== 'factors' || state !== 'published' || !wanted.has(id)) continue
    found.push(readFactors(decodeBlock(await blocks.get(parseCid(cid)))))
  }
  return found
}

async function readFile(path: string): Promise<unknown> {
  return readYaml(new TextDecoder().decode(await readWanted(path)))
}

export function isFactors(document: unknown): boolean {
  return (document as { readonly format?: unknown } | null)?.format === FACTORS_FORMAT
}
