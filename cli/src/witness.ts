import { addressOf, fromHex, openReader, openVkey, type Reader } from '@tanlian/evidence'
import { type Chain, decryptKey, type KeySession, openChain, openRpc, readKeystore, signIn } from '@tanlian/sdk'
import { readWanted } from '@tanlian/sdk/node'
import { type Authorize, openWitness, serveWitness, type WitnessServer } from '@tanlian/sdk/witness'
import { TanlianError } from '@tanlian/units'
import { type Context, command, usageError } from './command.ts'
import { CONNECT_ARGS, type Connection, connect, gateOptions } from './connect.ts'
import { EXIT } from './exit.ts'
import { askPassphrase, openKey } from './keys.ts'
import { addressFromLog } from './log-address.ts'
import { tellStatus } from './witness-status.ts'

/** `tanlian witness NAME`: follows the log from the chain, audits every batch, logs what it found, cosigns checkpoints (见证). */
export const witness = command(
  'witness',
  {
    en: 'Audit every batch in the log by yourself, log what holds, cosign the checkpoints',
    zh: '自行审计日志中的每个批次，将结果上链，并联署检查点',
  },
  {
    name: {
      type: 'positional',
      required: true,
      description: { en: 'Name of the key set that signs the audits', zh: '签署审计文件的密钥组名称' },
    },
    data: {
      type: 'string',
      required: true,
      valueHint: 'DIR',
      description: { en: 'Folder of what was followed, audited and signed', zh: '跟随、审计与签署记录的目录' },
    },
    ...CONNECT_ARGS,
    rpc: {
      type: 'string',
      valueHint: 'URL[,URL]',
      description: {
        en: 'Your own chain node, or two that must agree (else TANLIAN_RPC)',
        zh: '您自己的链节点；给出两个时须一致（默认取 TANLIAN_RPC）',
      },
    },
    gateway: {
      type: 'string',
      valueHint: 'URL[,URL]',
      description: {
        en: 'Gateways to fetch blocks from (else TANLIAN_GATEWAY, the platform)',
        zh: '获取数据块的网关（默认取 TANLIAN_GATEWAY，否则为平台）',
      },
    },
    log: {
      type: 'string',
      valueHint: 'ADDRESS',
      description: {
        en: 'The EvidenceLog contract that you know (else TANLIAN_LOG, what the platform names)',
        zh: '您所知的 EvidenceLog 合约地址（默认取 TANLIAN_LOG，否则取平台所述）',
      },
    },
    vkey: {
      type: 'string',
      valueHint: 'KEY',
      description: {
        en: 'The checkpoint’s key that you know (else what the platform names)',
        zh: '您所知的检查点公钥（默认取平台所述）',
      },
    },
    listen: {
      type: 'string',
      valueHint: '[HOST:]PORT',
      description: {
        en: 'Cosign for whoever asks (C2SP tlog-witness), and show proofs and complaints, at this address',
        zh: '在此地址应请求联署（C2SP tlog-witness），并公开所掌握的双签证明与投诉',
      },
    },
    logs: {
      type: 'string',
      valueHint: 'FILE',
      description: {
        en: 'Keys of other logs to cosign when asked, one a line',
        zh: '应请求联署的其他日志的公钥文件，每行一个',
      },
    },
    reader: {
      type: 'string',
      valueHint: 'FILE',
      description: {
        en: 'Your reader’s key for sealed batches: keys/NAME/reader.json, or 64 hex digits',
        zh: '读取加密批次的密钥文件：keys/名称/reader.json，或 64 位十六进制',
      },
    },
    every: {
      type: 'string',
      valueHint: 'SECONDS',
      default: '60',
      description: { en: 'How old a finding grows before it is logged', zh: '审计结果最迟多久上链（秒）' },
    },
    patience: {
      type: 'string',
      valueHint: 'SECONDS',
      default: '600',
      description: { en: 'How long blocks may be missing before that is logged', zh: '数据块缺失多久后上链说明（秒）' },
    },
    poll: {
      type: 'string',
      valueHint: 'SECONDS',
      default: '2',
      description: { en: 'How often the chain is asked for news', zh: '查询链上新条目的间隔（秒）' },
    },
    confirmations: {
      type: 'string',
      valueHint: 'N',
      default: '0',
      description: { en: 'Blocks on top before a checkpoint is cosigned', zh: '检查点之上达到此区块数才联署' },
    },
    once: { type: 'boolean', description: { en: 'Do what there is now, and end', zh: '处理完现有内容后结束' } },
  },
  async (context, args) => {
    const { out, settings, home } = context
    const connection = await connect(context)
    const documentKey = await openKey(context, args.name, 'documents')
    const organization = await organizationOf(connection, documentKey)
    const once = args.once === true
    const readers: Reader[] = args.reader === undefined ? [] : [await readReader(context, args.reader)]
    const own = await openWitness({
      folder: args.data,
      home,
      organization,
      documentKey,
      chains: await chainsOf(context, connection),
      client: connection.client,
      vkey: args.vkey ?? connection.wellKnown.vkey,
      ...pickReceiptKey(connection),
      otherLogs: args.logs === undefined ? [] : await readLogs(args.logs),
      gateways: settings.get('gateway')?.split(',') ?? [connection.client.http.base],
      readers,
      ...(readers.length === 0 ? {} : { authorize: sessionAt(connection, organization, documentKey) }),
      everyMs: seconds('--every', args.every),
      patienceMs: once ? 0 : seconds('--patience', args.patience),
      pollMs: seconds('--poll', args.poll),
      confirmations: whole('--confirmations', args.confirmations),
    })
    const ending = new AbortController()
    const end = () => ending.abort()
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
    // Of a witness that another program started: that program is gone.
    process.once('disconnect', end)
    out.note(
      `${out.colors.dim('◇')} ${out.say({ en: 'witness of organization', zh: '见证方：组织' })} ${organization}  ${own.vkey}`,
    )
    const telling = tellStatus(out, () => own.status)
    let server: WitnessServer | undefined
    try {
      if (args.listen !== undefined) {
        server = await serveWitness(own, readListen(args.listen))
        out.note(`${out.colors.dim('◇')} ${out.say({ en: 'listening on', zh: '监听' })} ${server.url}`)
      }
      await own.run(ending.signal, once)
    } finally {
      await server?.close()
      telling()
      await own.close()
      process.off('SIGTERM', end)
      process.off('SIGINT', end)
    }
    if (own.status.failed > 0 && once) process.exitCode = EXIT.failed
  },
  [
    'witness regulator --data ./witness --rpc http://127.0.0.1:8545 --log 0x…',
    'witness verifier --data ./witness --rpc URL,URL --gateway URL,URL --every 30',
    'witness verifier --data ./witness --listen 0.0.0.0:8790 --logs ./logs.txt',
  ],
)

