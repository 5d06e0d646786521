import { checkEquivocation, type Proven } from '@tanlian/evidence'
import { openChain, openRpc } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Context } from './command.ts'
import { EXIT, errorText } from './exit.ts'
import { addressFromLog } from './log-address.ts'
import type { Text } from './output.ts'

/** Checks a proof of equivocation (双签证明) and says what it proves; with a chain node also whose keys signed. */
export async function checkProofFile(context: Context, bytes: Uint8Array): Promise<void> {
  const { out, settings } = context
  const proven = checkEquivocation(bytes)
  if (!proven.ok) {
    const error = new TanlianError(proven.code, proven.message, { values: proven.values ?? {} })
    out.line(`${out.colors.red('✘')} ${errorText(error, out.language)}`)
    out.data(proven)
    process.exitCode = EXIT.failed
    return
  }
  out.line(`${out.colors.green('✔')} ${out.say(headlineOf(proven))}`)
  for (const [label, value] of detailsOf(proven)) out.line(`  ${out.say(label)}  ${value}`)
  const rpc = settings.get('rpc')
  const registered = proven.kind === 'entries' && rpc !== undefined ? await areRegistered(proven, rpc) : undefined
  if (proven.kind === 'entries') out.line(`  ${out.say(registryText(registered))}`)
  out.data({ ...proven, registered })
}

function headlineOf(proven: Proven): Text {
  if (proven.kind === 'checkpoints') {
    const [one, other] = proven.sizes
    return proven.use === 'log'
      ? {
          en: `The log ${proven.signer} signed two checkpoints that cannot both be true (sizes ${one} and ${other})`,
          zh: `日志 ${proven.signer} 签署了两个不能同时成立的检查点（规模 ${one} 与 ${other}）`,
        }
      : {
          en: `The witness ${proven.signer} cosigned two checkpoints that cannot both be true (sizes ${one} and ${other})`,
          zh: `见证方 ${proven.signer} 联署了两个不能同时成立的检查点（规模 ${one} 与 ${other}）`,
        }
  }
  const what = proven.entryKind === 1 ? { en: 'batch', zh: '批次' } : { en: 'document', zh: '文件' }
  return proven.kind === 'entries'
    ? {
        en: `Organization ${proven.organization}: two digests are signed for ${what.en} ${proven.sequence}`,
        zh: `组织 ${proven.organization} 的第 ${proven.sequence} 个${what.zh}签署了两个不同的摘要`,
      }
    : {
        en: `A platform gave two receipts for ${what.en} ${proven.sequence} of organization ${proven.organization}`,
        zh: `某平台对组织 ${proven.organization} 的第 ${proven.sequence} 个${what.zh}出具了两份不同的回执`,
      }
}

function detailsOf(proven: Proven): (readonly [Text, string])[] {
  const key: Text = { en: 'key   ', zh: '密钥' }
  const digest: Text = { en: 'digest', zh: '摘要' }
  if (proven.kind === 'checkpoints')
    return [
      [key, proven.vkey],
      ...proven.roots.map((root) => [{ en: 'root  ', zh: '日志根' }, root] as const),
      ...(proven.index === null ? [] : [[{ en: 'entry ', zh: '条目' }, String(proven.index)] as const]),
    ]
  const accounts = proven.kind === 'receipts' ? [proven.key] : [...new Set(proven.accounts)]
  return [...proven.digests.map((one) => [digest, one] as const), ...accounts.map((one) => [key, one] as const)]
}

async function areRegistered(proven: Extract<Proven, { kind: 'entries' }>, rpc: string): Promise<boolean> {
  const address = await addressFromLog(rpc, proven.log)
  const chain = openChain(openRpc({ url: rpc }), { ...address, chainId: proven.chainId })
  await chain.checkChainId()
  const { organization, entryKind, sequence } = proven
  const valid = await Promise.all(
    proven.accounts.map((account) => chain.keyValid(organization, account, entryKind, sequence)),
  )
  return valid.every((one) => one)
}

function registryText(registered: boolean | undefined): Text {
  if (registered === undefined)
    return {
      en: 'Whether these are the organization’s keys is for the registry to say: name a chain node with --rpc.',
      zh: '这些密钥是否属于该组织，须查登记合约：请用 --rpc 指定链节点。',
    }
  return registered
    ? { en: 'The registry names these keys for the organization.', zh: '登记合约确认这些密钥属于该组织。' }
    : {
        en: 'The registry does not name all of these keys for the organization: the proof is against whoever holds them.',
        zh: '登记合约未将其中全部密钥登记给该组织：本证明针对持有这些密钥者。',
      }
}
