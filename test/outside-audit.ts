import { cidFromDigest, decodeChunk, decodeFrame, decodeHeader, decodeIndex, type Frame } from '@tanlian/evidence'
import { type AppendedEvent, auditAll, openChain, openClient, openGateways, openRpc } from '@tanlian/sdk'

/** A reading as the log proves it, with the batch that it is in. */
export interface ProvenReading {
  readonly sequence: number
  readonly stream: number
  /** 0 measured, 1 by hand or estimated, 2 not valid. */
  readonly validity: number
  readonly start: number
  readonly seconds: number
  readonly quantity: number
  /** CID of its frame. */
  readonly source: string | undefined
}

/** All that is proven of an organization. */
export interface Proven {
  readonly entries: readonly AppendedEvent[]
  readonly readings: readonly ProvenReading[]
  /** Frames by CID, each with the batches whose readings name it. */
  readonly frames: ReadonlyMap<string, { readonly frame: Frame; readonly sequences: ReadonlySet<number> }>
}

/**
 * What somebody outside finds who trusts the chain alone: the entries of its events, and every block fetched by its CID and audited.
 * @throws Error where a sequence has a hole or an audit does not hold
 */
export async function auditOutside(given: {
  readonly url: string
  readonly rpc: string
  readonly organization: number
}): Promise<Proven> {
  const { chainId, contracts } = await openClient({ base: given.url }).wellKnown()
  const address = {
    chainId,
    evidenceLog: contracts.EvidenceLog,
    organizationRegistry: contracts.OrganizationRegistry,
  }
  const chain = openChain(openRpc({ url: given.rpc }), address)
  const entries = await chain.appended({ organization: given.organization, kind: 1 })
  const hole = entries.findIndex(({ sequence }, at) => sequence !== at + 1)
  if (hole >= 0) throw new Error(`after batch ${hole} comes batch ${entries[hole]?.sequence}`)
  const blocks = openGateways([given.url])
  const digests = entries.map(({ digest }) => digest)
  const { failed } = await auditAll(given.organization, digests, blocks)
  if (failed !== undefined) throw new Error(`batch ${failed.sequence}: ${failed.code} ${failed.message}`)

  const readings: ProvenReading[] = []
  const frames = new Map<string, { frame: Frame; sequences: Set<number> }>()
  for (const { digest, sequence } of entries) {
    const header = decodeHeader(await blocks.get(cidFromDigest(digest)))
    for (const [, , , cid] of decodeIndex(await blocks.get(header.data)).chunks) {
      const { type, stream, sources, rows } = decodeChunk(await blocks.get(cid))
      for (const source of sources) {
        const name = source.toString()
        const known = frames.get(name) ?? { frame: decodeFrame(await blocks.get(source)), sequences: new Set<number>() }
        known.sequences.add(sequence)
        frames.set(name, known)
      }
      for (const [start, seconds, quantity, , source] of rows)
        readings.push({
          ...{ sequence, stream, validity: type & 0xff, start, seconds, quantity },
          source: source === null ? undefined : sources[source]?.toString(),
        })
    }
  }
  return { entries, readings, frames }
}

/** Sums of what was measured, by stream. */
export function measuredTotals({ readings }: Proven): Map<number, bigint> {
  const totals = new Map<number, bigint>()
  for (const { stream, validity, quantity } of readings)
    if (validity === 0) totals.set(stream, (totals.get(stream) ?? 0n) + BigInt(quantity))
  return totals
}
