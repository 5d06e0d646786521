import { checkPackage, decodePackage, isEquivocation, isReportPackage } from '@tanlian/evidence'
import { auditAll, type Chain, chainFacts, collectPackage, openChain, openGateways, openRpc } from '@tanlian/sdk'
import { readIfThere } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { type Context, command, usageError } from './command.ts'
import { checkComplaintFile, readComplaint } from './complaint.ts'
import { connect, findOrganization } from './connect.ts'
import { checkProofFile } from './equivocation.ts'
import { EXIT } from './exit.ts'
import { addressFromLog, expectedAddress } from './log-address.ts'
import { openPackage } from './package-file.ts'
import { isBounded, QUESTION_ARGS, readFilter } from './question.ts'
import { printVerdict } from './verdict.ts'

/** `tanlian check FILE|ORG`: a package, or an organization from a chain node and any gateway alone. */
export const check = command(
  'check',
  {
    en: 'Check an evidence package, a report, a proof of equivocation, a complaint, or an organization from chain and gateway alone',
    zh: '验证证据包、报告、双签证明或投诉，或仅凭链和网关验证一个组织',
  },
  {
    what: {
      type: 'positional',
      description: {
        en: 'A package (.car), a proof (.cbor), a complaint or receipt (.json), or the id of an organization',
        zh: '证据包（.car）、双签证明（.cbor）、投诉或回执（.json），或组织编号',
      },
      required: true,
    },
    ...QUESTION_ARGS,
    rpc: {
      type: 'string',
      valueHint: 'URL',
      description: { en: 'Chain node (else TANLIAN_RPC)', zh: '链节点（默认取 TANLIAN_RPC）' },
    },
    gateway: {
      type: 'string',
      valueHint: 'URL',
      description: {
        en: 'IPFS trustless gateways, with commas (else TANLIAN_GATEWAY)',
        zh: 'IPFS 无信任网关，以逗号分隔（默认取 TANLIAN_GATEWAY）',
      },
    },
    log: {
      type: 'string',
      valueHint: 'ADDRESS',
      description: {
        en: 'The EvidenceLog contract (else TANLIAN_LOG)',
        zh: 'EvidenceLog 合约地址（默认取 TANLIAN_LOG）',
      },
    },
    vkey: {
      type: 'string',
      valueHint: 'KEY[,KEY]',
      description: {
        en: 'Keys of the log and of witnesses that you trust (else TANLIAN_VKEY)',
        zh: '您信任的日志与见证方的检查点公钥（默认取 TANLIAN_VKEY）',
      },
    },
    url: {
      type: 'string',
      valueHint: 'URL',
      description: { en: 'A platform that is asked for these addresses only', zh: '仅用于查询上述地址的平台' },
    },
    audit: {
      type: 'boolean',
      default: true,
      description: { en: 'Do not rebuild the batches of the organization', zh: '不重建该组织的批次' },
    },
  },
  async (context, args) => {
    const bytes = await readIfThere(args.what)
    if (bytes !== undefined) {
      const complaint = readComplaint(bytes)
      if (complaint !== undefined) return checkComplaintFile(context, complaint)
      return isEquivocation(bytes) ? checkProofFile(context, bytes) : checkFile(context, bytes)
    }
    if (/[./\\]/.test(args.what))
      throw usageError({
        en: `${args.what} is neither a file nor an organization.`,
        zh: `${args.what} 既不是文件也不是组织。`,
      })
    return checkOrganization(context, args)
  },
  [
    'check march.car --rpc http://127.0.0.1:8545 --log 0x…',
    'check 5 --type electricity --year 2017 --rpc URL --gateway URL --log 0x…',
  ],
)

async function checkFile(context: Context, bytes: Uint8Array): Promise<void> {
  const { out, settings } = context
  if (isReport(bytes)) {
    // The engine of methodologies is loaded for reports alone.
    const { checkReportFile } = await import('./report/check.ts')
    return checkReportFile(context, bytes)
  }
  const pack = openPackage(context, bytes, decodePackage)
  if (pack === undefined) return
  const rpc = settings.get('rpc')
  const chain =
    rpc === undefined ? undefined : openChain(openRpc({ url: rpc }), await expectedAddress(context, rpc, pack))
  const vkeys = settings.get('vkey')?.split(',') ?? []
  const facts = chain === undefined ? undefined : await chainFacts(chain, pack)
  const verdict = checkPackage(pack, facts, vkeys)
  out.line(
    `${out.say({ en: 'package   ', zh: '证据包  ' })}${out.say({ en: 'organization', zh: '组织' })} ${pack.question.organization}, ${verdict.batches.asked.length} / ${verdict.batches.all} ${out.say({ en: 'batches', zh: '个批次' })}`,
  )
  printVerdict(out, verdict, isBounded(pack.question))
  out.data(verdict)
  if (verdict.status === 'failed') process.exitCode = EXIT.failed
}

