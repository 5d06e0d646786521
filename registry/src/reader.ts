import { recoverEntrySigner, toHex, toHex0x } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { type Hex, hexToNumber, numberToHex, type PublicClient } from 'viem'
import { entriesInCalldata, type RelayedEntry } from './client.ts'
import type { Contracts } from './contract.ts'
import type { ChainEvent } from './event.ts'
import { type FoundEvent, readLogs } from './logs.ts'
import type { BlockMark } from './sink.ts'

/** What the indexer asks of the chain. */
export interface ChainReader {
  head(): Promise<BlockMark>
  /** Blocks of the present chain by number; those that it does not have are missing from the answer. */
  blocks(numbers: readonly number[]): Promise<BlockMark[]>
  /**
   * All events of the contracts in these blocks, in order, all of one state of the chain.
   * @throws TanlianError `E_CHAIN_MOVED` if the chain changed meanwhile: ask again.
   */
  events(from: number, to: number): Promise<ChainEvent[]>
}

/** Reads the chain through one node. */
export function chainReader(client: PublicClient, contracts: Contracts): ChainReader {
  const header = async (number: number | 'latest') => {
    const at = number === 'latest' ? number : numberToHex(number)
    const block = await client.request({ method: 'eth_getBlockByNumber', params: [at, false] })
    if (block === null || block.number === null || block.hash === null) return undefined
    return { number: hexToNumber(block.number), hash: block.hash, time: hexToNumber(block.timestamp) }
  }
  return {
    async head() {
      const head = await header('latest')
      if (head === undefined)
        throw new TanlianError('E_CHAIN_MOVED', 'The node has no newest block. It is asked again.')
      return { number: head.number, hash: head.hash }
    },
    async blocks(numbers) {
      const found = await Promise.all(numbers.map(header))
      return found.filter((block) => block !== undefined).map(({ number, hash }) => ({ number, hash }))
    },
    async events(from, to) {
      const address = [contracts.registry, contracts.log]
      const found = await readLogs(client, { address, from, to })
      const numbers = [...new Set(found.map(({ block }) => block))]
      const headers = new Map((await Promise.all(numbers.map(header))).map((block) => [block?.number, block]))
      const signed = await signatures(client, contracts, found)
      return found.map(({ event, address: _, ...place }) => {
        const block = headers.get(place.block)
        if (block?.hash !== place.blockHash)
          throw new TanlianError('E_CHAIN_MOVED', `Block ${place.block} changed while it was read. It is read again.`, {
            values: { block: place.block },
          })
        return { ...event, ...signed.get(placeKey(place)), ...place, time: block.time }
      })
    },
  }
}

/** The signature of each `Appended` event, out of the calldata of its transaction. */
async function signatures(client: PublicClient, contracts: Contracts, found: readonly FoundEvent[]) {
  const appended = found.filter(({ event }) => event.name === 'Appended')
  const hashes = [...new Set(appended.map(({ transaction }) => transaction))]
  const relayed = new Map<Hex, RelayedEntry[]>()
  await Promise.all(
    hashes.map(async (hash) => {
      const transaction = await client.request({ method: 'eth_getTransactionByHash', params: [hash] })
      if (transaction?.to?.toLowerCase() === contracts.log) relayed.set(hash, entriesInCalldata(transaction.input))
    }),
  )
  const domain = { chainId: contracts.chainId, verifyingContract: contracts.log }
  const result = new Map<string, { signature: Hex; signer: Hex }>()
  for (const { event, ...place } of appended) {
    if (event.name !== 'Appended') continue
    const { kind, organization, sequence, digest } = event
    const match = relayed
      .get(place.transaction)
      ?.find(
        ({ entry }) =>
          entry.kind === kind &&
          entry.organization === organization &&
          entry.sequence === sequence &&
          `0x${toHex(entry.digest)}` === digest,
      )
    if (match === undefined) continue
    const signer = recoverEntrySigner(match.entry, domain, match.signature)
    result.set(placeKey(place), { signature: toHex0x(match.signature), signer })
  }
  return result
}

function placeKey({ block, logIndex }: { readonly block: number; readonly logIndex: number }): string {
  return `${block}/${logIndex}`
}
