import { CarBufferReader } from '@ipld/car/buffer-reader'
import * as CarBufferWriter from '@ipld/car/buffer-writer'
import { sha256 } from '@noble/hashes/sha2.js'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type Block, digestOf, equalBytes, isEvidenceCid, nameOf } from './block.ts'

/** The blocks of a CAR of one root, checked against their CIDs. */
export interface BatchCar {
  /** The root block; of a batch, its header. */
  readonly header: Block
  readonly cids: readonly CID[]
  get(cid: CID): Uint8Array | undefined
  /** @throws TanlianError E_CAR_MISSING */
  require(cid: CID): Uint8Array
}

/** What a CAR may hold; each limit is met before anything of it is interpreted (safety R14). */
export interface CarLimits {
  readonly bytes: number
  readonly blocks: number
}

const BATCH_LIMITS: CarLimits = { bytes: 128 * 1024 * 1024, blocks: 200_000 }

/**
 * Opens a CAR v1 of one root and holds each block to its CID.
 * @throws TanlianError E_CAR_SIZE, E_CAR_FORM, E_CAR_CID for bytes that do not match their CID, E_CAR_TWICE, E_CAR_MISSING.
 */
export function openCar(bytes: Uint8Array, limits: CarLimits = BATCH_LIMITS): BatchCar {
  if (bytes.length > limits.bytes)
    throw new TanlianError('E_CAR_SIZE', `The CAR has ${bytes.length} bytes, at most ${limits.bytes} are allowed.`, {
      values: { bytes: bytes.length, limit: limits.bytes },
    })
  let reader: CarBufferReader
  try {
    reader = CarBufferReader.fromBytes(bytes)
  } catch (cause) {
    throw carError('it does not read as CAR version 1', cause)
  }
  const roots = reader.getRoots()
  const root = roots[0]
  if (reader.version !== 1 || roots.length !== 1 || root === undefined) throw carError('it has no single root')
  const found = reader.blocks()
  if (found.length > limits.blocks)
    throw new TanlianError('E_CAR_SIZE', `The CAR has ${found.length} blocks, at most ${limits.blocks} are allowed.`, {
      values: { blocks: found.length, limit: limits.blocks },
    })
  const blocks = new Map<string, Uint8Array>()
  const cids: CID[] = []
  for (const { cid, bytes: content } of found) {
    if (!isEvidenceCid(cid) || !equalBytes(sha256(content), digestOf(cid)))
      throw new TanlianError('E_CAR_CID', `A block does not match its CID ${cid}.`, { values: { cid: cid.toString() } })
    const name = nameOf(cid)
    if (blocks.has(name))
      throw new TanlianError('E_CAR_TWICE', `Block ${cid} is in the CAR twice.`, { values: { cid: cid.toString() } })
    blocks.set(name, content)
    cids.push(cid)
  }
  const require = (cid: CID): Uint8Array => {
    const content = blocks.get(nameOf(cid))
    if (content === undefined)
      throw new TanlianError('E_CAR_MISSING', `Block ${cid} is named but not in the CAR.`, {
        values: { cid: cid.toString() },
      })
    return content
  }
  return { header: { cid: root, bytes: require(root) }, cids, get: (cid) => blocks.get(nameOf(cid)), require }
}

/** Writes a CAR v1 of one root; the root's block comes first, a block named twice is written once. */
export function writeCar(root: CID, blocks: readonly Block[]): Uint8Array {
  const once = [...new Map(blocks.map((block) => [nameOf(block.cid), block])).values()]
  const ordered = [
    ...once.filter((block) => block.cid.equals(root)),
    ...once.filter((block) => !block.cid.equals(root)),
  ]
  const size = ordered.reduce(
    (sum, block) => sum + CarBufferWriter.blockLength(block),
    CarBufferWriter.headerLength({ roots: [root] }),
  )
  const writer = CarBufferWriter.createWriter(new ArrayBuffer(size), { roots: [root] })
  for (const block of ordered) writer.write(block)
  return writer.close()
}

function carError(why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_CAR_FORM', `The file is no CAR of the expected form: ${why}.`, { values: { why }, cause })
}
