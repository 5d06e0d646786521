import { encodePackage, openReader, type PackageQuestion } from '@tanlian/evidence'
import {
  type Chain,
  type Client,
  checkWithChain,
  collectPackage,
  platformBlocks,
  type Traced,
  trace as traceNow,
} from '@tanlian/sdk'
import { writeDurably } from '@tanlian/sdk/node'
import { type Context, command, usageError } from './command.ts'
import { CONNECT_ARGS, type Connection, connect, findOrganization } from './connect.ts'
import { EXIT } from './exit.ts'
import { openKey } from './keys.ts'
import { openOwner } from './owner.ts'
import { isBounded, QUESTION_ARGS, readFilter } from './question.ts'
import { printVerdict } from './verdict.ts'

/** `tanlian trace`: asks, and checks the answer here (定位, 检索, 验证). */
export const trace = command(
  'trace',
  { en: 'Ask for readings or totals and check the answer here', zh: '查询读数或总量，并在本机验证结果' },
  {
    organization: { type: 'positional', description: { en: 'Id or name', zh: '编号或名称' }, required: true },
    ...QUESTION_ARGS,
    frames: {
      type: 'boolean',
      description: { en: 'Open the raw frames too, as the devices sent them', zh: '同时打开设备发送的原始帧' },
    },
    out: {
      type: 'string',
      valueHint: 'FILE',
      description: { en: 'Keep the evidence package (CAR)', zh: '保存证据包（CAR）' },
    },
    key: {
      type: 'string',
      valueHint: 'NAME',
      description: {
        en: 'Ask as the organization of this key set, for what is sealed',
        zh: '以该密钥组所属组织的身份查询加密数据',
      },
    },
    open: {
      type: 'boolean',
      description: {
        en: 'With --key: open sealed chunks here with the set’s reader’s key, without the platform',
        zh: '与 --key 合用：在本机用该组读者密钥打开加密数据，不经平台',
      },
    },
    offline: { type: 'boolean', description: { en: 'Do not ask a chain node', zh: '不查询链节点' } },
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const filter = readFilter(args)
    const { client, chain } = await openAsker(context, args.key)
    const { id } = await findOrganization(client, args.organization)
    const frames = args.frames === true
    const mode = args.readings === true || frames ? ('readings' as const) : ('total' as const)
    const question = { ...filter, organization: id, mode }
    const { bytes, pack, verdict } =
      args.open === true
        ? await openHere(context, args.key, client, chain, question)
        : await traceNow(client, { ...question, frames }, args.offline === true ? undefined : chain, (stage) => {
            if (stage.stage === 'check') out.progress(out.say({ en: 'check', zh: '验证' }))
            else out.progress(`${out.say({ en: 'retrieve', zh: '检索' })}  ${size(stage.bytes)}`)
          })
    out.clear()
    const { asked, all } = verdict.batches
    const first = asked[0]
    const last = asked.at(-1)
    const sequence =
      first === undefined || last === undefined ? '' : `, ${out.say({ en: 'sequence', zh: '序号' })} ${first}–${last}`
    out.line(
      `${out.say({ en: 'locate    ', zh: '定位  ' })}${asked.length} ${out.say({ en: 'batches', zh: '个批次' })}${sequence} ${out.say({ en: 'of', zh: '/ 共' })} ${all}`,
    )
    out.line(
      `${out.say({ en: 'retrieve  ', zh: '检索  ' })}${pack.proofs.length} ${out.say({ en: 'proofs', zh: '个证明' })}, ${size(pack.proofs.reduce((sum, { proof }) => sum + proof.length, 0))}; ${out.say({ en: 'package', zh: '证据包' })} ${size(bytes.length)}`,
    )
    printVerdict(out, verdict, isBounded(filter))
    if (mode === 'readings')
      for (const reading of verdict.readings)
        out.line(`${reading.start}\t${reading.seconds}\t${reading.stream}\t${reading.quantity}\t${reading.validity}`)
    if (args.out !== undefined) {
      await writeDurably(args.out, bytes)
      out.note(`${out.say({ en: 'package kept in', zh: '证据包已保存到' })} ${args.out}`)
    }
    out.data({ ...verdict, bytes: bytes.length })
    if (verdict.status === 'failed') process.exitCode = EXIT.failed
  },
  [
    'trace city-park --type electricity --month 2017-03 --zone UTC',
    'trace 5 --type 电力 --day 2017-03-01 --zone UTC --readings --out march.car',
  ],
)

/** The platform, asked by nobody in particular, or by the organization of a key set. */
async function openAsker(context: Context, name: string | undefined): Promise<Connection> {
  return name === undefined ? connect(context) : (await openOwner(context, name, 'documents')).connection
}

/** The package of a question, made here: sealed chunks are opened in this process and go nowhere else. */
async function openHere(
  context: Context,
  name: string | undefined,
  client: Client,
  chain: Chain | undefined,
  question: PackageQuestion,
): Promise<Traced> {
  if (name === undefined || chain === undefined)
    throw usageError({
      en: 'Sealed chunks are opened with --key NAME, and with a chain node: name one with --rpc.',
      zh: '打开加密数据须用 --key 指定密钥组，并需要链节点：可用 --rpc 指定。',
    })
  const reader = openReader(await openKey(context, name, 'reader'))
  const pack = await collectPackage(chain, platformBlocks(client), question, undefined, [reader])
  return { bytes: encodePackage(pack), pack, verdict: await checkWithChain(pack, chain) }
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
