import { setTimeout as sleep } from 'node:timers/promises'
import { TanlianError } from '@tanlian/units'
import {
  type Abi,
  type Address,
  encodeDeployData,
  getContractAddress,
  type Hex,
  hexToNumber,
  keccak256,
  type PublicClient,
} from 'viem'
import { contractReader } from './client.ts'
import { type Contracts, LOG_CONTRACT, REGISTRY_CONTRACT } from './contract.ts'
import { DEVELOPMENT_CHAIN_ID } from './node.ts'
import type { OutboxSigner } from './outbox-chain.ts'
import { rpcOutboxChain } from './outbox-rpc.ts'
import { nodeMessage } from './revert.ts'

/** What is known of a deployment, kept by the platform and compared at every start (R29). Plain JSON. */
export interface Deployment extends Contracts {
  readonly format: 'tanlian/deployment/1'
  /** Hash of block 0. */
  readonly genesis: Hex
  /** Keccak-256 of the code at each address. */
  readonly registryCode: Hex
  readonly logCode: Hex
  /** Block of the first of the two contracts: nothing happened before it. */
  readonly block: number
  /** The signed bytes that made them: the embedded chain may forget them, and then gets the same ones again. */
  readonly transactions: readonly Hex[]
}

const MINING_LIMIT_MS = 120_000

/**
 * Deploys registry and log with the sender's next two nonces; the registry is told the log's address beforehand, so neither has a setter.
 * @throws TanlianError `E_DEPLOY_FAILED`
 */
export async function deploy(
  client: PublicClient,
  options: {
    readonly signer: OutboxSigner
    readonly chainId: number
    /** The organization that the registry begins with. `profile` is the digest of its profile document. */
    readonly regulator: { readonly key: Address; readonly recovery: Address; readonly profile: Hex }
  },
): Promise<Deployment> {
  const { signer, chainId, regulator } = options
  const from = signer.address
  const none: Address = `0x${'00'.repeat(20)}`
  const chain = rpcOutboxChain(client, { chainId, registry: none, log: none }, 0)
  const nonce = await chain.count(from)
  const at = (n: number) => getContractAddress({ from, nonce: BigInt(n) }).toLowerCase() as Address
  const [registry, log] = [at(nonce), at(nonce + 1)]
  const origin = { chainId: 0n, log: none, size: 0n, root: `0x${'00'.repeat(32)}`, edge: [], heads: [] }
  const codes = [deployData(REGISTRY_CONTRACT, [regulator, log]), deployData(LOG_CONTRACT, [registry, origin])]
  const transactions: Hex[] = []
  const blocks: number[] = []
  for (const [i, data] of codes.entries()) {
    const gas = BigInt(await client.request({ method: 'eth_estimateGas', params: [{ from, data }] }).catch(failed))
    const signed = await signer.sign({ data, nonce: nonce + i, gas: (gas * 13n) / 10n, ...(await chain.fees()) })
    await chain.send(signed.bytes)
    transactions.push(signed.bytes)
    blocks.push(await mined(chain.inclusion, signed.hash))
  }
  const facts = await factsOf(client, { registry, log })
  return { format: 'tanlian/deployment/1', chainId, registry, log, block: blocks[0] as number, transactions, ...facts }
}

/**
 * Compares a deployment with the chain that answers (R29). A mismatch means: no writes.
 * Codes in order: `E_DEPLOY_CHAIN`, `E_DEPLOY_GENESIS`, `E_DEPLOY_MISSING`, `E_DEPLOY_CODE`, `E_DEPLOY_PAIR`.
 */
export async function checkDeployment(
  client: PublicClient,
  deployment: Deployment,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string }> {
  const no = (code: string, message: string) => ({ ok: false, code, message }) as const
  const chainId = hexToNumber(await client.request({ method: 'eth_chainId' }))
  if (chainId !== deployment.chainId)
    return no(
      'E_DEPLOY_CHAIN',
      `The node is of chain ${chainId}, the contracts are on chain ${deployment.chainId}. Check RPC_URL.`,
    )
  const facts = await factsOf(client, deployment)
  if (facts.genesis !== deployment.genesis)
    return no(
      'E_DEPLOY_GENESIS',
      `The chain began with block ${facts.genesis}, not ${deployment.genesis}: it is another one, or was wiped.`,
    )
  const missing = [facts.registryCode, facts.logCode].includes(NO_CODE)
  if (missing)
    return no('E_DEPLOY_MISSING', 'The chain has no contract at one of the two addresses: it went back before them.')
  if (facts.registryCode !== deployment.registryCode || facts.logCode !== deployment.logCode)
    return no('E_DEPLOY_CODE', 'The code at one of the two addresses is not the code that was deployed.')
  const reader = contractReader(client, deployment)
  if ((await reader.logOfRegistry()) !== deployment.log || (await reader.registryOfLog()) !== deployment.registry)
    return no('E_DEPLOY_PAIR', 'Registry and log do not name each other.')
  return { ok: true }
}

/**
 * Checks a deployment, and gives the embedded chain back what it forgot of it: the very same signed bytes, so the same addresses.
 * @throws TanlianError with the code of `checkDeployment` where it does not hold and cannot be restored.
 */
export async function requireDeployment(client: PublicClient, deployment: Deployment): Promise<void> {
  let answer = await checkDeployment(client, deployment)
  if (!answer.ok && answer.code === 'E_DEPLOY_MISSING' && deployment.chainId === DEVELOPMENT_CHAIN_ID) {
    const chain = rpcOutboxChain(client, deployment, 0)
    for (const bytes of deployment.transactions) {
      await chain.send(bytes)
      await mined(chain.inclusion, keccak256(bytes))
    }
    answer = await checkDeployment(client, deployment)
  }
  if (!answer.ok) throw new TanlianError(answer.code, answer.message)
}

const NO_CODE = keccak256('0x')

function deployData({ abi, bytecode }: { readonly abi: Abi; readonly bytecode: Hex }, args: readonly unknown[]): Hex {
  return encodeDeployData({ abi, bytecode, args })
}

async function factsOf(client: PublicClient, { registry, log }: { readonly registry: Address; readonly log: Address }) {
  const code = async (address: Address) =>
    keccak256(await client.request({ method: 'eth_getCode', params: [address, 'latest'] }))
  const [block, registryCode, logCode] = await Promise.all([
    client.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] }),
    code(registry),
    code(log),
  ])
  return { genesis: block?.hash ?? '0x', registryCode, logCode } as const
}

/** The block that a transaction is mined in. */
async function mined(
  inclusion: (hash: Hex) => Promise<{ readonly block: number; readonly ok: boolean } | undefined>,
  hash: Hex,
): Promise<number> {
  const deadline = Date.now() + MINING_LIMIT_MS
  while (Date.now() < deadline) {
    const found = await inclusion(hash)
    if (found?.ok) return found.block
    if (found !== undefined) throw failure('its transaction was mined and reverted')
    await sleep(50)
  }
  throw failure(`its transaction was not mined in ${MINING_LIMIT_MS / 1000} seconds`)
}

function failed(error: unknown): never {
  throw failure(nodeMessage(error), error)
}

function failure(why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_DEPLOY_FAILED', `A contract could not be deployed: ${why}.`, { values: { why }, cause })
}
