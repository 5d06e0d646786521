import { ENTRY_DOCUMENT, openReader, type PrivacyRule, toHex } from '@tanlian/evidence'
import {
  type GrantItem,
  giveGrant,
  handInSummaries,
  logStatement,
  platformGate,
  privacyRulesOf,
  privacyStatement,
  type ReaderKeyItem,
} from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { type Context, command, group, usageError } from './command.ts'
import { CONNECT_ARGS, findOrganization, gateOptions } from './connect.ts'
import { openKey } from './keys.ts'
import { openOwner } from './owner.ts'
import { publishReaderKey } from './privacy/reader-key.ts'
import { QUESTION_ARGS, readFilter } from './question.ts'
import { readPrivacy } from './seal.ts'
import { openSending } from './sending.ts'

const KEY_ARG = {
  type: 'string',
  valueHint: 'NAME',
  description: { en: 'Key set of the organization', zh: '该组织的密钥组' },
  default: 'main',
} as const
/** Steps of a summary by the words of the trade. */
const STEPS: Readonly<Record<string, number>> = { hour: 3600, day: 86_400, week: 7 * 86_400, month: 31 * 86_400 }

const publish = command(
  'privacy publish',
  {
    en: 'Log the reader’s key of a set, so that data can be sealed for the organization',
    zh: '上链密钥组的读者密钥，供他人为本组织加密数据',
  },
  { key: KEY_ARG, ...CONNECT_ARGS },
  async (context, args) => {
    const { out } = context
    const { organization, connection, key: documents } = await openOwner(context, args.key, 'documents')
    const secret = await openKey(context, args.key, 'reader')
    const { key, sequence } = await publishReaderKey(connection, context.home, organization, { secret, documents })
    out.line(`${out.colors.green('✔')} ${key}  ${out.say({ en: 'sequence', zh: '序号' })} ${sequence}`)
    out.data({ organization, key, sequence })
  },
)

