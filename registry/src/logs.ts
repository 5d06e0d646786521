import { type Address, type Hex, hexToNumber, numberToHex, type PublicClient } from 'viem'
import { decodeEvent } from './contract.ts'
import type { ContractEvent, Place } from './event.ts'

/** An event of the contracts and where it stands; its block's time is not in the log. */
export interface FoundEvent extends Omit<Place, 'time'> {
  readonly event: ContractEvent
  readonly address: Address
}

/**
 * The known events of some contracts in a range of blocks (both ends included, to the newest block if `to` is missing), in order. A node that
 * will not answer for so many blocks or logs at once is asked for half of them.
 */
export async function readLogs(
  client: PublicClient,
  filter: {
    readonly address: readonly Address[]
    readonly topics?: (Hex | null)[]
    readonly from: number
    readonly to?: number
  },
): Promise<FoundEvent[]> {
  const { address, topics = [], from } = filter
  const to = filter.to ?? hexToNumber(await client.request({ method: 'eth_blockNumber' }))
  if (to < from) return []
  try {
    const range = { fromBlock: numberToHex(from), toBlock: numberToHex(to) }
    const logs = await client.request({ method: 'eth_getLogs', params: [{ address: [...address], topics, ...range }] })
    return logs.flatMap((log) => {
      const { blockNumber, blockHash, transactionHash, logIndex } = log
      // A log without a block is of a transaction that waits, one marked `removed` of a block that is gone.
      if (blockNumber === null || blockHash === null || transactionHash === null || logIndex === null || log.removed)
        return []
      const event = decodeEvent(log)
      if (event === undefined) return []
      const place = {
        block: hexToNumber(blockNumber),
        blockHash,
        transaction: transactionHash,
        logIndex: hexToNumber(logIndex),
      }
      return [{ event, address: log.address.toLowerCase() as Address, ...place }]
    })
  } catch (error) {
    if (to === from) throw error
    const middle = (from + to) >> 1
    const first = await readLogs(client, { ...filter, to: middle })
    return [...first, ...(await readLogs(client, { ...filter, from: middle + 1, to }))]
  }
}
