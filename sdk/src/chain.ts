import { fromHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { encodeCall, encodeWord, eventTopic, splitWords, wordNumber } from './abi.ts'
import type { RpcCall } from './rpc.ts'

/** Where the log lives: the chain's id and the two contracts of spec section 7. */
export interface LogAddress {
  readonly chainId: number
  readonly evidenceLog: `0x${string}`
  readonly organizationRegistry: `0x${string}`
}

/** A block as the node names it; `timestamp` in Unix seconds. */
export interface ChainBlock {
  readonly number: number
  readonly hash: `0x${string}`
  readonly timestamp: number
}

/** `Appended` of the EvidenceLog: one signed entry took the place `index` of the log. */
export interface AppendedEvent {
  readonly kind: number
  readonly organization: number
  readonly sequence: number
  readonly digest: Uint8Array
  readonly index: number
  readonly block: number
  readonly transaction: `0x${string}`
}

/** `Root` of the EvidenceLog: the log's root once it had `size` entries. */
export interface RootEvent {
  readonly size: number
  readonly root: Uint8Array
  readonly block: number
  readonly transaction: `0x${string}`
}

/** At which block a question is put: a number, the newest, or the newest final one. */
export type BlockTag = number | 'latest' | 'finalized'

/** What a check asks of a chain node. It trusts nobody else: no platform, no index, only the contracts. */
export interface Chain {
  readonly address: LogAddress
  /** The node's chain id; E_CHAIN_ID when it is not the expected one. */
  checkChainId(): Promise<number>
  block(tag: BlockTag): Promise<ChainBlock>
  root(at?: BlockTag): Promise<Uint8Array>
  size(at?: BlockTag): Promise<number>
  head(organization: number, kind: number, at?: BlockTag): Promise<{ sequence: number; digest: Uint8Array }>
  keyValid(organization: number, key: `0x${string}`, kind: number, sequence: number, at?: BlockTag): Promise<boolean>
  /** What sort of party an organization is registered as: `regulator`, `enterprise` … */
  kindOf(organization: number, at?: BlockTag): Promise<string>
  /** Entries in log order, of one organization and kind when named. */
  appended(filter?: {
    organization?: number
    kind?: number
    fromBlock?: number
    toBlock?: number
  }): Promise<AppendedEvent[]>
  roots(filter?: { fromBlock?: number; toBlock?: number }): Promise<RootEvent[]>
  /** The call data that made an entry: signatures travel in `append`'s input and are needed by a check without the platform. */
  transactionInput(transaction: `0x${string}`): Promise<Uint8Array>
  readonly rpc: RpcCall
}

const APPENDED = eventTopic('Appended(uint32,uint64,uint64,bytes32,uint64)')
const ROOT = eventTopic('Root(uint64,bytes32)')
/** Kinds of party by their number in the registry, from 1. */
const PARTY_KINDS = ['regulator', 'platform', 'enterprise', 'verifier', 'exchange', 'laboratory', 'other'] as const
/** Blocks asked for in one eth_getLogs at first; halved when a node refuses, as public ones do beyond their limit. */
const LOG_SPAN = 50_000

/** A reader of the two contracts through one chain node. Codes: E_CHAIN_RPC, E_CHAIN_ANSWER, E_CHAIN_ID. */
export function openChain(rpc: RpcCall, address: LogAddress): Chain {
  const call = async (to: `0x${string}`, data: `0x${string}`, at: BlockTag = 'latest', words = 1) =>
    splitWords(await rpc('eth_call', [{ to, data }, blockParameter(at)]), words)

  const logs = async (topics: (string | null)[], fromBlock: number, toBlock: number): Promise<RawLog[]> => {
    const found: RawLog[] = []
    let span = LOG_SPAN
    for (let from = fromBlock; from <= toBlock; ) {
      const to = Math.min(toBlock, from + span - 1)
      try {
        const part = await rpc('eth_getLogs', [
          { address: address.evidenceLog, topics, fromBlock: hexNumber(from), toBlock: hexNumber(to) },
        ])
        if (!Array.isArray(part)) throw badAnswer('eth_getLogs')
        found.push(...(part as RawLog[]))
        from = to + 1
      } catch (error) {
        if (span === 1) throw error
        span = Math.ceil(span / 2)
      }
    }
    return found
  }

  const chain: Chain = {
    address,
    rpc,
    async checkChainId() {
      const id = hexToNumber(await rpc('eth_chainId', []))
      if (id === address.chainId) return id
      throw new TanlianError(
        'E_CHAIN_ID',
        `The node serves chain ${id}, the evidence names chain ${address.chainId}. Check the RPC address.`,
        { values: { found: id, expected: address.chainId } },
      )
    },
    async block(tag) {
      const block = (await rpc('eth_getBlockByNumber', [blockParameter(tag), false])) as RawBlock | null
      if (block === null || typeof block.hash !== 'string') throw badAnswer('eth_getBlockByNumber')
      return { number: hexToNumber(block.number), hash: block.hash, timestamp: hexToNumber(block.timestamp) }
    },
    async root(at) {
      return fromHex((await call(address.evidenceLog, encodeCall('root()', []), at))[0] ?? '')
    },
    async size(at) {
      return wordNumber((await call(address.evidenceLog, encodeCall('size()', []), at))[0])
    },
    async head(organization, kind, at) {
      const data = encodeCall('head(uint64,uint32)', [organization, kind])
      const [sequence, digest] = await call(address.evidenceLog, data, at, 2)
      return { sequence: wordNumber(sequence), digest: fromHex(digest ?? '') }
    },
    async keyValid(organization, key, kind, sequence, at) {
      const data = encodeCall('keyValid(uint64,address,uint32,uint64)', [organization, key, kind, sequence])
      return wordNumber((await call(address.organizationRegistry, data, at))[0]) === 1
    },
    async kindOf(organization, at) {
      const data = encodeCall('organizationOf(uint64)', [organization])
      const [kind] = await call(address.organizationRegistry, data, at, 6)
      return PARTY_KINDS[wordNumber(kind) - 1] ?? 'other'
    },
    async appended(filter = {}) {
      const to = filter.toBlock ?? (await chain.block('latest')).number
      const topic = (value: number | undefined) => (value === undefined ? null : `0x${encodeWord(value)}`)
      const found = await logs([APPENDED, topic(filter.kind), topic(filter.organization)], filter.fromBlock ?? 0, to)
      return found.map(readAppended).sort((a, b) => a.index - b.index)
    },
    async roots(filter = {}) {
      const to = filter.toBlock ?? (await chain.block('latest')).number
      return (await logs([ROOT], filter.fromBlock ?? 0, to)).map(readRoot).sort((a, b) => a.size - b.size)
    },
    async transactionInput(transaction) {
      const found = (await rpc('eth_getTransactionByHash', [transaction])) as { input?: string } | null
      if (found === null || typeof found.input !== 'string') throw badAnswer('eth_getTransactionByHash')
      return fromHex(found.input.slice(2))
    },
  }
  return chain
}

interface RawBlock {
  readonly number: string
  readonly hash: `0x${string}`
  readonly timestamp: string
}
interface RawLog {
  readonly topics: readonly string[]
  readonly data: string
  readonly blockNumber: string
  readonly transactionHash: `0x${string}`
}

function readAppended(log: RawLog): AppendedEvent {
  const [sequence, digest, index] = splitWords(log.data, 3)
  return {
    kind: wordNumber(log.topics[1]?.slice(2)),
    organization: wordNumber(log.topics[2]?.slice(2)),
    sequence: wordNumber(sequence),
    digest: fromHex(digest ?? ''),
    index: wordNumber(index),
    block: hexToNumber(log.blockNumber),
    transaction: log.transactionHash,
  }
}

function readRoot(log: RawLog): RootEvent {
  const [size, root] = splitWords(log.data, 2)
  return {
    size: wordNumber(size),
    root: fromHex(root ?? ''),
    block: hexToNumber(log.blockNumber),
    transaction: log.transactionHash,
  }
}

const hexNumber = (value: number) => `0x${value.toString(16)}`
const blockParameter = (tag: BlockTag) => (typeof tag === 'number' ? hexNumber(tag) : tag)

function hexToNumber(value: unknown): number {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,16}$/i.test(value)) throw badAnswer('a number')
  return wordNumber(value.slice(2))
}

function badAnswer(what: string): TanlianError {
  return new TanlianError(
    'E_CHAIN_ANSWER',
    `The chain node gave an unknown form for ${what}. Check that the contract addresses belong to this chain.`,
    { values: { what } },
  )
}
