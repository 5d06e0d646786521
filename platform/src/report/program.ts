import {
  FACTORS_FORMAT,
  METHODOLOGY_FORMAT,
  type Program,
  type Publication,
  programOf,
  readFactors,
  readMethodology,
} from '@tanlian/accounting'
import { LIBRARY, loadLibrary } from '@tanlian/accounting/library'
import { type Block, cidFromDigest, decodeBlock, digestOf, encodeBlock, parseCid } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import type { Instance } from '../instance.ts'

/** A methodology that can be run, with the blocks that make it what it is. */
export interface LoadedProgram {
  readonly program: Program
  /** Methodology and factor sets, as they travel with a report. */
  readonly blocks: readonly Block[]
}

const loaded = new Map<string, Promise<LoadedProgram>>()
const LOADED_MAX = 64

type Parts = Pick<Instance, 'blocks' | 'documents'>

/**
 * A methodology by its CID, from the library that comes with the platform or from a block that was handed in.
 * @param factors the sets that a report names; without them of each id the one that a new report is to rest on.
 * @throws TanlianError E_METHODOLOGY_UNKNOWN, and what a document that does not read throws
 */
export async function findProgram(instance: Parts, methodology: CID, factors?: readonly CID[]): Promise<LoadedProgram> {
  const sets = factors ?? (await newestSets(instance, methodology))
  const name = [methodology, ...sets].map(String).join()
  const known = loaded.get(name)
  if (known !== undefined) return known
  const wait = load(instance, methodology, sets)
  loaded.set(name, wait)
  wait.catch(() => loaded.delete(name))
  const [oldest] = loaded.keys()
  if (loaded.size > LOADED_MAX && oldest !== undefined) loaded.delete(oldest)
  return wait
}

async function load(instance: Parts, methodology: CID, factors: readonly CID[]): Promise<LoadedProgram> {
  const [block, ...sets] = await Promise.all([
    documentBlock(instance, methodology, METHODOLOGY_FORMAT),
    ...factors.map((one) => documentBlock(instance, one, FACTORS_FORMAT)),
  ])
  const program = programOf(
    block.bytes,
    sets.map(({ bytes }) => bytes),
  )
  return { program, blocks: [block, ...sets] }
}

/** The sets that a new report of a methodology is to rest on, in the order of their ids' first use. */
async function newestSets(instance: Parts, methodology: CID): Promise<readonly CID[]> {
  const ids = read.get(methodology.toString()) ?? (await setsRead(instance, methodology))
  return Promise.all(ids.map((id) => newestSet(instance, id)))
}

/** Ids of the factor sets that each methodology reads; what a CID names never changes. */
const read = new Map<string, readonly string[]>()

async function setsRead(instance: Parts, methodology: CID): Promise<readonly string[]> {
  const { bytes } = await documentBlock(instance, methodology, METHODOLOGY_FORMAT)
  const { parameters } = readMethodology(decodeBlock(bytes))
  const ids = [...new Set(parameters.flatMap(({ factor }) => (factor === undefined ? [] : [factor.set])))]
  read.set(methodology.toString(), ids)
  return ids
}

/** The set of an id that a report may rest on: the one published last, retired ones aside; else the library's newest. */
async function newestSet({ documents, blocks }: Parts, id: string): Promise<CID> {
  for (const { content } of documents.list('factors').toReversed()) {
    const { subject, state } = content as Publication
    if (state !== 'published' || documents.register.publication(subject)?.retired !== undefined) continue
    const bytes = await blocks.get(digestOf(subject))
    if (bytes !== undefined && readFactors(decodeBlock(bytes)).id === id) return subject
  }
  return parseCid((await loadLibrary(id)).item.cid)
}

async function documentBlock({ blocks }: Pick<Instance, 'blocks'>, cid: CID, format: string): Promise<Block> {
  const shipped = LIBRARY.some((item) => item.cid === cid.toString())
  const bytes = shipped
    ? encodeBlock((await loadLibrary(cid.toString())).document).bytes
    : await blocks.get(digestOf(cid))
  const value = bytes === undefined ? undefined : (decodeBlock(bytes) as { readonly format?: unknown } | null)
  if (bytes === undefined || value?.format !== format)
    throw new TanlianError('E_METHODOLOGY_UNKNOWN', `${cid} is no ${format} that is here.`, {
      values: { cid: cid.toString(), format },
    })
  return { cid: cidFromDigest(digestOf(cid)), bytes }
}
