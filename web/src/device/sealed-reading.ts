import { checkProof, cidOf, decodePackage, encodeKey, equalBytes, type Header, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { client } from '../service.ts'
import type { FoundReading } from './load-reading.ts'

/**
 * Opens one reading of a sealed chunk with the right of whoever is signed in: the platform, as a reader, gives the proof of exactly this reading, its body
 * and its raw message. The proof is held to the header here, the message to the CID that the reading names; the body is held to the leaf by
 * whoever follows the reading to the chain.
 * @returns undefined where the batch holds none at this moment, or it was restated since
 * @throws TanlianError E_CONFIDENTIAL, E_TRACE_BLOCK
 */
export async function openReading(
  header: Header,
  { type, stream, start }: { readonly type: number; readonly stream: number; readonly start: number },
): Promise<Pick<FoundReading, 'seconds' | 'quantity' | 'flag' | 'source' | 'salt' | 'frame'> | undefined> {
  const key = encodeKey(type, stream, start)
  const types = [toHex(key).slice(0, 8)]
  const asked = { types, streams: [stream], from: start, to: start + 1, mode: 'readings', frames: true } as const
  const pack = decodePackage(await client.trace(header.organization, asked))
  const body = pack.bodies.find((one) => one.sequence === header.sequence && equalBytes(one.key, key))
  const given = pack.proofs.find(({ sequence }) => sequence === header.sequence)
  if (body === undefined || given === undefined) return undefined
  const intervals = given.intervals.map(([lo, hi]) => ({ lo, hi }))
  const answer = checkProof(header.tree, { intervals, mode: 'readings' }, given.proof)
  const leaf = answer.ok ? answer.leaves.find((one) => equalBytes(one.key, key)) : undefined
  const frame = pack.frames.find(({ cid }) => body.source?.equals(cid) === true)
  if (leaf === undefined || (frame !== undefined && !cidOf(frame.bytes).equals(frame.cid)))
    throw new TanlianError('E_TRACE_BLOCK', 'The bytes that came do not match what the batch names.')
  const { quantity, seconds } = leaf
  return { seconds, quantity, flag: body.flag, source: body.source?.toString(), salt: body.salt, frame: frame?.bytes }
}
