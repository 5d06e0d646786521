import { addressOf } from '@tanlian/evidence'
import { keyOfPhrase, newPrivateKey, phraseOf, relayAct } from '@tanlian/sdk'
import { command, group, usageError } from './command.ts'
import { CONNECT_ARGS } from './connect.ts'
import { addressIn, askPassphrase, keepKey, keyNames, openKey, PURPOSES, type Purpose, readKey } from './keys.ts'
import { agree, openActing, show } from './organization.ts'
import { padTo } from './output.ts'

const NAME_ARG = {
  type: 'positional',
  description: { en: 'Name of the key set', zh: '密钥组名称' },
  default: 'main',
  required: false,
} as const
const PURPOSE_ARG = {
  type: 'string',
  valueHint: 'PURPOSE',
  description: {
    en: 'acts, batches, documents, recovery or reader',
    zh: 'acts、batches、documents、recovery 或 reader',
  },
  required: true,
} as const
const KEY_ARG = {
  type: 'string',
  valueHint: 'NAME',
  description: { en: 'Key set whose key for acts signs', zh: '用其操作密钥签名的密钥组' },
  default: 'main',
} as const
const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER
const NUMBERS = { batches: 1, documents: 2, acts: 3 } as const

const make = command(
  'key new',
  {
    en: 'Make a set of keys: acts, batches, documents, recovery, reader',
    zh: '生成一组密钥：操作、批次、文件、找回、读取',
  },
  {
    name: NAME_ARG,
    'passphrase-file': {
      type: 'string',
      valueHint: 'FILE',
      description: { en: 'File with the passphrase', zh: '存有口令的文件' },
    },
  },
  async (context, args) => {
    const { out } = context
    const passphrase = await askPassphrase(context, { confirm: true })
    const addresses: Record<string, string> = {}
    for (const purpose of PURPOSES) {
      out.progress(out.say({ en: `making the key for ${purpose} …`, zh: `正在生成密钥 ${purpose}…` }))
      addresses[purpose] = await keepKey(context.home, args.name, purpose, newPrivateKey(), passphrase)
    }
    out.clear()
    for (const [purpose, address] of Object.entries(addresses)) out.line(`${padTo(purpose, 10)} ${address}`)
    out.note(
      out.say({
        en: `Kept encrypted in ${context.home}/keys/${args.name}. Move recovery.json to a safe place: it replaces lost keys.`,
        zh: `已加密保存在 ${context.home}/keys/${args.name}。请把 recovery.json 移到安全的地方：它用来找回丢失的密钥。`,
      }),
    )
    out.data({ name: args.name, addresses })
  },
)

const list = command('key list', { en: 'Keys kept here', zh: '列出本机保存的密钥' }, {}, async (context) => {
  const { out } = context
  const all: { name: string; purpose: Purpose; address: string }[] = []
  for (const name of await keyNames(context.home)) {
    for (const purpose of PURPOSES) {
      const keystore = await readKey(context.home, name, purpose)
      if (keystore === undefined) continue
      out.line(`${padTo(name, 16)} ${padTo(purpose, 10)} 0x${keystore.address}`)
      all.push({ name, purpose, address: `0x${keystore.address}` })
    }
  }
  out.items(all)
  if (all.length === 0)
    out.note(
      out.say({
        en: 'No key is kept here yet. Make a set with tanlian key new.',
        zh: '这里尚无密钥。请用 tanlian key new 生成。',
      }),
    )
})

const exportKey = command(
  'key export',
  {
    en: 'Print an encrypted key, or its recovery phrase with --phrase',
    zh: '输出加密的密钥，或用 --phrase 输出恢复短语',
  },
  {
    name: NAME_ARG,
    purpose: PURPOSE_ARG,
    phrase: {
      type: 'boolean',
      description: {
        en: 'The 24 words that are the key; read them on paper only',
        zh: '代表该密钥的 24 个单词；只应抄写在纸上',
      },
    },
  },
  async (context, args) => {
    const { out } = context
    const purpose = purposeOf(args.purpose)
    const address = await addressIn(context.home, args.name, purpose)
    if (args.phrase !== true) {
      const keystore = await readKey(context.home, args.name, purpose)
      process.stdout.write(`${JSON.stringify(keystore, null, 2)}\n`)
      return
    }
    await agree(
      context,
      out.say({
        en: `show the recovery phrase of ${address} on this screen`,
        zh: `在屏幕上显示 ${address} 的恢复短语`,
      }),
    )
    const key = await openKey(context, args.name, purpose)
    process.stdout.write(`${phraseOf(key)}\n`)
  },
)

const importKey = command(
  'key import',
  { en: 'Keep a key from its recovery phrase, read from stdin', zh: '从标准输入的恢复短语导入密钥' },
  { name: NAME_ARG, purpose: PURPOSE_ARG },
  async (context, args) => {
    const key = keyOfPhrase(await readStdin())
    const address = await keepKey(
      context.home,
      args.name,
      purposeOf(args.purpose),
      key,
      await askPassphrase(context, { confirm: true }),
    )
    context.out.line(`${padTo(args.purpose, 10)} ${address}`)
    context.out.data({ name: args.name, purpose: args.purpose, address })
  },
)

