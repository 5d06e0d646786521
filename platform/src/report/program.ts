import { FACTORS_FORMAT, METHODOLOGY_FORMAT, type Program, programOf, readMethodology } from '@tanlian/accounting'
import { LIBRARY, loadLibrary } from '@tanlian/accounting/library'
import { type Block, cidFromDigest, decodeBlock, digestOf, encodeBlock } from '@tanlian/evidence'
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

/**
 * A methodology by its CID, from the library that comes with the platform or from a block that was handed in.
 * @param factors the sets that a report names; without them the library's newest of each id.
 * @throws TanlianError E_METHODOLOGY_UNKNOWN, and what a document that does not read throws
 */
export function findProgram(
  instance: Pick<Instance, 'blocks'>,
  methodology: CID,
  factors?: readonly CID[],
): Promise<LoadedProgram> {
  const name = [methodology, ...(factors ?? [])].map(String).join()
  const known = loaded.get(name)
  if (known !== undefined) return known
  const wait = load(instance, methodology, factors)
  loaded.set(name, wait)
  wait.catch(() => loaded.delete(name))
  const [oldest] = loaded.keys()
  if (loaded.size > LOADED_MAX && oldest !== undefined) loaded.delete(oldest)
  return wait
}

async function load(
  instance: Pick<Instance, 'blocks'>,
  methodology: CID,
  factors: readonly CID[] | undefined,
): Promise<LoadedProgram> {
  const block = await documentBlock(instance, methodology, METHODOLOGY_FORMAT)
  const { parameters } = readMethodology(decodeBlock(block.bytes))
  const wanted = new Set(parameters.flatMap(({ factor }) => (factor === undefined ? [] : [factor.set])))
  const sets = await Promise.all(
    factors === undefined
      ? [...wanted].map(async (id) => encodeBlock((await loadLibrary(id)).document))
      : factors.map((one) => documentBlock(instance, one, FACTORS_FORMAT)),
  )
  const program = programOf(
    block.bytes,
    sets.map(({ bytes }) => bytes),
  )
  return { program, blocks: [block, ...sets] }
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
