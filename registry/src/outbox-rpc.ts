import { decodeEntry, toHex0x } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { type Address, hexToNumber, numberToHex, type PublicClient, parseTransaction } from 'viem'
import { appendCalldata, contractReader, digestOfActCalldata } from './client.ts'
import { type Contracts, eventTopic } from './contract.ts'
import type { Inclusion, IntentRecord } from './intent.ts'
import { readLogs } from './logs.ts'
import type { OutboxChain } from './outbox-chain.ts'
import { nodeMessage, refusalIn } from './revert.ts'

/** The outbox's view of a chain through one node's RPC. `fromBlock` is the block of the deployment: nothing is looked for before it. */
export function rpcOutboxChain(client: PublicClient, contracts: Contracts, fromBlock: number): OutboxChain {
  const reader = contractReader(client, contracts)
  const block = async (number: number) =>
    client.request({ method: 'eth_getBlockByNumber', params: [numberToHex(number), false] })

  return {
    head: async () => hexToNumber(await client.request({ method: 'eth_blockNumber' })),
    blockHash: async (number) => (await block(number))?.hash ?? undefined,
    count: async (sender) =>
      hexToNumber(await client.request({ method: 'eth_getTransactionCount', params: [sender, 'latest'] })),
    async inclusion(hash): Promise<Inclusion | undefined> {
      const receipt = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] })
      if (receipt === null) return undefined
      const { blockNumber, blockHash, status } = receipt
      return { transaction: hash, block: hexToNumber(blockNumber), blockHash, ok: status === '0x1' }
    },
    knows: async (hash) => (await client.request({ method: 'eth_getTransactionByHash', params: [hash] })) !== null,
    async send(bytes) {
      try {
        await client.request({ method: 'eth_sendRawTransaction', params: [bytes] })
        return 'accepted'
      } catch (error) {
        const said = nodeMessage(error).toLowerCase()
        if (/underpriced|fee too low|fee cap less|max fee per gas less|less than block base fee/.test(said))
          return 'underpriced'
        if (/already known|already imported|known transaction|nonce too low|alreadyknown/.test(said)) return 'refused'
        if (/insufficient funds/.test(said))
          throw new TanlianError(
            'E_OUTBOX_FUNDS',
            'The sending account cannot pay for gas. Send it some of the chain’s money.',
            {
              cause: error,
            },
          )
        throw error
      }
    },
    async fees() {
      const latest = await client.request({ method: 'eth_getBlockByNumber', params: ['latest', false] })
      const gasPrice = BigInt(await client.request({ method: 'eth_gasPrice' }))
      const baseFee = latest?.baseFeePerGas
      if (baseFee === null || baseFee === undefined) return { feePerGas: gasPrice, priorityFeePerGas: null }
      // The gas price that the node names is base fee and tip: what it names beyond the base fee is the usual tip.
      const base = BigInt(baseFee)
      const tip = gasPrice > base ? gasPrice - base : 0n
      return { feePerGas: 2n * base + tip, priorityFeePerGas: tip }
    },
    async estimate(from, call) {
      try {
        const gas = await client.request({ method: 'eth_estimateGas', params: [{ from, ...call }, 'latest'] })
        return { ok: true, gas: BigInt(gas) }
      } catch (error) {
        const refusal = refusalIn(error)
        if (refusal === undefined) throw error
        return refusal
      }
    },
    async landed(intent) {
      return intent.kind === 'entry' ? await landedEntry(intent) : await landedAct(intent)
    },
    callOf(intents) {
      const first = intents[0] as IntentRecord
      if (first.kind === 'act') return { to: first.to, data: toHex0x(first.data) }
      const entries = intents.map(({ data }) => ({
        entry: decodeEntry(data.subarray(0, 52)),
        signature: data.subarray(52),
      }))
      return { to: first.to, data: appendCalldata(entries) }
    },
    callIn(bytes) {
      const { to, data = '0x' } = parseTransaction(bytes)
      return { to: to as Address, data }
    },
  }

  async function landedEntry({ data }: IntentRecord) {
    const { kind, organization, sequence, digest } = decodeEntry(data.subarray(0, 52))
    const head = await reader.head(organization, kind)
    if (head.sequence < sequence) return undefined
    const topics = [eventTopic('Appended'), numberToHex(kind, { size: 32 }), numberToHex(organization, { size: 32 })]
    const logs = await readLogs(client, { address: [contracts.log], topics, from: fromBlock })
    const wanted = toHex0x(digest)
    const found = logs.find(
      ({ event }) => event.name === 'Appended' && event.sequence === sequence && event.digest === wanted,
    )
    return found && { transaction: found.transaction, block: found.block }
  }

  async function landedAct({ data }: IntentRecord) {
    const signed = digestOfActCalldata(contracts, toHex0x(data))
    if (signed === undefined) return undefined
    const logs = await readLogs(client, {
      address: [contracts.registry],
      topics: [eventTopic('Acted'), null, signed],
      from: fromBlock,
    })
    const found = logs[0]
    return found && { transaction: found.transaction, block: found.block }
  }
}
