import {
  bodyDigest,
  bodySalt,
  checkProof,
  cidOf,
  declareKeys,
  decodeChunk,
  decodeFrame,
  decodeHeader,
  decodeIndex,
  decodeKey,
  decodeStreams,
  digestOf,
  encodeKey,
  equalBytes,
  type Flag,
  type Frame,
  type FrameSigning,
  type Header,
  isSealed,
  parseCid,
  type StreamItem,
  signingOf,
  toHex,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { checkLogged, type LoggedStep } from '../evidence/logged.ts'
import { client, getBytes } from '../service.ts'

/** A reading found in the blocks of a batch, each of which matches its CID. */
export interface FoundReading {
  readonly header: Header
  readonly item: StreamItem
  /** All that the batch declares. */
  readonly items: readonly StreamItem[]
  readonly type: number
  readonly start: number
  readonly seconds: number
  readonly quantity: number
  readonly flag: Flag
  /** CID of the raw message; undefined where the reading names none. */
  readonly source: string | undefined
  readonly salt: Uint8Array
  /** The raw message’s block, where it came with the reading: of a sealed one nothing else gives it. */
  readonly frame: Uint8Array | undefined
}

/** Finds the reading of a stream that begins at a moment: header, index, chunk, each held to its hash here. @throws TanlianError E_TRACE_BLOCK, E_READING_ABSENT */
export async function findReading(cid: string, stream: number, start: number): Promise<FoundReading> {
  const header = decodeHeader(await block(cid))
  const { streams } = decodeStreams(await block(header.streams.toString()))
  const { chunks } = decodeIndex(await block(header.data.toString()))
  for (const [min, max, , chunkCid] of chunks) {
    const { type, stream: of, start: first } = decodeKey(min)
    if (of !== stream || first > start || decodeKey(max).start < start) continue
    const item = streams.find((one) => one.stream === stream) ?? { stream, type: type >>> 8, device: '', interval: 1 }
    const bytes = await block(chunkCid.toString())
    if (isSealed(bytes)) {
      const { openReading } = await import('./sealed-reading.ts')
      const opened = await openReading(header, { type, stream, start })
      if (opened === undefined) continue
      return { header, item, items: streams, type, start, ...opened }
    }
    const chunk = decodeChunk(bytes)
    const row = chunk.rows.find(([at]) => at === start)
    if (row === undefined) continue
    const [, seconds, quantity, flag, source] = row
    const from = source === null ? undefined : chunk.sources[source]?.toString()
    return {
      header,
      item,
      items: streams,
      type,
      start,
      seconds,
      quantity,
      flag,
      source: from,
      salt: bodySalt(chunk.seed, encodeKey(type, stream, start)),
      frame: undefined,
    }
  }
  throw new TanlianError('E_READING_ABSENT', 'This batch holds no reading of the stream at this moment.')
}

/** A raw message whose bytes match the CID that the reading names. */
export async function loadFrame(cid: string, { frame }: Pick<FoundReading, 'frame'>): Promise<Frame> {
  return decodeFrame(frame ?? (await block(cid)))
}

/** How the device signed a message: held, strictly (safety R7), against the keys that its batch declares; a gateway repeats them in each. */
export function signatureState(
  frame: Frame,
  { header, item, items }: Pick<FoundReading, 'header' | 'item' | 'items'>,
): FrameSigning['state'] {
  const { organization, sequence } = header
  const { state } = signingOf(declareKeys(new Map(), organization, items, sequence), frame, sequence)
  return state === 'signed' && item.device !== frame.device ? 'broken' : state
}

/** One step from the raw message to the chain. */
export type ReadingStep = LoggedStep | (Omit<LoggedStep, 'step'> & { readonly step: 'leaf' })

/**
 * Follows a reading from its leaf to the chain: the batch's tree holds exactly it, the log holds the batch, and the log's root is the contract's. The
 * platform supplies bytes; every step is computed here.
 */
export async function checkReading(cid: string, reading: FoundReading): Promise<readonly ReadingStep[]> {
  const { organization, sequence } = reading.header
  const leaf = await checkLeaf(cid, reading)
  return [leaf, ...(await checkLogged({ kind: 1, organization, sequence, digest: digestOf(parseCid(cid)) }))]
}

async function checkLeaf(cid: string, reading: FoundReading): Promise<ReadingStep> {
  const key = encodeKey(reading.type, reading.item.stream, reading.start)
  const interval = `${toHex(key)}-${toHex(key)}`
  const proof = await getBytes(`/v1/batches/${cid}/proof?interval=${interval}&mode=readings`)
  const answer = checkProof(reading.header.tree, { intervals: [{ lo: key, hi: key }], mode: 'readings' }, proof)
  const source = reading.source === undefined ? null : parseCid(reading.source)
  const body = bodyDigest({ flag: reading.flag, source, salt: reading.salt })
  const [leaf] = answer.ok ? answer.leaves : []
  const ok =
    leaf !== undefined &&
    leaf.quantity === reading.quantity &&
    leaf.seconds === reading.seconds &&
    equalBytes(leaf.bodyDigest, body)
  return { step: 'leaf', ok, values: { root: toHex(reading.header.tree.subarray(56)) } }
}

async function block(cid: string): Promise<Uint8Array> {
  const bytes = await client.block(cid)
  if (cidOf(bytes).toString() !== cid)
    throw new TanlianError('E_TRACE_BLOCK', 'A block that came does not match its CID.', { values: { cid } })
  return bytes
}
