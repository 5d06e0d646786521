import {
  compileMethodology,
  dryRun,
  type ExampleRun,
  type PublicationStatement,
  publicationOf,
  readFactors,
  readMethodology,
  retirementOf,
} from '@tanlian/accounting'
import { ENTRY_DOCUMENT, parseCid } from '@tanlian/evidence'
import { logStatement, weighPublication } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { type Context, command, group, usageError } from './command.ts'
import { CONNECT_ARGS, connect, urlOf } from './connect.ts'
import { EXIT } from './exit.ts'
import { isFactors, type Listed, readSubject } from './methodology/subject.ts'
import { padTo, type Text } from './output.ts'
import { openOwner } from './owner.ts'
import { openSending } from './sending.ts'

const STATES: Readonly<Record<Listed['state'], Text>> = {
  library: { en: 'not published', zh: '未发布' },
  published: { en: 'published', zh: '已发布' },
  retired: { en: 'retired', zh: '已停用' },
}
const SUBJECT = {
  type: 'positional',
  description: {
    en: 'A YAML file, or the id or CID of one of the library',
    zh: 'YAML 文件，或方法学库中的编号或 CID',
  },
  required: true,
} as const
const FACTORS_ARG = {
  type: 'string',
  valueHint: 'FILE[,FILE…]',
  description: {
    en: 'Files of factor sets that a methodology reads beside the library’s',
    zh: '方法学所引、不在库中的因子集文件',
  },
} as const
const KEY_ARG = {
  type: 'string',
  valueHint: 'NAME',
  description: { en: 'Key set of the regulator or platform', zh: '主管部门或平台的密钥组' },
  default: 'main',
} as const

const list = command(
  'methodology list',
  { en: 'Methodologies and factor sets with their state', zh: '列出方法学与因子集及其状态' },
  {
    state: {
      type: 'string',
      valueHint: 'STATE',
      description: {
        en: 'Only those: library, published, retired',
        zh: '仅列出：library 未发布、published 已发布、retired 已停用',
      },
    },
    ...CONNECT_ARGS,
  },
  async (context, { state }) => {
    const { out } = context
    if (state !== undefined && !Object.hasOwn(STATES, state))
      throw usageError({
        en: `${state} is no state. The states are ${Object.keys(STATES).join(', ')}.`,
        zh: `${state} 不是状态。可用：${Object.keys(STATES).join('、')}。`,
      })
    const { client } = await connect(context)
    const items: Listed[] = []
    for await (const item of client.all<Listed>('/v1/methodologies'))
      if (state === undefined || item.state === state) items.push(item)
    for (const { cid, id, version, from, to, state: now, reports } of items)
      out.line(
        [
          padTo(`${id} ${version}`, 34),
          padTo(out.say(STATES[now]), 16),
          padTo(`${from} – ${to ?? ''}`, 25),
          padTo(out.say({ en: `${reports} reports`, zh: `${reports} 份报告` }), 12),
          cid,
        ].join('  '),
      )
    out.items(items)
  },
  ['methodology list --state published'],
)

const tryCommand = command(
  'methodology try',
  { en: 'Run a methodology on its own examples; nothing is sent', zh: '用自带算例试算方法学；不发送任何内容' },
  { subject: SUBJECT, factors: FACTORS_ARG },
  async (context, { subject, factors }) => {
    const { out } = context
    const { document, sets } = await readSubject(subject, factors)
    if (isFactors(document)) {
      const { id, version, rows, cid } = readFactors(document)
      out.line(`${out.colors.green('✔')} ${id} ${version}  ${out.say({ en: 'rows', zh: '行' })} ${rows.length}  ${cid}`)
      return out.data({ id, version, cid: cid.toString(), rows: rows.length })
    }
    const program = compileMethodology(readMethodology(document), sets)
    const { id, version, cid } = program.methodology
    const { ok, runs } = dryRun(program)
    for (const run of runs) out.line(exampleLine(context, run))
    if (runs.length === 0) out.line(out.say({ en: 'It has no worked example.', zh: '没有算例。' }))
    out.line(`${id} ${version}  ${cid}`)
    out.data({ id, version, cid: cid.toString(), ok, examples: runs.length })
    if (!ok) process.exitCode = EXIT.failed
  },
  ['methodology try glass.yaml --factors glass-factors.yaml'],
)

