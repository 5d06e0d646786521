import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkDeployment, type Deployment, deploy, type OutboxSigner, requireDeployment } from '@tanlian/registry'
import { TanlianError } from '@tanlian/units'
import { type Hex, keccak256, type PublicClient } from 'viem'
import type { Config } from '../config.ts'
import { writeSynced } from '../secret.ts'

/**
 * The deployment that this instance belongs to: read from its file and held against the chain (R29), taken over from the configuration, or
 * made at the first start.
 * @throws TanlianError E_FOUNDER_MISSING, E_OUTBOX_FUNDS, E_DEPLOY_…
 */
export async function readDeployment(given: {
  readonly config: Config
  readonly client: PublicClient
  readonly signer: OutboxSigner
  readonly chainId: number
  readonly embedded: boolean
}): Promise<Deployment> {
  const { config, client, signer, chainId } = given
  const path = join(config.dataDir, 'deployment.json')
  const kept = await readFile(path, 'utf8').catch(() => undefined)
  if (kept !== undefined) {
    const deployment = JSON.parse(kept) as Deployment
    await requireDeployment(client, deployment)
    return deployment
  }
  const deployment =
    config.contracts === undefined
      ? await deployNew(config, client, signer, chainId)
      : await takeOver(config, client, chainId)
  const checked = await checkDeployment(client, deployment)
  if (!checked.ok) throw new TanlianError(checked.code, checked.message)
  await writeSynced(path, `${JSON.stringify(deployment, undefined, 2)}\n`)
  return deployment
}

async function deployNew(
  config: Config,
  client: PublicClient,
  signer: OutboxSigner,
  chainId: number,
): Promise<Deployment> {
  const { founder } = config
  if (founder === undefined)
    throw new TanlianError(
      'E_FOUNDER_MISSING',
      'The contracts are not deployed yet and no first regulator is named. Name its key, its recovery address and the digest of its profile.',
    )
  const { address: key, recovery, profile } = founder
  try {
    return await deploy(client, { signer, chainId, regulator: { key, recovery, profile } })
  } catch (cause) {
    if (!(cause instanceof TanlianError) || cause.code !== 'E_OUTBOX_FUNDS') throw cause
    const { address } = signer
    throw new TanlianError(
      cause.code,
      `The platform's account ${address} cannot pay for gas on chain ${chainId}. Send it some of that chain's money and start again.`,
      { values: { address, chainId }, cause },
    )
  }
}

/** Contracts that somebody else deployed, as they are on the chain now. */
async function takeOver(config: Config, client: PublicClient, chainId: number): Promise<Deployment> {
  const { OrganizationRegistry, EvidenceLog } = config.contracts as NonNullable<Config['contracts']>
  const codeOf = async (address: Hex) =>
    keccak256(await client.request({ method: 'eth_getCode', params: [address, 'latest'] }))
  const [first, registryCode, logCode] = await Promise.all([
    client.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] }),
    codeOf(OrganizationRegistry),
    codeOf(EvidenceLog),
  ])
  return {
    format: 'tanlian/deployment/1',
    chainId,
    registry: OrganizationRegistry,
    log: EvidenceLog,
    block: config.contractsBlock,
    transactions: [],
    genesis: first?.hash ?? '0x',
    registryCode,
    logCode,
  }
}