/** The organization whose documents a key signs. Codes: E_KEY_REFUSED. */
async function organizationOf({ client }: Connection, documentKey: Uint8Array): Promise<number> {
  const address = addressOf(documentKey)
  const { key } = await client.key(address)
  if (key !== null && key.purpose === 'documents') return key.organization
  throw new TanlianError(
    'E_KEY_MISSING',
    `The registry names ${address} for no organization's documents. Add it with \`tanlian key add\`.`,
    { values: { address } },
  )
}

/** A session at the platform, for what it keeps for readers; renewed before it ends. */
function sessionAt({ client }: Connection, organization: number, documentKey: Uint8Array): Authorize {
  let session: Promise<KeySession> | undefined
  let untilMs = 0
  return async (gateway) => {
    if (gateway.replace(/\/+$/, '') !== client.http.base) return {}
    if (session === undefined || Date.now() > untilMs) {
      untilMs = Number.POSITIVE_INFINITY
      session = signIn(client, organization, documentKey)
      session.then(
        ({ expires }) => {
          untilMs = Date.parse(expires) - 60_000
        },
        () => {
          session = undefined
        },
      )
    }
    return { authorization: `Bearer ${(await session).token}` }
  }
}

/** The nodes that the user named; the platform's own is a makeshift and said to be one. */
async function chainsOf(context: Context, { wellKnown }: Connection): Promise<Chain[]> {
  const { out, settings } = context
  const named = settings.get('rpc')
  const urls = named?.split(',') ?? (wellKnown.rpc === null ? [] : [wellKnown.rpc])
  const [first] = urls
  if (first === undefined || urls.length > 2)
    throw usageError({
      en: 'Name one chain node with --rpc, or two with a comma.',
      zh: '请用 --rpc 指定一个链节点，或以逗号分隔的两个。',
    })
  const log = settings.get('log')
  if (named === undefined || log === undefined)
    out.note(
      out.say({
        en: 'The chain node or the log contract is what the platform says. A witness that is to be believed names its own with --rpc and --log.',
        zh: '链节点或日志合约取自平台所述。要使见证可信，请用 --rpc 和 --log 指定自己的。',
      }),
    )
  const { chainId, contracts } = wellKnown
  const address =
    log === undefined
      ? { chainId, evidenceLog: contracts.EvidenceLog, organizationRegistry: contracts.OrganizationRegistry }
      : await addressFromLog(first, log)
  return urls.map((url) => openChain(openRpc({ url }), address))
}

function pickReceiptKey(connection: Connection): { receiptKey?: Uint8Array } {
  const { receiptKey } = gateOptions(connection)
  return receiptKey === undefined ? {} : { receiptKey }
}

/** A reader's key from a file: encrypted as `tanlian key new` keeps it, or bare. Codes: E_KEYSTORE_…, E_HEX. */
async function readReader(context: Context, path: string): Promise<Reader> {
  const text = new TextDecoder().decode(await readWanted(path)).trim()
  if (!text.startsWith('{')) return openReader(fromHex(text, 32))
  return openReader(await decryptKey(readKeystore(text), await askPassphrase(context, { confirm: false })))
}

/** Keys of logs, one a line; a line that begins with # is a remark. */
async function readLogs(path: string): Promise<string[]> {
  const lines = new TextDecoder()
    .decode(await readWanted(path))
    .split('\n')
    .map((line) => line.trim())
  const vkeys = lines.filter((line) => line !== '' && !line.startsWith('#'))
  const names = vkeys.map((vkey) => openVkey(vkey)).map(({ name, use }) => (use === 'log' ? name : ''))
  if (names.includes('') || new Set(names).size < names.length)
    throw usageError({
      en: `${path} names a key that is not a log’s, or one log twice.`,
      zh: `${path} 中有不属于日志的公钥，或同一日志出现两次。`,
    })
  return vkeys
}

/** `PORT` on this machine alone, or `HOST:PORT`. */
function readListen(text: string): { host: string; port: number } {
  const match = /^(?:(.+):)?([0-9]{1,5})$/.exec(text)
  if (match === null || Number(match[2]) > 65_535)
    throw usageError({ en: `--listen ${text} is no address.`, zh: `--listen ${text} 不是地址。` })
  return { host: match[1]?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port: Number(match[2]) }
}

function seconds(flag: string, text: string): number {
  return 1000 * whole(flag, text)
}

function whole(flag: string, text: string): number {
  if (/^[0-9]{1,7}$/.test(text)) return Number(text)
  throw usageError({ en: `${flag} ${text} is no whole number.`, zh: `${flag} ${text} 不是整数。` })
}