const choose = command(
  'privacy choose',
  {
    en: 'Log how each type is kept from now on: open, shared or closed; whoever imports or uploads seals by it',
    zh: '上链各类型此后的方式：open（公开）、shared（共享）或 closed（封闭）；导入与上传均按此加密',
  },
  {
    modes: {
      type: 'positional',
      description: {
        en: 'All types, as electricity=shared,co2=closed; a mode alone is for every other type',
        zh: '全部类型，如 电力=shared,co2=closed；单独一种方式适用于其余类型',
      },
      required: true,
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const rules = readPrivacy(args.modes)
    const { organization, connection, key } = await openOwner(context, args.key, 'documents')
    const to = { home: context.home, organization, kind: ENTRY_DOCUMENT, key } as const
    const { submitter, outbox } = await openSending(connection, to)
    try {
      const { receipt } = await logStatement(submitter, organization, privacyStatement(rules), 'privacy')
      for (const rule of rules) out.line(`${out.colors.green('✔')} ${ruleLine(context, rule)}`)
      out.data({ organization, sequence: receipt.sequence, rules: rules.map(ruleItem) })
    } finally {
      await outbox.close()
    }
  },
  ['privacy choose shared', 'privacy choose open,electricity=shared,co2=closed'],
)

const summary = command(
  'privacy summary',
  {
    en: 'Hand in sums by step of the batches that the platform cannot read; it answers those who were granted the step',
    zh: '为平台无法读取的批次提交按步长的汇总；平台据此回答获该步长授权者',
  },
  {
    step: {
      type: 'positional',
      description: { en: 'hour, day, week or month', zh: 'hour、day、week 或 month' },
      required: true,
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const step = stepOf(args.step)
    const { organization, connection } = await openOwner(context, args.key, 'documents')
    const reader = openReader(await openKey(context, args.key, 'reader'))
    const handed = await handInSummaries(connection.client, organization, reader, step, ({ done, of }) =>
      out.progress(`${out.say({ en: 'summaries', zh: '汇总' })}  ${done} / ${of}`),
    )
    out.clear()
    out.line(`${out.colors.green('✔')} ${handed} ${out.say({ en: 'batches summed up', zh: '个批次已提交汇总' })}`)
    out.data({ organization, step, handed })
  },
  ['privacy summary day'],
)

const { readings: _, ...GRANT_ARGS } = QUESTION_ARGS

const grant = command(
  'privacy grant',
  { en: 'Let another organization read, from the next sealed chunk on', zh: '授权其他组织读取此后加密的数据' },
  {
    reader: { type: 'positional', description: { en: 'Id or name', zh: '编号或名称' }, required: true },
    ...GRANT_ARGS,
    summary: {
      type: 'string',
      valueHint: 'STEP',
      description: {
        en: 'Only sums by hour, day, week or month, as the platform answers them',
        zh: '仅授权由平台给出的 hour、day、week 或 month 汇总',
      },
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const { types, streams = [], from, to } = readFilter(args)
    const step = args.summary === undefined ? 0 : stepOf(args.summary)
    if (types.some((type) => type.length > 3))
      throw usageError({ en: 'A type is granted by at most three bytes.', zh: '授权的类型至多三字节。' })
    const { connection, organization, key: documents } = await openOwner(context, args.key, 'documents')
    const reader = await findOrganization(connection.client, args.reader)
    const given = await giveGrant(connection.client, connection.log, documents, {
      ...{ organization, reader: reader.id, access: step === 0 ? 'read' : 'summary', step, types, streams, from, to },
    })
    out.line(`${out.colors.green('✔')} ${lineOf(context, given)}`)
    out.data(given)
  },
  ['privacy grant regulator --type electricity', 'privacy grant 9 --type co2 --year 2026 --summary day'],
)

const list = command(
  'privacy list',
  {
    en: 'How the organization keeps its types, its readers’ keys and grants',
    zh: '列出本组织各类型的方式、读者密钥与授权',
  },
  { key: KEY_ARG, ...CONNECT_ARGS },
  async (context, args) => {
    const { out } = context
    const { connection, organization } = await openOwner(context, args.key, 'documents')
    const { client, log } = connection
    const gate = platformGate(client, gateOptions(connection))
    const { rules } = await privacyRulesOf({ client, gate, log, organization })
    for (const rule of rules) out.line(ruleLine(context, rule))
    const all: (ReturnType<typeof ruleItem> | ReaderKeyItem | GrantItem)[] = rules.map(ruleItem)
    for await (const item of connection.client.all<ReaderKeyItem>(`/v1/organizations/${organization}/reader-keys`)) {
      out.line(`${out.say({ en: 'key', zh: '密钥' })}  ${item.key}${endText(context, item.ended)}`)
      all.push(item)
    }
    for (const side of ['grants', 'granted'])
      for await (const item of connection.client.all<GrantItem>(`/v1/organizations/${organization}/${side}`)) {
        out.line(lineOf(context, item))
        all.push(item)
      }
    out.items(all)
  },
)

const end = command(
  'privacy end',
  {
    en: 'End a grant; what was sealed for its reader before stays readable to it',
    zh: '终止授权；此前已为其加密的数据仍可被其读取',
  },
  {
    id: {
      type: 'positional',
      description: { en: 'Id of the grant, or its beginning', zh: '授权编号，或其开头几位' },
      required: true,
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { out } = context
    const { connection, organization } = await openOwner(context, args.key, 'documents')
    const found: GrantItem[] = []
    for await (const item of connection.client.all<GrantItem>(`/v1/organizations/${organization}/grants`))
      if (item.grant.startsWith(args.id)) found.push(item)
    const [one] = found
    if (one === undefined || found.length > 1)
      throw new TanlianError(
        'E_CLI_NOT_FOUND',
        `${found.length} grants begin with ${args.id}. See tanlian privacy list.`,
        {
          values: { id: args.id },
        },
      )
    const ended = await connection.client.http.json<GrantItem>(
      `/v1/organizations/${organization}/grants/${one.grant}/end`,
      { method: 'POST', json: {} },
    )
    out.line(`${out.colors.green('✔')} ${lineOf(context, ended)}`)
    out.data(ended)
  },
)

/** How each type is kept, and who may read what is sealed. */
export const privacy = group(
  'privacy',
  {
    en: 'Confidential data: how types are kept, readers’ keys and grants',
    zh: '数据隐私：各类型的方式、读者密钥与授权',
  },
  { choose, publish, grant, summary, list, end },
)

/** Seconds of a step by its word. Codes: E_CLI_USAGE. */
function stepOf(word: string): number {
  const step = STEPS[word]
  if (step !== undefined) return step
  throw usageError({ en: 'A step is hour, day, week or month.', zh: '步长为 hour、day、week 或 month。' })
}

function ruleItem({ prefix, mode }: PrivacyRule) {
  return { type: toHex(prefix), mode }
}

function ruleLine({ out }: Context, rule: PrivacyRule): string {
  const { type, mode } = ruleItem(rule)
  return `${type === '' ? out.say({ en: 'every other type', zh: '其余类型' }) : type}  ${mode}`
}

function lineOf(context: Context, { grant: id, reader, access, step, types, ended }: GrantItem): string {
  const { out } = context
  const what =
    access === 'read'
      ? out.say({ en: 'reads', zh: '可读取' })
      : out.say({ en: `sums by ${step} s`, zh: `按 ${step} s 汇总` })
  return `${id.slice(0, 12)}  ${out.say({ en: 'organization', zh: '组织' })} ${reader}  ${what}  ${types.join(' ')}${endText(context, ended)}`
}

function endText({ out }: Context, ended: unknown): string {
  return ended === null ? '' : `  ${out.say({ en: 'ended', zh: '已终止' })}`
}
