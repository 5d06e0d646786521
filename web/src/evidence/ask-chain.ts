import { type Address, type ChainFacts, fromHex } from '@tanlian/evidence'
import { openChain, openRpc } from '@tanlian/sdk'

/** Which chain node to ask about which contracts. */
export interface ChainAddress {
  readonly rpc: string
  readonly chainId: number
  readonly evidenceLog: `0x${string}`
  readonly organizationRegistry: `0x${string}`
}

/** Questions to a node at once. */
const AT_ONCE = 8

/** What a check needs to know of the chain: the log at a size, an organization's head, the keys of these signers. */
export interface ChainQuestion {
  readonly organization: number
  readonly log: { readonly size: number; readonly block: number }
  readonly signers: readonly {
    readonly account: Address
    readonly organization: number
    readonly kind: number
    readonly sequence: number
  }[]
}

/** Asks a chain node all that a check needs; the platform has no part in it. Codes: E_CHAIN_… */
export async function askChain(
  { organization, log, signers }: ChainQuestion,
  address: ChainAddress,
): Promise<ChainFacts> {
  const chain = openChain(openRpc({ url: address.rpc, timeoutMs: 10_000, tries: 2 }), address)
  const chainId = await chain.checkChainId()
  const [roots, head, newest] = await Promise.all([
    chain.roots({ fromBlock: log.block, toBlock: log.block }),
    chain.head(organization, 1),
    chain.block('latest'),
  ])
  const valid = new Map<string, boolean>()
  const asked = new Map(
    signers.map((signer) => [nameOf(signer.organization, signer.account, signer.kind, signer.sequence), signer]),
  )
  const left = [...asked]
  const askNext = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const [name, { organization: owner, account, kind, sequence }] = next
      valid.set(name, await chain.keyValid(owner, account, kind, sequence))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, askNext))
  return {
    chainId,
    log: fromHex(address.evidenceLog.slice(2).toLowerCase()),
    root: roots.find(({ size }) => size === log.size)?.root,
    head,
    depth: Math.max(0, newest.number - log.block),
    keyValid: (owner, account, kind, sequence) => valid.get(nameOf(owner, account, kind, sequence)),
  }
}

const nameOf = (owner: number, account: string, kind: number, sequence: number) =>
  `${owner}/${account.toLowerCase()}/${kind}/${sequence}`
