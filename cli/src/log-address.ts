import type { Address } from '@tanlian/evidence'
import { encodeCall, type LogAddress, openRpc, splitWords } from '@tanlian/sdk'
import { usageError } from './command.ts'

/** Both contracts from the one that a person knows: the log names its registry. Codes: E_CLI_USAGE, E_CHAIN_RPC, E_CHAIN_ANSWER. */
export async function addressFromLog(rpc: string, log: string): Promise<LogAddress> {
  if (!/^0x[0-9a-fA-F]{40}$/.test(log))
    throw usageError({ en: `${log} is no contract's address.`, zh: `${log} 不是合约地址。` })
  const evidenceLog = log.toLowerCase() as Address
  const call = openRpc({ url: rpc })
  const [word] = splitWords(
    await call('eth_call', [{ to: evidenceLog, data: encodeCall('registry()', []) }, 'latest']),
    1,
  )
  const chainId = Number(await call('eth_chainId', []))
  return { chainId, evidenceLog, organizationRegistry: `0x${(word ?? '').slice(24)}` }
}
