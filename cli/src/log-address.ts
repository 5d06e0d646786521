import type { Address, EvidencePackage } from '@tanlian/evidence'
import { addressOfPackage, encodeCall, type LogAddress, openRpc, splitWords } from '@tanlian/sdk'
import { type Context, usageError } from './command.ts'

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

/** The contracts that the user names outweigh those that the package names: a package about a look-alike log must not pass. */
export async function expectedAddress(
  context: Context,
  rpc: string,
  pack: Pick<EvidencePackage, 'log' | 'contracts'>,
): Promise<LogAddress> {
  const named = context.settings.get('log')
  if (named !== undefined) return addressFromLog(rpc, named)
  context.out.note(
    context.out.say({
      en: 'No --log given: the log contract is the one that the package names. Compare it with the one you know.',
      zh: '未给出 --log：使用证据包自身所述的日志合约。请与您所知的地址核对。',
    }),
  )
  return addressOfPackage(pack)
}
