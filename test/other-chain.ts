import { createWalletClient, defineChain, http, parseEther, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'

/** A chain that runs already, for a test that otherwise starts one. */
export interface OtherChain {
  readonly url: string
  /** Key of an account that has money there. */
  readonly funder: `0x${string}`
  /** Blocks on top of an entry before it counts. */
  readonly confirmations: string
  /** Process of a signer that the network has to do without from half way on. */
  readonly signerPid: number | undefined
}

/** The network that the environment names: `RPC_URL`, `RPC_FUNDER`, `RPC_CONFIRMATIONS`, `RPC_SIGNER_PID`; undefined where it names none. */
export function otherChainOf(environment: Readonly<Record<string, string | undefined>>): OtherChain | undefined {
  const { RPC_URL: url, RPC_FUNDER: funder, RPC_CONFIRMATIONS: confirmations = '4', RPC_SIGNER_PID: pid } = environment
  if (url === undefined || url === '') return undefined
  if (funder === undefined)
    throw new Error('RPC_FUNDER is missing: the private key of an account with money on RPC_URL')
  return { url, funder: funder as `0x${string}`, confirmations, signerPid: pid === undefined ? undefined : Number(pid) }
}

/** Sends an account enough to pay for a test, and waits until it is there. */
export async function sendMoney({ url, funder }: OtherChain, to: `0x${string}`): Promise<void> {
  const transport = http(url)
  const account = privateKeyToAccount(funder)
  const id = await createWalletClient({ transport }).extend(publicActions).getChainId()
  const nativeCurrency = { name: 'ether', symbol: 'ETH', decimals: 18 }
  const chain = defineChain({ id, name: 'network', nativeCurrency, rpcUrls: { default: { http: [url] } } })
  const client = createWalletClient({ account, chain, transport }).extend(publicActions)
  const hash = await client.sendTransaction({ to, value: parseEther('100') })
  await client.waitForTransactionReceipt({ hash, timeout: 60_000 })
}