const add = command(
  'key add',
  { en: 'Add a key of another set to the organization', zh: '为组织添加另一组中的密钥' },
  {
    name: {
      type: 'positional',
      description: { en: 'Set that holds the new key', zh: '新密钥所在的密钥组' },
      required: true,
    },
    purpose: PURPOSE_ARG,
    from: {
      type: 'string',
      valueHint: 'SEQUENCE',
      description: {
        en: 'First sequence it may sign; the one after the head where left out',
        zh: '可签名的首个序号；省略时为当前序号之后',
      },
    },
    to: {
      type: 'string',
      valueHint: 'SEQUENCE',
      description: { en: 'Last sequence it may sign', zh: '可签名的最后序号' },
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const purpose = signing(args.purpose)
    const acting = await openActing(context, args.key)
    const { client, registry } = acting.connection
    const fresh = await openKey(context, args.name, purpose)
    const head = purpose === 'acts' ? 0 : (await client.head(acting.organization, NUMBERS[purpose])).sequence
    const [from, to] = purpose === 'acts' ? [0, 0] : [sequence(args.from, head + 1), sequence(args.to, SEQUENCE_MAX)]
    const fields = { organization: acting.organization, key: addressOf(fresh), purpose: NUMBERS[purpose], from, to }
    const job = await relayAct(client, registry, 'AddKey', fields, { acting: acting.key, newKeys: [fresh] })
    await show(context, acting.connection, job, {
      en: `${addressOf(fresh)} may sign ${purpose}.`,
      zh: `${addressOf(fresh)} 可以签署 ${purpose}。`,
    })
  },
)

const rotate = command(
  'key rotate',
  { en: 'Put the key of another set in place of the present one', zh: '用另一组中的密钥替换现有密钥' },
  {
    name: {
      type: 'positional',
      description: { en: 'Set that holds the new key', zh: '新密钥所在的密钥组' },
      required: true,
    },
    purpose: PURPOSE_ARG,
    from: {
      type: 'string',
      valueHint: 'SEQUENCE',
      description: {
        en: 'First sequence of the new key; the one after the head where left out',
        zh: '新密钥的首个序号；省略时为当前序号之后',
      },
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const purpose = signing(args.purpose)
    const acting = await openActing(context, args.key)
    const { client, registry } = acting.connection
    const fresh = await openKey(context, args.name, purpose)
    const oldKey = await addressIn(context.home, args.key, purpose)
    const head = purpose === 'acts' ? 0 : (await client.head(acting.organization, NUMBERS[purpose])).sequence
    const from = purpose === 'acts' ? 0 : sequence(args.from, head + 1)
    await agree(context, `${oldKey} → ${addressOf(fresh)}`)
    const fields = { organization: acting.organization, oldKey, newKey: addressOf(fresh), from }
    const job = await relayAct(client, registry, 'RotateKey', fields, { acting: acting.key, newKeys: [fresh] })
    await show(context, acting.connection, job, {
      en: `${addressOf(fresh)} signs ${purpose} from now on.`,
      zh: `此后由 ${addressOf(fresh)} 签署 ${purpose}。`,
    })
  },
)

const revoke = command(
  'key revoke',
  { en: 'End a key; what it signed before stays valid', zh: '撤销密钥；此前的签名仍然有效' },
  {
    address: { type: 'positional', description: { en: 'Address of the key', zh: '密钥地址' }, required: true },
    last: {
      type: 'string',
      valueHint: 'SEQUENCE',
      description: {
        en: 'The last sequence it counts for; the head where left out',
        zh: '其有效的最后序号；省略时为当前序号',
      },
    },
    key: KEY_ARG,
    ...CONNECT_ARGS,
  },
  async (context, args) => {
    const acting = await openActing(context, args.key)
    const { client, registry } = acting.connection
    const address = args.address.toLowerCase() as `0x${string}`
    const { key } = await client.key(address)
    const head =
      key === null || key.purpose === 'acts'
        ? 0
        : (await client.head(acting.organization, NUMBERS[key.purpose])).sequence
    await agree(
      context,
      context.out.say({ en: `revoke ${address}; this cannot be undone`, zh: `撤销 ${address}，此操作无法恢复` }),
    )
    const fields = { organization: acting.organization, key: address, last: sequence(args.last, head) }
    const job = await relayAct(client, registry, 'RevokeKey', fields, { acting: acting.key })
    await show(context, acting.connection, job, { en: `${address} is revoked.`, zh: `${address} 已撤销。` })
  },
)

/** Everything about keys. */
export const key = group(
  'key',
  { en: 'Keys: make, add, rotate, revoke, export', zh: '密钥：生成、添加、轮换、撤销、导出' },
  {
    new: make,
    list,
    add,
    rotate,
    revoke,
    export: exportKey,
    import: importKey,
  },
)

function purposeOf(text: string): Purpose {
  const purpose = PURPOSES.find((item) => item === text)
  if (purpose === undefined)
    throw usageError({
      en: `${text} is no purpose of a key. The purposes are ${PURPOSES.join(', ')}.`,
      zh: `${text} 不是密钥用途。用途有 ${PURPOSES.join('、')}。`,
    })
  return purpose
}

function signing(text: string): Exclude<Purpose, 'recovery' | 'reader'> {
  const purpose = purposeOf(text)
  if (purpose === 'reader')
    throw usageError({
      en: 'A reader’s key signs nothing. It is logged with tanlian privacy publish.',
      zh: '读者密钥不用于签名。请用 tanlian privacy publish 发布。',
    })
  if (purpose === 'recovery')
    throw usageError({
      en: 'A recovery key is named at application and replaced by recovery only.',
      zh: '恢复密钥在申请时指定，只能通过恢复更换。',
    })
  return purpose
}

function sequence(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (/^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw usageError({ en: `${text} is no sequence: give a whole number.`, zh: `${text} 不是序号：请给出整数。` })
}

async function readStdin(): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of process.stdin) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