const publish = command(
  'methodology publish',
  {
    en: 'Publish a methodology or factor set, once its examples come out: reports may rest on it from then on',
    zh: '发布方法学或因子集（须算例全部通过）：此后报告可以引用',
  },
  { subject: SUBJECT, factors: FACTORS_ARG, key: KEY_ARG, ...CONNECT_ARGS },
  async (context, args) => {
    const { client } = await connect(context)
    const { document, sets } = await readSubject(args.subject, args.factors, { client, url: urlOf(context) })
    await log(context, args.key, publicationOf(document, sets))
  },
  ['methodology publish glass.yaml', 'methodology publish cn.power --key regulator'],
)

const retire = command(
  'methodology retire',
  {
    en: 'Retire a version: no new report may rest on it, those that do keep it',
    zh: '停用某一版本：新报告不能再引用，已引用的报告保留此版本',
  },
  {
    cid: { type: 'positional', description: { en: 'CID of the version', zh: '该版本的 CID' }, required: true },
    reason: {
      type: 'string',
      valueHint: 'TEXT',
      description: { en: 'Why; everybody can read it', zh: '原因；对所有人公开' },
      required: true,
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, { cid, reason, key }) => {
    const { client } = await connect(context)
    for await (const item of client.all<Listed>('/v1/methodologies'))
      if (item.cid === cid) return log(context, key, retirementOf(item.kind, parseCid(cid), reason))
    throw new TanlianError(
      'E_CLI_NOT_FOUND',
      `No methodology or factor set has CID ${cid}. See tanlian methodology list.`,
      {
        values: { name: cid },
      },
    )
  },
  ['methodology retire bafy… --reason "version 2026 is in force"'],
)

/** `tanlian methodology`: from a draft to a published version, and to its end. */
export const methodology = group(
  'methodology',
  { en: 'Try, publish and retire methodologies and factor sets', zh: '试算、发布、停用方法学与因子集' },
  { list, try: tryCommand, publish, retire },
)

/** Signs a publication with the key for documents and logs it. */
async function log(context: Context, name: string, statement: PublicationStatement): Promise<void> {
  const { out } = context
  const { organization, connection, key } = await openOwner(context, name, 'documents')
  const weighed = await weighPublication(connection.client, organization, statement)
  const to = { home: context.home, organization, kind: ENTRY_DOCUMENT, key } as const
  const { submitter, outbox } = await openSending(connection, to)
  const { subject, state } = statement.content
  try {
    const { cid, receipt } = await logStatement(submitter, organization, weighed, `${state}/${subject}`)
    out.line(
      `${out.colors.green('✔')} ${out.say(STATES[state])}  ${subject}  ${out.say({ en: 'sequence', zh: '序号' })} ${receipt.sequence}`,
    )
    out.data({ cid: subject.toString(), state, organization, sequence: receipt.sequence, document: cid.toString() })
  } finally {
    await outbox.close()
  }
}

function exampleLine({ out }: Context, { example, differences, refused }: ExampleRun): string {
  const held = differences.length === 0 && refused === undefined
  const sign = held ? out.colors.green('✔') : out.colors.red('✘')
  const why =
    refused?.message ??
    differences
      .map(({ equation, said, shown }) =>
        out.say({ en: `${equation} shows ${shown}, said ${said}`, zh: `${equation} 算得 ${shown}，算例为 ${said}` }),
      )
      .join('; ')
  return `${sign} ${out.say(example.words)}${held ? '' : `  ${why}`}`
}
