import { addressOf } from '@tanlian/evidence'
import { type Client, type GrantItem, type ReaderKeyItem, signIn } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { type Context, command, group, usageError } from './command.ts'
import { CONNECT_ARGS, type Connection, connect, findOrganization } from './connect.ts'
import { openKey } from './keys.ts'
import { giveGrant } from './privacy/grant.ts'
import { publishReaderKey } from './privacy/reader-key.ts'
import { QUESTION_ARGS, readFilter } from './question.ts'

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
    const { organization, connection, documents } = await openOwner(context, args.key)
    const secret = await openKey(context, args.key, 'reader')
    const { key, sequence } = await publishReaderKey(connection, context.home, organization, { secret, documents })
    out.line(`${out.colors.green('✔')} ${key}  ${out.say({ en: 'sequence', zh: '序号' })} ${sequence}`)
    out.data({ organization, key, sequence })
  },
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
    const step = args.summary === undefined ? 0 : STEPS[args.summary]
    if (step === undefined || types.some((type) => type.length > 3))
      throw usageError({
        en: 'A summary’s step is hour, day, week or month, and a type is at most three bytes.',
        zh: '汇总步长为 hour、day、week 或 month，类型至多三字节。',
      })
    const { connection, organization, documents } = await openOwner(context, args.key)
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
  { en: 'Readers’ keys and grants of the organization', zh: '列出本组织的读者密钥与授权' },
  { key: KEY_ARG, ...CONNECT_ARGS },
  async (context, args) => {
    const { out } = context
    const { connection, organization } = await openOwner(context, args.key)
    const all: (ReaderKeyItem | GrantItem)[] = []
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
    const { connection, organization } = await openOwner(context, args.key)
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

/** Who may read what is sealed: readers' keys and grants. */
export const privacy = group(
  'privacy',
  { en: 'Confidential data: readers’ keys and grants', zh: '数据隐私：读者密钥与授权' },
  { publish, grant, list, end },
)

interface Owner {
  readonly connection: Connection
  readonly organization: number
  readonly documents: Uint8Array
}

/** Signs in with the key for documents of a set. Codes: E_KEY_MISSING, E_CLI_NOT_FOUND. */
async function openOwner(context: Context, name: string): Promise<Owner> {
  const documents = await openKey(context, name, 'documents')
  const outside = await connect(context)
  const organization = await ownerOf(outside.client, documents)
  const { token } = await signIn(outside.client, organization, documents)
  return { connection: await connect(context, () => token), organization, documents }
}

async function ownerOf(client: Client, key: Uint8Array): Promise<number> {
  const found = await client.key(addressOf(key))
  if (found.key !== null) return found.key.organization
  throw new TanlianError(
    'E_CLI_NOT_FOUND',
    `The key ${found.address} belongs to no organization yet. Apply with \`tanlian org apply\`, and wait for approval.`,
    { values: { address: found.address } },
  )
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