/** False for a file that does not open either: what is wrong with it is said where it is opened. */
function isReport(bytes: Uint8Array): boolean {
  try {
    return isReportPackage(bytes)
  } catch (error) {
    if (error instanceof TanlianError) return false
    throw error
  }
}

interface OrganizationArgs {
  readonly what: string
  readonly audit?: boolean | undefined
  readonly readings?: boolean | undefined
  readonly type?: string | undefined
}

async function checkOrganization(context: Context, args: OrganizationArgs): Promise<void> {
  const { out } = context
  const filter = readFilter(args)
  const { chain, gateways, organization } = await openSources(context, args.what)
  const blocks = openGateways(gateways)
  const mode = args.readings === true ? ('readings' as const) : ('total' as const)
  const pack = await collectPackage(chain, blocks, { ...filter, organization, mode }, (progress) => {
    if (progress.step === 'locate')
      out.progress(`${out.say({ en: 'locate', zh: '定位' })}  ${progress.batches} / ${progress.entries}`)
    else
      out.progress(
        `${out.say({ en: 'retrieve', zh: '检索' })}  ${progress.batch} / ${progress.of}  ${(progress.bytes / 1e6).toFixed(1)} MB`,
      )
  })
  const verdict = checkPackage(pack, await chainFacts(chain, pack))
  const audit =
    args.audit === false
      ? undefined
      : await auditAll(
          organization,
          pack.headers.map(({ cid }) => cid.multihash.digest),
          blocks,
          (done, of) => out.progress(`${out.say({ en: 'audit', zh: '审计' })}  ${done} / ${of}`),
        )
  out.clear()
  out.line(
    `${out.say({ en: 'locate    ', zh: '定位  ' })}${verdict.batches.asked.length} / ${verdict.batches.all} ${out.say({ en: 'batches', zh: '个批次' })}, ${pack.log.size} ${out.say({ en: 'entries in the log', zh: '个日志条目' })}`,
  )
  out.line(
    `${out.say({ en: 'retrieve  ', zh: '检索  ' })}${blocks.blocks} ${out.say({ en: 'blocks', zh: '个数据块' })}, ${(blocks.bytes / 1e6).toFixed(1)} MB, ${gateways.join(', ')}`,
  )
  printVerdict(out, verdict, isBounded(filter))
  if (audit !== undefined) {
    if (audit.failed === undefined)
      out.line(
        `${out.colors.green('✔')} ${out.say({ en: 'own audit', zh: '本机审计' })}  ${audit.held} ${out.say({ en: 'batches', zh: '个批次' })}, ${audit.readings} ${out.say({ en: 'readings', zh: '条读数' })}`,
      )
    else
      out.line(
        `${out.colors.red('✘')} ${out.say({ en: 'own audit', zh: '本机审计' })}  ${out.say({ en: 'batch', zh: '批次' })} ${audit.failed.sequence}: ${audit.failed.message} (${audit.failed.code})`,
      )
  }
  out.data({ ...verdict, audit })
  if (verdict.status === 'failed' || audit?.failed !== undefined) process.exitCode = EXIT.failed
}

/** Chain and gateways by flags; a platform's address is only asked where they are to be found. */
async function openSources(
  context: Context,
  what: string,
): Promise<{ chain: Chain; gateways: string[]; organization: number }> {
  const { settings } = context
  const [rpc, log, gateway] = [settings.get('rpc'), settings.get('log'), settings.get('gateway')]
  const id = /^[1-9][0-9]{0,15}$/.test(what) ? Number(what) : undefined
  if (rpc !== undefined && log !== undefined && gateway !== undefined && id !== undefined) {
    return {
      chain: openChain(openRpc({ url: rpc }), await addressFromLog(rpc, log)),
      gateways: gateway.split(','),
      organization: id,
    }
  }
  const { client, chain } = await connect(context)
  if (chain === undefined)
    throw usageError({
      en: 'The platform names no chain node. Name one with --rpc.',
      zh: '平台未给出链节点。请用 --rpc 指定。',
    })
  return {
    chain:
      log === undefined || rpc === undefined ? chain : openChain(openRpc({ url: rpc }), await addressFromLog(rpc, log)),
    gateways: gateway === undefined ? [client.http.base] : gateway.split(','),
    organization: id ?? (await findOrganization(client, what)).id,
  }
}
