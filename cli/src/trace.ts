import { trace as traceNow } from '@tanlian/sdk'
import { writeDurably } from '@tanlian/sdk/node'
import { command } from './command.ts'
import { CONNECT_ARGS, connect, findOrganization } from './connect.ts'
import { EXIT } from './exit.ts'
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
    offline: { type: 'boolean', description: { en: 'Do not ask a chain node', zh: '不查询链节点' } },
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const filter = readFilter(args)
    const { client, chain } = await connect(context)
    const { id } = await findOrganization(client, args.organization)
    const frames = args.frames === true
    const mode = args.readings === true || frames ? ('readings' as const) : ('total' as const)
    const { bytes, pack, verdict } = await traceNow(
      client,
      { ...filter, organization: id, mode, frames },
      args.offline === true ? undefined : chain,
      (stage) => {
        if (stage.stage === 'retrieve') out.progress(`${out.say({ en: 'retrieve', zh: '检索' })}  ${size(stage.bytes)}`)
        else out.progress(out.say({ en: 'check', zh: '验证' }))
      },
    )
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
    'trace steel-works --type electricity --month 2018-03 --zone Asia/Seoul',
    'trace 3 --type 电力 --day 2018-03-01 --zone Asia/Seoul --readings --out march.car',
  ],
)

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
