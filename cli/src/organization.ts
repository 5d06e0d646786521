import { confirm, isCancel } from '@clack/prompts'
import {
  type Application,
  applyForRegistration,
  type Job,
  newReason,
  type Organization,
  reasonDigest,
  relayAct,
} from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { type Context, command, group, usageError } from './command.ts'
import { CONNECT_ARGS, type Connection, connect, findOrganization, partyNumber } from './connect.ts'
import { addressIn, askPassphrase, unlockKey } from './keys.ts'
import { padTo } from './output.ts'
import { type Owner, openOwner } from './owner.ts'

const KEY_ARG = {
  type: 'string',
  valueHint: 'NAME',
  description: { en: 'Key set of the acting organization', zh: '操作方的密钥组' },
  default: 'main',
} as const
const REASON_ARG = {
  type: 'string',
  valueHint: 'TEXT',
  description: {
    en: 'Reason; the applicant can read it, only its digest goes on the chain',
    zh: '原因；申请方可见，仅其摘要上链',
  },
  required: true,
} as const

const apply = command(
  'org apply',
  { en: 'Apply for registration with the keys of a set', zh: '用一组密钥申请注册' },
  {
    kind: {
      type: 'string',
      valueHint: 'KIND',
      description: {
        en: 'regulator, platform, enterprise, verifier, exchange, laboratory, other',
        zh: 'regulator 监管、platform 平台、enterprise 控排企业、verifier 核查机构、exchange 交易机构、laboratory 检测机构、other 其他',
      },
      required: true,
    },
    name: { type: 'string', valueHint: 'TEXT', description: { en: 'Name', zh: '名称' }, required: true },
    'name-en': { type: 'string', valueHint: 'TEXT', description: { en: 'English name', zh: '英文名称' } },
    region: { type: 'string', valueHint: 'TEXT', description: { en: 'Region', zh: '地区' } },
    industry: { type: 'string', valueHint: 'TEXT', description: { en: 'Industry', zh: '行业' } },
    website: { type: 'string', valueHint: 'URL', description: { en: 'Website', zh: '网站' } },
    contact: {
      type: 'string',
      valueHint: 'TEXT',
      description: { en: 'Contact, seen by the regulator only', zh: '联系人，仅监管方可见' },
    },
    email: {
      type: 'string',
      valueHint: 'TEXT',
      description: { en: 'E-mail, seen by the regulator only', zh: '电子邮箱，仅监管方可见' },
    },
    phone: {
      type: 'string',
      valueHint: 'TEXT',
      description: { en: 'Telephone, seen by the regulator only', zh: '电话，仅监管方可见' },
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    partyNumber(args.kind)
    const connection = await connect(context)
    await addressIn(context.home, args.key, 'acts')
    const passphrase = await askPassphrase(context, { confirm: false })
    const unlock = (purpose: 'acts' | 'batches' | 'documents') => unlockKey(context.home, args.key, purpose, passphrase)
    const hidden = {
      contact: args.contact ?? null,
      phone: args.phone ?? null,
      email: args.email ?? null,
      address: null,
      creditCode: null,
    }
    const { job, application } = await applyForRegistration(
      connection.client,
      connection.registry,
      {
        kind: args.kind as Organization['kind'],
        name: args.name,
        nameEn: args['name-en'] ?? null,
        region: args.region ?? null,
        industry: args.industry ?? null,
        website: args.website ?? null,
      },
      Object.values(hidden).every((part) => part === null) ? undefined : hidden,
      {
        acts: await unlock('acts'),
        batches: await unlock('batches'),
        documents: await unlock('documents'),
        recovery: await addressIn(context.home, args.key, 'recovery'),
      },
    )
    await show(context, connection, job, {
      en: `Application ${application} is open.`,
      zh: `申请 ${application} 已提交，等待审批。`,
    })
  },
)

const decide = (verb: 'approve' | 'refuse') =>
  command(
    `org ${verb}`,
    verb === 'approve'
      ? { en: 'Approve an application, as a regulator', zh: '监管方批准申请' }
      : { en: 'Refuse an application, as a regulator', zh: '监管方驳回申请' },
    {
      application: {
        type: 'positional',
        description: { en: 'Digest of the application, or its beginning', zh: '申请摘要，或其开头几位' },
        required: true,
      },
      reason: verb === 'refuse' ? REASON_ARG : { ...REASON_ARG, required: false as const },
      key: KEY_ARG,
      ...CONNECT_ARGS,
    },
    async (context, args) => {
      const acting = await openActing(context, args.key)
      const application = await findApplication(acting, args.application)
      const whom = application.name ?? application.application
      await agree(
        context,
        context.out.say(
          verb === 'approve'
            ? { en: `approve ${whom}`, zh: `批准 ${whom}` }
            : { en: `refuse ${whom}`, zh: `驳回 ${whom}` },
        ),
      )
      const reason = newReason(args.reason ?? '')
      const job = await relayAct(
        acting.connection.client,
        acting.connection.registry,
        verb === 'approve' ? 'Approve' : 'Refuse',
        {
          organization: acting.organization,
          application: application.application,
          reason: reasonDigest(reason),
        },
        { acting: acting.key },
        reason,
      )
      await show(
        context,
        acting.connection,
        job,
        verb === 'approve' ? { en: 'Approved.', zh: '已批准。' } : { en: 'Refused.', zh: '已驳回。' },
      )
    },
  )

const bind = command(
  'org bind',
  { en: 'Ask to be bound to a platform', zh: '申请绑定平台' },
  {
    platform: {
      type: 'positional',
      description: { en: 'The platform: id or name', zh: '平台：编号或名称' },
      required: true,
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { connection, organization, key } = await openActing(context, args.key)
    const platform = await findOrganization(connection.client, args.platform)
    const job = await relayAct(
      connection.client,
      connection.registry,
      'RequestBinding',
      { organization, platform: platform.id },
      { acting: key },
    )
    await show(context, connection, job, {
      en: `Asked platform ${platform.id}.`,
      zh: `已向平台 ${platform.id} 申请绑定。`,
    })
  },
)

const confirmBinding = command(
  'org confirm',
  { en: 'Confirm a binding, as a platform', zh: '平台确认绑定' },
  {
    enterprise: {
      type: 'positional',
      description: { en: 'The organization that asked: id or name', zh: '提出请求的组织：编号或名称' },
      required: true,
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { connection, organization, key } = await openActing(context, args.key)
    const enterprise = await findOrganization(connection.client, args.enterprise)
    const job = await relayAct(
      connection.client,
      connection.registry,
      'ConfirmBinding',
      { organization, enterprise: enterprise.id },
      { acting: key },
    )
    await show(context, connection, job, {
      en: `Organization ${enterprise.id} is bound.`,
      zh: `组织 ${enterprise.id} 已绑定。`,
    })
  },
)

const unbind = command(
  'org unbind',
  { en: 'End a binding, from either side', zh: '任一方解除绑定' },
  {
    other: {
      type: 'positional',
      description: { en: 'The other side: id or name', zh: '另一方：编号或名称' },
      required: true,
    },
    reason: {
      ...REASON_ARG,
      description: { en: 'Reason; its digest goes on the chain, keep the text', zh: '原因；其摘要上链，请保存原文' },
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { connection, organization, key, kind } = await openActing(context, args.key)
    const other = await findOrganization(connection.client, args.other)
    await agree(context, `unbind ${organization} – ${other.id}`)
    const [enterprise, platform] = kind === 'platform' ? [other.id, organization] : [organization, other.id]
    const fields = { organization, enterprise, platform, reason: reasonDigest(newReason(args.reason)) }
    const job = await relayAct(connection.client, connection.registry, 'Unbind', fields, { acting: key })
    await show(context, connection, job, { en: 'Unbound.', zh: '已解除绑定。' })
  },
)

const list = command('org list', { en: 'Every organization', zh: '列出所有组织' }, CONNECT_ARGS, async (context) => {
  const { client } = await connect(context)
  const { out } = context
  const all: Organization[] = []
  for await (const organization of client.organizations()) {
    all.push(organization)
    out.line(
      `${String(organization.id).padStart(4)}  ${padTo(organization.kind, 11)} ${nameOf(organization, out.language)}${organization.platform === null ? '' : `  → ${organization.platform}`}`,
    )
  }
  out.items(all)
})

const show_ = command(
  'org show',
  { en: 'One organization: keys, bindings, heads', zh: '查看一个组织：密钥、绑定、链头' },
  {
    organization: { type: 'positional', description: { en: 'Id or name', zh: '编号或名称' }, required: true },
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { client } = await connect(context)
    const { out } = context
    const organization = await findOrganization(client, args.organization)
    const { id } = organization
    const [keys, batches, documents] = await Promise.all([client.keys(id), client.head(id, 1), client.head(id, 2)])
    const say = out.say
    out.line(`${out.colors.bold(nameOf(organization, out.language))}  ${id}  ${organization.kind}`)
    out.line(`${say({ en: 'bound to', zh: '绑定平台' })}  ${organization.platform ?? '–'}`)
    out.line(
      `${say({ en: 'batches', zh: '批次' })}  ${batches.sequence}   ${say({ en: 'documents', zh: '文件' })}  ${documents.sequence}`,
    )
    for (const key of keys) {
      const range = key.purpose === 'acts' ? '' : `  ${key.from} – ${key.to === Number.MAX_SAFE_INTEGER ? '∞' : key.to}`
      out.line(`${key.active ? ' ' : '✘'} ${key.address}  ${padTo(key.purpose, 9)}${range}`)
    }
    out.data({ ...organization, keys, heads: { batches, documents } })
  },
)

const applications = command(
  'org applications',
  { en: 'Applications, for regulators', zh: '申请列表（监管方）' },
  {
    state: {
      type: 'string',
      valueHint: 'STATE',
      description: { en: 'open, approved, refused, lapsed', zh: 'open、approved、refused、lapsed' },
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const { connection } = await openActing(context, args.key)
    const { out } = context
    const all: Application[] = []
    for await (const item of connection.client.applications(args.state)) {
      all.push(item)
      out.line(`${item.application.slice(0, 18)}…  ${padTo(item.state, 9)} ${padTo(item.kind, 11)} ${item.name ?? '–'}`)
    }
    out.items(all)
  },
)

/** Everything about organizations. */
export const organization = group(
  'org',
  { en: 'Organizations: apply, approve, bind', zh: '组织：申请、审批、绑定' },
  {
    apply,
    approve: decide('approve'),
    refuse: decide('refuse'),
    bind,
    confirm: confirmBinding,
    unbind,
    list,
    show: show_,
    applications,
  },
)

/** An organization that acts, and what kind of party it is. */
export interface Acting extends Owner {
  readonly kind: Organization['kind']
}

/** Opens the key for acts of a set, finds whose it is, and signs in with it. Codes: E_KEY_MISSING, E_CLI_NOT_FOUND. */
export async function openActing(context: Context, name: string): Promise<Acting> {
  const owner = await openOwner(context, name, 'acts')
  const { kind } = await owner.connection.client.organization(owner.organization)
  return { ...owner, kind }
}

/** Waits for an act and says what came of it. */
export async function show(
  context: Context,
  connection: Connection,
  job: Job,
  text: { en: string; zh: string },
): Promise<void> {
  const { out } = context
  out.progress(out.say({ en: 'waiting for the chain …', zh: '等待上链…' }))
  const done = await connection.client.settled(job)
  out.clear()
  out.line(`${out.colors.green('✔')} ${out.say(text)}`)
  if (done.result?.organization !== null && done.result?.organization !== undefined) {
    out.line(`  ${out.say({ en: 'organization', zh: '组织' })} ${done.result.organization}   ${done.transaction ?? ''}`)
  }
  out.data(done)
}

/** Asks before something that cannot be taken back. Codes: E_CLI_NEEDS_ANSWER, E_CLI_CANCELLED. */
export async function agree(context: Context, what: string): Promise<void> {
  if (context.yes) return
  if (!context.interactive) {
    throw new TanlianError('E_CLI_NEEDS_ANSWER', `Agree to "${what}" with --yes; there is no terminal to ask on.`)
  }
  const answer = await confirm({ message: `${what}?`, output: process.stderr })
  if (isCancel(answer) || !answer) throw new TanlianError('E_CLI_CANCELLED', 'Cancelled. Nothing was changed.')
}

function nameOf(organization: Organization, language: 'en' | 'zh'): string {
  const { name, nameEn } = organization
  return (language === 'en' ? (nameEn ?? name) : (name ?? nameEn)) ?? '–'
}

async function findApplication({ connection }: Acting, wanted: string) {
  const start = wanted.toLowerCase()
  if (!/^0x[0-9a-f]{4,64}$/.test(start))
    throw usageError({
      en: `${wanted} is no application: give its digest, or at least four digits of it.`,
      zh: `${wanted} 不是申请：请给出其摘要，或至少四位。`,
    })
  for await (const item of connection.client.applications('open')) if (item.application.startsWith(start)) return item
  throw new TanlianError(
    'E_CLI_NOT_FOUND',
    `No open application begins with ${wanted}. See tanlian org applications.`,
    { values: { application: wanted } },
  )
}
