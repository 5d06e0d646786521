import { openReader } from '@tanlian/evidence'
import { platformBlocks, publishReport } from '@tanlian/sdk'
import { readIfThere, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { command, group } from './command.ts'
import { CONNECT_ARGS, connect } from './connect.ts'
import { openKey } from './keys.ts'
import { openOwner } from './owner.ts'
import { checkReportFile } from './report/check.ts'
import { printRedrawn } from './report/print-redrawn.ts'
import { redraw } from './report/redraw.ts'

const packageCommand = command(
  'report package',
  { en: 'Keep the evidence package of a report, to be checked anywhere', zh: '保存报告的证据包，可在任何地方验证' },
  {
    cid: { type: 'positional', description: { en: 'CID of the report', zh: '报告的 CID' }, required: true },
    out: {
      type: 'string',
      valueHint: 'FILE',
      description: { en: 'Where to keep it (CAR)', zh: '保存位置（CAR）' },
      required: true,
    },
    check: {
      type: 'boolean',
      default: true,
      description: { en: 'Do not do the report again here', zh: '不在本机复算' },
    },
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { client } = await connect(context)
    const bytes = await client.http.bytes(`/v1/reports/${encodeURIComponent(args.cid)}/package`)
    await writeDurably(args.out, bytes)
    context.out.note(`${args.out}  ${(bytes.length / 1e6).toFixed(2)} MB`)
    if (args.check !== false) await checkReportFile(context, bytes)
  },
  ['report package bafy… --out 2025.car'],
)

const checkCommand = command(
  'report check',
  { en: 'Do a report again from its package', zh: '依据证据包复算报告' },
  {
    file: { type: 'positional', description: { en: 'The package (.car)', zh: '证据包（.car）' }, required: true },
    rpc: {
      type: 'string',
      valueHint: 'URL',
      description: { en: 'Chain node (else TANLIAN_RPC)', zh: '链节点（默认取 TANLIAN_RPC）' },
    },
    log: {
      type: 'string',
      valueHint: 'ADDRESS',
      description: {
        en: 'The EvidenceLog contract (else TANLIAN_LOG)',
        zh: 'EvidenceLog 合约地址（默认取 TANLIAN_LOG）',
      },
    },
  },
  async (context, { file }) => {
    const bytes = await readIfThere(file)
    if (bytes === undefined)
      throw new TanlianError('E_FILE_MISSING', `There is no file ${file}.`, { values: { path: file } })
    await checkReportFile(context, bytes)
  },
  ['report check 2025.car --rpc http://127.0.0.1:8545 --log 0x…'],
)

const sampleCommand = command(
  'report sample',
  {
    en: 'Draw a report’s verifier and sample again, from the log and the batches',
    zh: '依据日志与批次重新抽签核查机构并重新抽样',
  },
  {
    file: {
      type: 'positional',
      description: { en: 'The report’s package (.car)', zh: '报告的证据包（.car）' },
      required: true,
    },
    key: {
      type: 'string',
      valueHint: 'NAME',
      description: { en: 'Key set that opens sealed batches', zh: '用于打开加密批次的密钥组' },
    },
    ...CONNECT_ARGS,
  },
  async (context, { file, key }) => {
    const bytes = await readIfThere(file)
    if (bytes === undefined)
      throw new TanlianError('E_FILE_MISSING', `There is no file ${file}.`, { values: { path: file } })
    const { client, chain } =
      key === undefined ? await connect(context) : (await openOwner(context, key, 'documents')).connection
    const readers = key === undefined ? [] : [openReader(await openKey(context, key, 'reader'))]
    printRedrawn(context.out, await redraw(bytes, { client, chain, blocks: platformBlocks(client), readers }))
  },
  ['report sample 2025.car --rpc http://127.0.0.1:8545'],
)

const publishCommand = command(
  'report publish',
  {
    en: 'Let everybody do a report over sealed readings again; it cannot be taken back',
    zh: '公开一份基于加密数据的报告，任何人可复算；公开后不可收回',
  },
  {
    cid: { type: 'positional', description: { en: 'CID of the report', zh: '报告的 CID' }, required: true },
    key: {
      type: 'string',
      valueHint: 'NAME',
      description: { en: 'Key set of its owner', zh: '报告所属企业的密钥组' },
      default: 'main',
    },
    ...CONNECT_ARGS,
  },
  async (context, { cid, key }) => {
    const { connection, organization } = await openOwner(context, key, 'documents')
    await publishReport(connection.client, organization, cid)
    context.out.line(context.out.say({ en: `Everybody may do ${cid} again.`, zh: `${cid} 已公开，任何人可复算。` }))
    context.out.data({ report: cid, organization })
  },
  ['report publish bafy… --key steel-works'],
)

/** `tanlian report`: packages of reports. */
export const report = group(
  'report',
  { en: 'Keep, check and publish reports', zh: '保存、验证与公开报告' },
  { package: packageCommand, check: checkCommand, sample: sampleCommand, publish: publishCommand },
)
