import {
  blockOfIndex,
  type ChainFacts,
  type EvidencePackage,
  equalBytes,
  type LogFacts,
  type ReportPackage,
  reportSigners,
  signersOf,
  toHex,
  toHex0x,
} from '@tanlian/evidence'
import type { Chain } from './chain.ts'
import { inTurns } from './in-turns.ts'

/**
 * What a chain node says about a package: the root at its size, the organization's head, the keys of its signers. Everything is asked of
 * the contracts; the platform is asked nothing. Codes: E_CHAIN_RPC, E_CHAIN_ANSWER, E_CHAIN_ID.
 */
export async function chainFacts(chain: Chain, pack: EvidencePackage): Promise<ChainFacts> {
  return factsOf(chain, pack.question.organization, pack.log, signersOf(pack))
}

/** The same about a report's package: the keys of everybody who signed something in it. */
export async function reportChainFacts(chain: Chain, pack: ReportPackage): Promise<ChainFacts> {
  return factsOf(chain, pack.organization, pack.log, reportSigners(pack))
}

/**
 * What a chain node says of the log's past for a report's package: all roots, the times of the documents' blocks, what sort of party each
 * organization is. Codes: E_CHAIN_….
 */
export async function reportLogFacts(chain: Chain, pack: ReportPackage): Promise<LogFacts> {
  const [roots, kinds] = await Promise.all([
    chain.roots(),
    inTurns(pack.parties, AT_ONCE, async ([organization]) => [organization, await chain.kindOf(organization)] as const),
  ])
  const facts = { roots, times: new Map<number, number>(), parties: new Map(kinds) }
  const indexes = pack.inclusion.indexes.slice(pack.headers.length)
  const blocks = [...new Set(indexes.flatMap((index) => blockOfIndex(facts, index) ?? []))]
  const times = await inTurns(
    blocks,
    AT_ONCE,
    async (number) => [number, (await chain.block(number)).timestamp] as const,
  )
  return { ...facts, times: new Map(times) }
}

/** Questions to a node at once. */
const AT_ONCE = 8

async function factsOf(
  chain: Chain,
  organization: number,
  log: EvidencePackage['log'],
  signers: ReturnType<typeof reportSigners>,
): Promise<ChainFacts> {
  const chainId = await chain.checkChainId()
  const [latest, head, root, valid] = await Promise.all([
    chain.block('latest'),
    chain.head(organization, 1),
    rootAt(chain, log.size, log.block),
    keysAsked(chain, signers),
  ])
  return {
    chainId,
    log: hexToBytes(chain.address.evidenceLog),
    root,
    head,
    depth: latest.number - log.block,
    keyValid: (of, account, kind, sequence) => valid(of, account, kind, sequence),
  }
}

/** The root that the log had at a size, from its own events; undefined where it never had that size. The block is a hint, not believed. */
async function rootAt(chain: Chain, size: number, block: number): Promise<Uint8Array | undefined> {
  const near = (await chain.roots({ fromBlock: block, toBlock: block })).find((event) => event.size === size)
  if (near !== undefined) return near.root
  if ((await chain.size()) === size) return chain.root()
  return (await chain.roots()).find((event) => event.size === size)?.root
}

/**
 * Asks the registry about each signer at its least and its greatest sequence. A key counts for one unbroken range of sequences, fixed by
 * the contract, so what holds at both ends holds between them; where an end does not hold, each sequence is asked for itself.
 */
async function keysAsked(chain: Chain, signers: ReturnType<typeof reportSigners>): Promise<ChainFacts['keyValid']> {
  const groups = new Map<string, { organization: number; kind: number; account: `0x${string}`; sequences: number[] }>()
  for (const { account, organization, kind, sequence } of signers) {
    const name = `${organization}/${kind}/${account}`
    const group = groups.get(name) ?? { organization, kind, account, sequences: [] }
    groups.set(name, group)
    group.sequences.push(sequence)
  }
  const answers = new Map<string, Map<number, boolean>>()
  for (const [name, { organization, kind, account, sequences }] of groups) {
    const ask = (sequence: number) => chain.keyValid(organization, account, kind, sequence)
    const [least, greatest] = [Math.min(...sequences), Math.max(...sequences)]
    const ends = await Promise.all([ask(least), ask(greatest)])
    const known = new Map<number, boolean>()
    for (const sequence of sequences) known.set(sequence, ends[0] && ends[1] ? true : await ask(sequence))
    answers.set(name, known)
  }
  return (organization, account, kind, sequence) =>
    answers.get(`${organization}/${kind}/${account.toLowerCase()}`)?.get(sequence)
}

/** The contracts that a package names, so that its reader can be pointed at the chain it speaks of. */
export function addressOfPackage(pack: Pick<EvidencePackage, 'log' | 'contracts'>): {
  chainId: number
  evidenceLog: `0x${string}`
  organizationRegistry: `0x${string}`
} {
  return {
    chainId: pack.log.chain,
    evidenceLog: toHex0x(pack.contracts.log),
    organizationRegistry: toHex0x(pack.contracts.registry),
  }
}

/** True where the package is about the contracts that the asker expects, not about a look-alike. */
export function isAbout(pack: EvidencePackage, address: Chain['address']): boolean {
  return (
    pack.log.chain === address.chainId &&
    equalBytes(pack.contracts.log, hexToBytes(address.evidenceLog)) &&
    toHex(pack.contracts.registry) === address.organizationRegistry.slice(2).toLowerCase()
  )
}

function hexToBytes(hex: `0x${string}`): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
