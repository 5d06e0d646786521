import { resolve } from 'node:path'
import { below, makeFolder, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { type Context, command, usageError } from './command.ts'
import { demoHome, founderOf, openKeyring } from './demo/keyring.ts'
import { DEMO_PARTIES, DEMO_WITNESSES, type DemoParty } from './demo/parties.ts'
import { runYear, type YearOptions } from './demo/year/run.ts'
import { padTo } from './output.ts'
import { fillDemo } from './up/fill.ts'
import { prepareFolder } from './up/folder.ts'
import { endWithNpm } from './up/npm.ts'
import { PLACE_ARGS } from './up/place.ts'
import { type LivePlants, startPlants } from './up/plants.ts'
import { networkAddresses, portOf, requirePort } from './up/ports.ts'
import { type Platform, type ProgressLine, startPlatform } from './up/process.ts'
import { buildPages } from './up/web.ts'
import { type LiveWitnesses, startWitnesses } from './up/witnesses.ts'

const VERSION = '0.1.0'

/** `tanlian up`: the whole system on this machine, until it is told to end. */
export const up = command(
  'up',
  { en: 'Start the platform with its database and chain on this machine', zh: '在本机启动平台及其数据库和链' },
  {
    demo: {
      type: 'boolean',
      description: {
        en: 'Fill it with the demo: every kind of party, real data',
        zh: '填入演示内容：各类主体与真实数据',
      },
    },
    fresh: {
      type: 'boolean',
      description: { en: 'Delete the data folder first and start over', zh: '先清空数据目录，从头开始' },
    },
    ...PLACE_ARGS,
    host: {
      type: 'string',
      valueHint: 'ADDRESS',
      description: { en: 'Address to listen on; only this machine where left out', zh: '监听地址；省略时仅限本机' },
      default: '127.0.0.1',
    },
    'public-rpc': {
      type: 'string',
      valueHint: 'URL',
      description: {
        en: 'With RPC_URL: the address of that chain for browsers and checkers',
        zh: '配合 RPC_URL：供浏览器和验证者使用的链地址',
      },
    },
    confirmations: {
      type: 'string',
      valueHint: 'N',
      description: {
        en: 'With RPC_URL: blocks on top of an entry before it is called anchored',
        zh: '配合 RPC_URL：条目之上达到此区块数才称为已上链',
      },
    },
  },
  async (context, args) => {
    const { out } = context
    const { dim } = out.colors
    const data = resolve(context.settings.get('data') ?? '.tanlian')
    const port = portOf('--port', args.port)
    const rpcPort = portOf('--rpc-port', args['rpc-port'])
    const embedded = (process.env.RPC_URL ?? '') === ''
    if (embedded && port === rpcPort)
      throw usageError({
        en: `--port and --rpc-port are both ${port}: they must differ.`,
        zh: `--port 与 --rpc-port 都是 ${port}：两者必须不同。`,
      })
    const demo = args.demo === true
    const fresh = args.fresh === true
    await prepareFolder(data, fresh, VERSION)
    await requirePort(args.host, port, '--port')
    if (embedded) await requirePort('127.0.0.1', rpcPort, '--rpc-port')
    out.note(
      `${dim('◇')} 碳链 ${VERSION}${demo ? ' · demo' : ''} · ${out.say({ en: 'data in', zh: '数据目录' })} ${data}`,
    )
    const started = performance.now()
    const step: Step = (name, detail, ms = performance.now() - started) => sayReady(context, name, detail, ms)

    const parties = demo ? DEMO_PARTIES : DEMO_PARTIES.slice(0, 1)
    const home = demoHome(data)
    const keyring = await openKeyring(
      home,
      parties.map(({ name }) => name),
    )
    await makeFolder(below(home, 'people'))
    const web = await preparePages(context, step)
    const founder = below(home, 'founder.json')
    await writeDurably(founder, `${JSON.stringify(await founderOf(keyring, parties[0] as DemoParty))}\n`)
    const platform = await startPlatform(
      {
        data: below(data, 'platform'),
        host: args.host,
        port,
        rpcPort,
        demo,
        web,
        founder,
        fresh,
        publicRpc: args['public-rpc'],
        confirmations: args.confirmations,
      },
      (line) => {
        const shown = detailOf(context, line)
        if (shown !== undefined) step(line.step, shown)
      },
    )
    const ending = new AbortController()
    let plants: LivePlants | undefined
    let witnesses: LiveWitnesses | undefined
    let reporting: Promise<void> | undefined
    const end = () => {
      ending.abort()
      void plants?.stop()
      void witnesses?.stop()
      void platform.stop()
    }
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
    const released = endWithNpm(end)
    const url = `http://localhost:${port}`
    try {
      await platform.listening
      if (demo) await fillDemo(context, { url, home, keyring, signal: ending.signal, step })
      if (demo && !ending.signal.aborted) plants = await startPlants({ url, data, home, keyring })
      if (demo && !ending.signal.aborted) witnesses = await startWitnesses({ url, data, home })
      if (!ending.signal.aborted) {
        out.line(`${dim('└')} ${out.say({ en: 'Open', zh: '打开' })} ${out.colors.bold(url)}`)
        sayNetwork(context, args.host, port)
        out.data({ url, data, port, rpcPort: embedded ? rpcPort : null, demo })
        void plants?.ready.then((count) => ending.signal.aborted || sayPlants(context, count, step))
        void witnesses?.ready.then((batches) => ending.signal.aborted || sayWitnesses(context, batches, step))
        if (demo) reporting = reportYear(context, { url, home, keyring, signal: ending.signal }, step)
      }
      await finish(platform, ending.signal)
    } catch (error) {
      if (!ending.signal.aborted) throw error
      await platform.ended
    } finally {
      released()
      ending.abort()
      await reporting
      await plants?.stop()
      await witnesses?.stop()
      await platform.stop()
      process.off('SIGTERM', end)
      process.off('SIGINT', end)
    }
  },
)

/** The demo's year of reports, while its pages can be looked at already. */
async function reportYear(context: Context, options: Omit<YearOptions, 'onState'>, step: Step): Promise<void> {
  const { out } = context
  try {
    const { reports, verified } = await runYear({ ...options, onState: () => undefined })
    if (options.signal.aborted) return
    step(
      'reports',
      `${reports} ${out.say({ en: 'reports', zh: '份报告' })}, ${verified} ${out.say({ en: 'verified and accepted', zh: '份已核查采信' })}`,
    )
  } catch (error) {
    if (options.signal.aborted) return
    out.note(`${out.colors.dim('│')} ${padTo('reports', 10)} ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Says that a part is ready; `ms` since the start, by default now. */
export type Step = (name: string, detail: string, ms?: number) => void

function sayReady({ out }: Context, name: string, detail: string, ms: number): void {
  const { dim, green } = out.colors
  const ready = green(out.say({ en: 'ready', zh: '就绪' }))
  out.note(`${dim('│')} ${padTo(name, 10)} ${padTo(detail, 44)} ${ready}  ${(ms / 1000).toFixed(1)} s`)
}

/** Says that the plants of the demo are at work, or that they are not. */
function sayPlants({ out }: Context, count: number | undefined, step: Step): void {
  if (count === undefined)
    out.note(
      `${out.colors.dim('│')} ${padTo('plants', 10)} ${out.say({ en: 'the plants ended; their log is plants.log in the data folder', zh: '工厂模拟已结束；日志为数据目录中的 plants.log' })}`,
    )
  else
    step(
      'plants',
      `${count} ${out.say({ en: 'live: HJ 212, MQTT, Modbus, HTTP, files', zh: '个在线：HJ 212、MQTT、Modbus、HTTP、文件' })}`,
    )
}

/** Says that the witnesses of the demo have audited what is there, or that they have not. */
function sayWitnesses({ out }: Context, batches: number | undefined, step: Step): void {
  if (batches === undefined)
    out.note(
      `${out.colors.dim('│')} ${padTo('witnesses', 10)} ${out.say({ en: 'a witness ended; their log is witnesses.log in the data folder', zh: '有见证方已结束；日志为数据目录中的 witnesses.log' })}`,
    )
  else
    step(
      'witnesses',
      `${DEMO_WITNESSES.join(', ')}: ${batches} ${out.say({ en: 'batches audited', zh: '个批次已审计' })}`,
    )
}

/** The folder of the built pages; undefined where they could not be built, and then the API serves alone. */
async function preparePages({ out }: Context, step: Step): Promise<string | undefined> {
  const line = (text: string) => `${out.colors.dim('│')} ${padTo('web', 10)} ${text}`
  const pages = await buildPages(() => out.progress(line(out.say({ en: 'building the pages …', zh: '正在构建页面…' }))))
  out.clear()
  if (pages.built) step('web', out.say({ en: 'pages built', zh: '页面已构建' }))
  if (pages.problem !== undefined)
    out.note(line(`${out.say({ en: 'the pages could not be built', zh: '页面构建失败' })}: ${pages.problem}`))
  return pages.folder
}

/** What is said of a part that is ready; undefined for parts that nobody asks about. */
function detailOf({ out }: Context, { step, detail = {} }: ProgressLine): string | undefined {
  const embedded = detail.embedded === true
  switch (step) {
    case 'database':
      return embedded ? out.say({ en: 'PostgreSQL (embedded)', zh: 'PostgreSQL（内嵌）' }) : 'PostgreSQL (DATABASE_URL)'
    case 'chain':
      // The embedded chain can be wiped by whoever runs it (safety R26).
      return embedded
        ? out.say({ en: 'anvil 31337, development, not final', zh: 'anvil 31337，开发链，无最终性' })
        : 'RPC_URL'
    case 'contracts':
      return 'OrganizationRegistry, EvidenceLog'
    case 'log':
      return `${detail.size} ${out.say({ en: 'entries', zh: '个条目' })}`
    case 'http':
      return String(detail.url)
    default:
      return undefined
  }
}

/** Waits for the end; one that nobody asked for is a failure. Codes: E_UP_START. */
async function finish(platform: Platform, asked: AbortSignal): Promise<void> {
  const code = await platform.ended
  if (asked.aborted) return
  throw new TanlianError(
    'E_UP_START',
    `The platform ended by itself with code ${code}. Its log is platform.log in the data folder.`,
    { values: { code } },
  )
}

/** Says what works over plain http from elsewhere in the network, and what does not. */
function sayNetwork({ out }: Context, host: string, port: number): void {
  if (host === '127.0.0.1' || host === 'localhost' || host === '::1') return
  const every = host === '0.0.0.0' || host === '::'
  for (const address of every ? networkAddresses() : [host]) out.note(`  http://${address}:${port}`)
  out.note(
    out.say({
      en: '  Everybody in this network can open these addresses, and what they send is not encrypted. Over plain http a phone may read and check, but its browser allows no passkeys, no camera and no offline check page; put TLS in front for these. The embedded chain answers this machine only, so a check made elsewhere says "chain not asked".',
      zh: '  同一网络中的任何人都可以打开这些地址，且传输未加密。手机可通过 http 阅读和验证，但其浏览器不允许通行密钥、摄像头和离线验证页；如需使用，请在前面加上 TLS。内嵌链只应答本机，因此在其他设备上的验证会显示“未查询链”。',
    }),
  )
}
