import { readdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { openClient } from '@tanlian/sdk'
import { below, createDurably, makeFolder, readIfThere, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { type Context, command, usageError } from './command.ts'
import { demoHome, founderOf, openKeyring } from './demo/keyring.ts'
import { DEMO_PARTIES, type DemoParty } from './demo/parties.ts'
import { type DemoState, seedDemo } from './demo/seed.ts'
import { padTo } from './output.ts'
import { networkAddresses, requirePort } from './up/ports.ts'
import { type Platform, type ProgressLine, startPlatform } from './up/process.ts'
import { buildPages } from './up/web.ts'

const VERSION = '0.1.0'
/** In every data folder: tells ours from a folder that only has the same name. */
export const MARK = 'tanlian-data'

/** `tanlian up`: the whole system on this machine, until it is told to end. */
export const up = command(
  'up',
  { en: 'Start the platform with its database and chain on this machine', zh: '在本机启动平台及其数据库和链' },
  {
    demo: { type: 'boolean', description: 'Fill it with the demo: every kind of party, real data' },
    fresh: { type: 'boolean', description: 'Delete the data folder first and start over' },
    port: { type: 'string', valueHint: 'N', description: 'Port of the pages and the API', default: '8787' },
    'rpc-port': { type: 'string', valueHint: 'N', description: 'Port of the embedded chain', default: '8545' },
    data: { type: 'string', valueHint: 'DIR', description: 'Data folder (else TANLIAN_DATA; ./.tanlian)' },
    host: {
      type: 'string',
      valueHint: 'ADDRESS',
      description: 'Address to listen on; only this machine where left out',
      default: '127.0.0.1',
    },
  },
  async (context, args) => {
    const { out } = context
    const { green, dim } = out.colors
    const data = resolve(context.settings.get('data') ?? '.tanlian')
    const port = portOf('--port', args.port)
    const rpcPort = portOf('--rpc-port', args['rpc-port'])
    const fresh = args.fresh === true
    await prepareFolder(data, fresh)
    await requirePort(args.host, port, '--port')
    await requirePort('127.0.0.1', rpcPort, '--rpc-port')
    out.note(
      `${dim('◇')} 碳链 ${VERSION}${args.demo === true ? ' · demo' : ''} · ${out.say({ en: 'data in', zh: '数据目录' })} ${data}`,
    )
    const bar = dim('│')
    const step = (name: string, detail: string, ms?: number) =>
      out.note(
        `${bar} ${padTo(name, 10)} ${padTo(detail, 36)} ${green(out.say({ en: 'ready', zh: '就绪' }))}${ms === undefined ? '' : `  ${(ms / 1000).toFixed(1)} s`}`,
      )
    const started = performance.now()

    const parties = args.demo === true ? DEMO_PARTIES : DEMO_PARTIES.slice(0, 1)
    const home = demoHome(data)
    const keyring = await openKeyring(
      home,
      parties.map(({ name }) => name),
    )
    await makeFolder(below(home, 'people'))
    const pages = await buildPages(() =>
      out.progress(`${bar} ${padTo('web', 10)} ${out.say({ en: 'building the pages …', zh: '正在构建页面…' })}`),
    )
    out.clear()
    if (pages.built) step('web', out.say({ en: 'pages built', zh: '页面已构建' }), performance.now() - started)
    if (pages.problem !== undefined)
      out.note(
        `${bar} ${padTo('web', 10)} ${out.say({ en: 'the pages could not be built', zh: '页面构建失败' })}: ${pages.problem}`,
      )

    const founder = below(home, 'founder.json')
    await writeDurably(founder, `${JSON.stringify(await founderOf(keyring, parties[0] as DemoParty))}\n`)
    const platform = await startPlatform(
      {
        data: below(data, 'platform'),
        host: args.host,
        port,
        rpcPort,
        demo: args.demo === true,
        web: pages.folder,
        founder,
        fresh,
      },
      (line) => {
        const shown = detailOf(context, line)
        if (shown !== undefined) step(line.step, shown, line.ms)
      },
    )
    const ending = new AbortController()
    const end = () => {
      ending.abort()
      void platform.stop()
    }
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
    const url = `http://localhost:${port}`
    try {
      await platform.listening
      if (args.demo === true) await fillDemo(context, { url, home, keyring, signal: ending.signal, started })
      else out.line(`${dim('└')} ${out.say({ en: 'Open', zh: '打开' })} ${out.colors.bold(url)}`)
      sayNetwork(context, args.host, port)
      out.data({ url, data, port, rpcPort, demo: args.demo === true })
      await finish(platform, ending.signal)
    } catch (error) {
      if (!ending.signal.aborted) throw error
      await platform.ended
    } finally {
      await platform.stop()
      process.off('SIGTERM', end)
      process.off('SIGINT', end)
    }
  },
)

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

/** Seeds the demo and shows how it comes along; the address is printed as soon as the pages have something to show. */
async function fillDemo(
  { out }: Context,
  options: {
    url: string
    home: string
    keyring: Awaited<ReturnType<typeof openKeyring>>
    signal: AbortSignal
    started: number
  },
): Promise<void> {
  const { dim, bold, green } = out.colors
  const seconds = () => ((performance.now() - options.started) / 1000).toFixed(0)
  const text = (state: DemoState) =>
    `${dim('│')} ${padTo('data', 10)} ${state.parties}/${state.ofParties} ${out.say({ en: 'parties', zh: '个主体' })}  ${state.batches}/${state.ofBatches} ${out.say({ en: 'batches', zh: '个批次' })}  ${state.readings.toLocaleString('en').replaceAll(',', ' ')} ${out.say({ en: 'readings', zh: '条读数' })}  ${seconds()} s`
  const state = await seedDemo({
    ...options,
    onState: (now) => out.progress(text(now)),
    onFirstData: () => {
      out.line(
        `${dim('└')} ${out.say({ en: 'Open', zh: '打开' })} ${bold(options.url)}  ${dim(out.say({ en: 'the rest of the data is still coming', zh: '其余数据仍在导入' }))}`,
      )
    },
  })
  if (options.signal.aborted) return
  const { size } = await openClient({ base: options.url }).log()
  out.clear()
  out.note(
    `${green('✔')} ${state.readings.toLocaleString('en').replaceAll(',', ' ')} ${out.say({ en: 'readings in', zh: '条读数，' })} ${state.batches} ${out.say({ en: 'batches', zh: '个批次' })}, ${size} ${out.say({ en: 'entries in the log', zh: '条目已上链' })}, 0 ${out.say({ en: 'outside witnesses', zh: '个外部见证方' })}  ${seconds()} s`,
  )
}

/** Says what works over plain http from elsewhere in the network, and what does not. */
function sayNetwork({ out }: Context, host: string, port: number): void {
  if (host === '127.0.0.1' || host === 'localhost' || host === '::1') return
  for (const address of networkAddresses()) out.note(`  http://${address}:${port}`)
  out.note(
    out.say({
      en: '  Other devices read and check over plain http, but their browsers then allow no passkeys, no camera, no offline check page; put TLS in front for these.',
      zh: '  其他设备可通过 http 阅读和验证，但浏览器在此情况下不允许通行密钥、摄像头和离线验证页；如需使用，请在前面加上 TLS。',
    }),
  )
}

/** Makes the data folder, or empties it; one that holds other things than ours is not touched. Codes: E_BACKUP_TARGET. */
async function prepareFolder(data: string, fresh: boolean): Promise<void> {
  const names = await readdir(data).catch(() => undefined)
  const ours = names === undefined || names.length === 0 || (await readIfThere(below(data, MARK))) !== undefined
  if (!ours) {
    throw new TanlianError(
      'E_BACKUP_TARGET',
      `${data} holds other things than data of Tanlian. Name an empty folder with --data.`,
      { values: { data } },
    )
  }
  // The platform's own part is emptied by the platform: a database that outlived its last run has to be stopped first.
  if (fresh)
    for (const name of names ?? [])
      if (name !== 'platform' && name !== MARK) await rm(below(data, name), { recursive: true, force: true })
  await makeFolder(data)
  await createDurably(below(data, MARK), `${VERSION}\n`)
}

function portOf(flag: string, text: string): number {
  const port = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && port >= 1 && port <= 65535) return port
  throw usageError(`${flag} ${text} is no port: give a number from 1 to 65535.`)
}
