import { cidOf, parseCid } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'

/** Fetches blocks by CID and holds each to it, whoever gave it. */
export interface BlockSource {
  /** Codes: E_TRACE_BLOCK. */
  get(cid: CID): Promise<Uint8Array>
  /** Bytes fetched so far. */
  readonly bytes: number
  readonly blocks: number
}

/** Greatest block that is taken: a chunk has at most 512 KiB; an index of 16,384 chunks and a document may be larger. */
const BLOCK_MAX = 8 * 1024 * 1024
const TIMEOUT_MS = 30_000

/**
 * Blocks from any IPFS trustless gateways, tried in order. A gateway cannot lie, only refuse: the bytes are hashed here.
 * Codes: E_TRACE_BLOCK.
 */
export function openGateways(urls: readonly string[], send: typeof fetch = globalThis.fetch): BlockSource {
  const kept = new Map<string, Promise<Uint8Array>>()
  const source = { bytes: 0, blocks: 0 }
  const fetchBlock = async (cid: CID): Promise<Uint8Array> => {
    const reasons: string[] = []
    for (const url of urls) {
      try {
        const response = await send(`${url.replace(/\/+$/, '')}/ipfs/${cid}?format=raw`, {
          headers: { accept: 'application/vnd.ipld.raw' },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        })
        if (!response.ok) {
          reasons.push(`${url}: HTTP ${response.status}`)
          await response.body?.cancel()
          continue
        }
        const bytes = new Uint8Array(await response.arrayBuffer())
        if (bytes.length <= BLOCK_MAX && cidOf(bytes).equals(parseCid(cid.toString()))) {
          source.bytes += bytes.length
          source.blocks += 1
          return bytes
        }
        reasons.push(`${url}: the bytes do not match`)
      } catch (error) {
        reasons.push(`${url}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    throw new TanlianError(
      'E_TRACE_BLOCK',
      `Block ${cid} cannot be had: ${reasons.join('; ')}. The evidence is unavailable, not refuted.`,
      {
        values: { cid: cid.toString() },
      },
    )
  }
  return {
    get bytes() {
      return source.bytes
    },
    get blocks() {
      return source.blocks
    },
    get(cid) {
      const name = cid.toString()
      let wait = kept.get(name)
      if (wait === undefined) {
        wait = fetchBlock(cid)
        kept.set(name, wait)
        wait.catch(() => kept.delete(name))
      }
      return wait
    },
  }
}
