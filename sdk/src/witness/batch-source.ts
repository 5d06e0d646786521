import { type BatchCar, cidOf, decodeChunk, decodeHeader, decodeIndex, isSealed, openCar } from '@tanlian/evidence'
import { refusalOf, TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { inTurns } from '../in-turns.ts'

/** What fetching one batch may cost (safety R18, S35). */
export interface BatchLimits {
  /** Bytes of its blocks. */
  readonly bytes: number
  readonly blocks: number
  /** Of all its requests together, milliseconds. */
  readonly ms: number
  /** Of one request. */
  readonly requestMs: number
}

export const BATCH_LIMITS: BatchLimits = {
  bytes: 128 * 1024 * 1024,
  blocks: 200_000,
  ms: 120_000,
  requestMs: 10_000,
}

/** Fetches whole batches from gateways that nobody trusts. */
export interface BatchSource {
  /**
   * All blocks of a batch, each held to its CID. Codes: E_TRACE_BLOCK where a block cannot be had in time or the batch is beyond the limits,
   * which refutes nothing; E_AUDIT_SEALED where a gateway says that it is for others; E_BLOCK_…, E_FORM… where a block is not of its form,
   * which refutes it.
   */
  fetch(header: CID, signal: AbortSignal): Promise<BatchCar>
  /** The sealed blocks of a batch that a gateway gives this reader, frames among them; none where no gateway knows of any. */
  sealed(header: CID, signal: AbortSignal): Promise<readonly Uint8Array[]>
  /** Bytes that came, for whoever shows the progress. */
  readonly bytes: number
}

/** Greatest block: a chunk has at most 512 KiB, an index of 16,384 chunks more. */
const BLOCK_BYTES = 8 * 1024 * 1024
const AT_ONCE = 8
/** What a gateway answers that gives a block to others only. */
const CLOSED = 'HTTP 403'
/** How long a gateway that failed comes after the others. */
const PENALTY_MS = 60_000

/** Headers of requests to a gateway: a session at the platform that keeps sealed batches for this reader. No other gateway may see it. */
export type Authorize = (gateway: string) => Promise<Readonly<Record<string, string>>>

/** Makes a source over IPFS trustless gateways; `send` and `clock` can be replaced for a test. */
export function createBatchSource(
  gateways: readonly string[],
  limits: BatchLimits = BATCH_LIMITS,
  authorize: Authorize = async () => ({}),
  send: typeof fetch = globalThis.fetch,
  clock: () => number = Date.now,
): BatchSource {
  const failedAt = new Map<string, number>()
  let received = 0
  /** The streams block of one batch is mostly that of the next. */
  let lastStreams: { readonly name: string; readonly bytes: Uint8Array } | undefined

  const inOrder = () => {
    const isLate = (url: string) => (clock() - (failedAt.get(url) ?? Number.NEGATIVE_INFINITY) < PENALTY_MS ? 1 : 0)
    return [...gateways].sort((a, b) => isLate(a) - isLate(b))
  }
  const ask = async (
    url: string,
    cid: CID,
    format: 'raw' | 'car',
    deadline: AbortSignal,
    most: number,
  ): Promise<Uint8Array | string> => {
    try {
      const response = await send(`${url.replace(/\/+$/, '')}/ipfs/${cid}?format=${format}`, {
        headers: { accept: `application/vnd.ipld.${format}`, ...(await authorize(url)) },
        signal: AbortSignal.any([deadline, AbortSignal.timeout(limits.requestMs)]),
      })
      if (!response.ok) {
        await response.body?.cancel()
        return `HTTP ${response.status}`
      }
      const bytes = await readUpTo(response, most)
      if (bytes === undefined) return `more than ${most} bytes`
      return format === 'car' || cidOf(bytes).equals(cid) ? bytes : 'the bytes do not match'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  const fetchBlock = async (cid: CID, deadline: AbortSignal, most: number): Promise<Uint8Array> => {
    const reasons: string[] = []
    let isClosed = false
    for (const url of inOrder()) {
      if (deadline.aborted) break
      const answer = await ask(url, cid, 'raw', deadline, most)
      if (typeof answer !== 'string') {
        received += answer.length
        return answer
      }
      if (answer !== 'HTTP 404' && answer !== CLOSED) failedAt.set(url, clock())
      isClosed ||= answer === CLOSED
      reasons.push(`${url}: ${answer}`)
    }
    if (isClosed)
      throw new TanlianError('E_AUDIT_SEALED', `Block ${cid} is for others: ${reasons.join('; ')}.`, {
        values: { cid: cid.toString() },
      })
    throw unavailable(cid, reasons.length === 0 ? 'no time is left' : reasons.join('; '))
  }

  /** What a gateway gives below a block at once, held to the CIDs; nothing of it is needed, all of it saves asking block by block. */
  const fetchBelow = async (cid: CID, deadline: AbortSignal, most: number): Promise<BatchCar | undefined> => {
    const [url] = inOrder()
    if (url === undefined) return undefined
    const answer = await ask(url, cid, 'car', deadline, most)
    if (typeof answer === 'string') {
      // One that makes no CARs is none the worse for single blocks.
      if (!answer.startsWith('HTTP 4')) failedAt.set(url, clock())
      return undefined
    }
    received += answer.length
    try {
      return openCar(answer, { bytes: most, blocks: limits.blocks })
    } catch (error) {
      refusalOf(error)
      return undefined
    }
  }

  return {
    get bytes() {
      return received
    },
    async sealed(header, signal) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(limits.ms)])
      for (const url of inOrder()) {
        try {
          const response = await send(`${url.replace(/\/+$/, '')}/v1/batches/${header}/sealed`, {
            headers: { accept: 'application/vnd.ipld.car', ...(await authorize(url)) },
            signal: deadline,
          })
          const bytes = response.ok ? await readUpTo(response, limits.bytes) : undefined
          if (!response.ok) await response.body?.cancel()
          if (bytes === undefined) continue
          received += bytes.length
          const car = openCar(bytes, limits)
          return car.cids.map((cid) => car.require(cid)).filter(isSealed)
        } catch (error) {
          // A gateway that answers with rubbish has not answered.
          if (signal.aborted) throw error
          failedAt.set(url, clock())
        }
      }
      return []
    },
    async fetch(header, signal) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(limits.ms)])
      const found = new Map<string, Uint8Array>()
      const cids: CID[] = []
      let left = limits.bytes
      let below: BatchCar | undefined
      const take = async (cid: CID): Promise<Uint8Array> => {
        const name = cid.toString()
        const known = found.get(name)
        if (known !== undefined) return known
        if (cids.length >= limits.blocks || left <= 0) throw unavailable(cid, 'the batch is beyond the limits')
        const bytes =
          below?.get(cid) ??
          (lastStreams?.name === name
            ? lastStreams.bytes
            : await fetchBlock(cid, deadline, Math.min(BLOCK_BYTES, left)))
        if (!found.has(name)) {
          left -= bytes.length
          cids.push(cid)
          found.set(name, bytes)
        }
        return bytes
      }
      const bytes = await take(header)
      const { data, streams } = decodeHeader(bytes)
      lastStreams = { name: streams.toString(), bytes: await take(streams) }
      below = await fetchBelow(data, deadline, left)
      const { chunks } = decodeIndex(await take(data))
      const sources = new Map<string, CID>()
      let hasSealed = false
      await inTurns(chunks, AT_ONCE, async ([, , , cid]) => {
        const chunk = await take(cid)
        if (isSealed(chunk)) hasSealed = true
        else for (const source of decodeChunk(chunk).sources) sources.set(source.toString(), source)
      })
      await inTurns([...sources.values()], AT_ONCE, async (source) => {
        try {
          await take(source)
        } catch (error) {
          // A frame that a sealed chunk names as well is sealed: the audit finds it missing, and asks for the sealed ones of the batch.
          if (!hasSealed || refusalOf(error).code !== 'E_TRACE_BLOCK' || deadline.aborted) throw error
        }
      })
      const get = (cid: CID) => found.get(cid.toString())
      const require = (cid: CID): Uint8Array => {
        const block = get(cid)
        if (block !== undefined) return block
        throw new TanlianError('E_CAR_MISSING', `Block ${cid} is named but was not fetched.`, {
          values: { cid: cid.toString() },
        })
      }
      return { header: { cid: header, bytes }, cids, get, require }
    },
  }
}

/** The body, or undefined once it is longer than it may be: a gateway that never ends is left. */
async function readUpTo(response: Response, most: number): Promise<Uint8Array | undefined> {
  if (response.body === null) return new Uint8Array()
  const parts: Uint8Array[] = []
  let length = 0
  const reader = response.body.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length
    if (length > most) {
      await reader.cancel()
      return undefined
    }
    parts.push(part.value)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function unavailable(cid: CID, why: string): TanlianError {
  return new TanlianError(
    'E_TRACE_BLOCK',
    `Block ${cid} cannot be had: ${why}. The evidence is unavailable, not refuted.`,
    { values: { cid: cid.toString(), why } },
  )
}
