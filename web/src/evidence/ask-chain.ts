import { type ChainFacts, type EvidencePackage, fromHex, signersOf } from '@tanlian/evidence'
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

/** Asks a chain node all that a check of this package needs; the platform has no part in it. Codes: E_CHAIN_… */
export async function askChain(pack: EvidencePackage, address: ChainAddress): Promise<ChainFacts> {
  const chain = openChain(openRpc({ url: address.rpc, timeoutMs: 10_000, tries: 2 }), address)
  const chainId = await chain.checkChainId()
  const { organization } = pack.question
  const [roots, head, newest] = await Promise.all([
    chain.roots({ fromBlock: pack.log.block, toBlock: pack.log.block }),
    chain.head(organization, 1),
    chain.block('latest'),
  ])
  const valid = new Map<string, boolean>()
  const asked = new Map(
    signersOf(pack).map((signer) => [
      nameOf(signer.organization, signer.account, signer.kind, signer.sequence),
      signer,
    ]),
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
    root: roots.find(({ size }) => size === pack.log.size)?.root,
    head,
    depth: Math.max(0, newest.number - pack.log.block),
    keyValid: (owner, account, kind, sequence) => valid.get(nameOf(owner, account, kind, sequence)),
  }
}

const nameOf = (owner: number, account: string, kind: number, sequence: number) =>
  `${owner}/${account.toLowerCase()}/${kind}/${sequence}`
