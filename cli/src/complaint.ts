import { type Chain, checkReceipt, openChain, openRpc, type Receipt } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Context } from './command.ts'
import { connect } from './connect.ts'
import { EXIT, errorText } from './exit.ts'
import { addressFromLog } from './log-address.ts'
import type { Text } from './output.ts'

/** A complaint (投诉) as platforms and witnesses list it, or a bare receipt: what it claims is all in the receipt. */
export function readComplaint(bytes: Uint8Array): Receipt | undefined {
  if (bytes[0] !== 0x7b) return undefined
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as { receipt?: unknown; promise?: unknown }
    const receipt = value.receipt ?? (value.promise === undefined ? undefined : value)
    return receipt as Receipt | undefined
  } catch {
    return undefined
  }
}

/** What the chain says of a promise. */
interface Found {
  readonly block: number
  readonly head: number
  /** Unix seconds of the newest block, and of the entry's; undefined where the entry is not there. */
  readonly nowS: number
  readonly loggedS: number | undefined
}

/**
 * Checks a platform's promise (S8): its signature here, and at a chain node (`--rpc` with `--log`, or with `--url`) whether the entry came in
 * time. Ends with code 1 where it is not the platform's word, or was not kept.
 */
export async function checkComplaintFile(context: Context, receipt: Receipt): Promise<void> {
  const { out, settings } = context
  try {
    checkReceipt(receipt)
  } catch (error) {
    if (!(error instanceof TanlianError)) throw error
    out.line(`${out.colors.red('✘')} ${errorText(error, out.language)}`)
    out.data({ ok: false, code: error.code })
    process.exitCode = EXIT.failed
    return
  }
  const dueS = receipt.received + receipt.promise
  out.line(`${out.colors.green('✔')} ${out.say(promiseText(receipt, dueS))}`)
  out.line(`  ${out.say({ en: 'digest', zh: '摘要' })}  ${receipt.digest}`)
  out.line(`  ${out.say({ en: 'key   ', zh: '密钥' })}  ${receipt.key}`)
  const rpc = settings.get('rpc')
  if (rpc === undefined) {
    out.line(
      `  ${out.say({ en: 'Whether it was kept the chain says: name a node with --rpc.', zh: '是否履行须查链：请用 --rpc 指定节点。' })}`,
    )
    out.data({ ok: true, receipt, due: dueS, broken: null })
    return
  }
  const found = await findEntry(await chainOf(context, rpc), receipt)
  const broken =
    found.loggedS === undefined ? found.nowS > dueS || found.head >= receipt.sequence : found.loggedS > dueS
  out.line(`${broken ? out.colors.red('✘') : out.colors.green('✔')} ${out.say(foundText(receipt, found, dueS))}`)
  out.data({ ok: true, receipt, due: dueS, broken, ...found })
  if (broken) process.exitCode = EXIT.failed
}

async function chainOf(context: Context, rpc: string): Promise<Chain> {
  const log = context.settings.get('log')
  const chain =
    log === undefined
      ? (await connect(context)).chain
      : openChain(openRpc({ url: rpc }), await addressFromLog(rpc, log))
  await chain?.checkChainId()
  if (chain !== undefined) return chain
  throw new TanlianError(
    'E_CLI_NOT_FOUND',
    'Name the log’s contract with --log, or a platform that knows it with --url.',
  )
}

async function findEntry(chain: Chain, { organization, kind, sequence, digest }: Receipt): Promise<Found> {
  const { number, timestamp } = await chain.block('latest')
  const { sequence: head } = await chain.head(organization, kind, number)
  const entries = head < sequence ? [] : await chain.appended({ organization, kind, toBlock: number })
  const entry = entries.find((one) => one.sequence === sequence && Buffer.from(one.digest).toString('hex') === digest)
  const loggedS = entry === undefined ? undefined : (await chain.block(entry.block)).timestamp
  return { block: number, head, nowS: timestamp, loggedS }
}

function promiseText({ kind, organization, sequence }: Receipt, dueS: number): Text {
  const [en, zh] = kind === 1 ? ['batch', '批次'] : ['document', '文件']
  return {
    en: `A platform promised in writing that ${en} ${sequence} of organization ${organization} would be in the log by ${timeText(dueS)}`,
    zh: `某平台书面承诺：组织 ${organization} 的第 ${sequence} 个${zh}在 ${timeText(dueS)} 前进入日志`,
  }
}

function foundText({ sequence }: Receipt, { block, head, loggedS }: Found, dueS: number): Text {
  if (loggedS !== undefined)
    return loggedS > dueS
      ? { en: `It came late, at ${timeText(loggedS)}`, zh: `迟至 ${timeText(loggedS)} 才进入日志` }
      : { en: `It was kept, at ${timeText(loggedS)}`, zh: `已履行（${timeText(loggedS)}）` }
  if (head >= sequence)
    return {
      en: `The promise is broken: another entry holds its place (block ${block})`,
      zh: `承诺未履行：该序号已被另一条目占用（区块 ${block}）`,
    }
  return {
    en: `It is not in the log at block ${block}: the last of this organization and kind is ${head}`,
    zh: `区块 ${block} 时日志中没有该条目：该组织此类最后一条为 ${head}`,
  }
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
