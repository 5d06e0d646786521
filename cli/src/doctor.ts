import { execFile } from 'node:child_process'
import { access, constants, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { openRpc } from '@tanlian/sdk'
import { isAlive, readIfThere } from '@tanlian/sdk/node'
import { command } from './command.ts'
import { EXIT } from './exit.ts'
import { padTo, type Text } from './output.ts'
import { PLACE_ARGS } from './up/place.ts'
import { isPortFree, portOf } from './up/ports.ts'

/** One thing that was looked at. `ok` null: worth knowing, not a fault. */
interface Finding {
  readonly name: 'node' | 'disk' | 'folder' | 'memory' | 'port' | 'rpc-port' | 'clock' | 'fonts'
  readonly ok: boolean | null
  readonly found: string
  readonly advice?: Text
}

/** What was looked at, by its name in the JSON. */
const LABELS: Readonly<Record<Finding['name'], Text>> = {
  node: { en: 'Node', zh: 'Node' },
  disk: { en: 'disk', zh: '磁盘' },
  folder: { en: 'folder', zh: '目录' },
  memory: { en: 'memory', zh: '内存' },
  port: { en: 'port', zh: '端口' },
  'rpc-port': { en: 'chain port', zh: '链端口' },
  clock: { en: 'clock', zh: '时钟' },
  fonts: { en: 'fonts', zh: '字体' },
}

const DISK_LEAST = 3e9
const MEMORY_LEAST = 2e9
/** A clock that is further off signs acts that have expired, or times that nobody believes. */
const CLOCK_MOST_S = 60

/** `tanlian doctor`: looks at what usually keeps the system from starting, and says what to do. */
export const doctor = command(
  'doctor',
  { en: 'Look at disk, ports, Node, clock and fonts', zh: '检查磁盘、端口、Node、时钟和字体' },
  {
    ...PLACE_ARGS,
    url: {
      type: 'string',
      valueHint: 'URL',
      description: { en: 'A platform whose clock is compared', zh: '用于比对时钟的平台' },
    },
    rpc: {
      type: 'string',
      valueHint: 'URL',
      description: { en: 'A chain node whose clock is compared', zh: '用于比对时钟的链节点' },
    },
  },
  async (context, args) => {
    const { out, settings } = context
    const data = resolve(settings.get('data') ?? '.tanlian')
    const findings: Finding[] = [
      nodeVersion(),
      await diskSpace(data),
      await folderRights(data),
      memory(),
      await port(portOf('--port', args.port), '--port', data),
      await port(portOf('--rpc-port', args['rpc-port']), '--rpc-port', data),
      await clock(settings.get('url'), settings.get('rpc')),
      await fonts(),
    ]
    for (const { ok, name, found, advice } of findings) {
      const mark = ok === true ? out.colors.green('✔') : ok === false ? out.colors.red('✘') : out.colors.yellow('–')
      out.line(
        `${mark} ${padTo(out.say(LABELS[name]), 10)} ${found}${ok === true || advice === undefined ? '' : `  → ${out.say(advice)}`}`,
      )
    }
    out.data({ ok: findings.every(({ ok }) => ok !== false), findings })
    if (findings.some(({ ok }) => ok === false)) process.exitCode = EXIT.failed
  },
)

function nodeVersion(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  return {
    name: 'node',
    ok: major >= 24,
    found: process.versions.node,
    advice: { en: 'Start it through npm, which brings Node 24.', zh: '请通过 npm 启动，npm 会带上 Node 24。' },
  }
}

async function diskSpace(data: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await existingParent(data))
  const free = bavail * bsize
  return {
    name: 'disk',
    ok: free >= DISK_LEAST,
    found: `${(free / 1e9).toFixed(1)} GB`,
    advice: {
      en: 'Free some space, or name another folder with --data.',
      zh: '请释放空间，或用 --data 指定其他目录。',
    },
  }
}

async function folderRights(data: string): Promise<Finding> {
  const parent = await existingParent(data)
  const ok = await access(parent, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  return {
    name: 'folder',
    ok,
    found: data,
    advice: { en: 'This user may not write there.', zh: '当前用户无权写入该目录。' },
  }
}

function memory(): Finding {
  const all = totalmem()
  return {
    name: 'memory',
    ok: all >= MEMORY_LEAST,
    found: `${(all / 1e9).toFixed(1)} GB`,
    advice: { en: 'Two gigabytes are needed.', zh: '需要 2 GB 内存。' },
  }
}

async function port(number: number, flag: '--port' | '--rpc-port', data: string): Promise<Finding> {
  const free = await isPortFree('127.0.0.1', number)
  const holder = await holderOf(data)
  const own = !free && isAlive(holder)
  return {
    name: flag === '--port' ? 'port' : 'rpc-port',
    ok: free || (own ? null : false),
    found: String(number),
    advice: own
      ? {
          en: `taken, and a platform of this folder is running (${holder})`,
          zh: `已占用；本目录的平台正在运行（${holder}）`,
        }
      : { en: `taken by another program: name another with ${flag}`, zh: `被其他程序占用：请用 ${flag} 指定其他端口` },
  }
}

/** The process that holds a data folder; 0 for none. */
async function holderOf(data: string): Promise<number> {
  const text = new TextDecoder().decode((await readIfThere(resolve(data, 'platform', 'lock'))) ?? new Uint8Array())
  try {
    return Number((JSON.parse(text) as { pid?: unknown }).pid ?? 0)
  } catch {
    return 0
  }
}

/** Compares this clock with the platform's or the chain's, which is all the time that an entry can be given. */
async function clock(url: string | undefined, rpc: string | undefined): Promise<Finding> {
  const advice = {
    en: 'Set the clock: times of acts and receipts depend on it.',
    zh: '请校准时钟：操作和回执的时间依赖于它。',
  }
  const now = () => Date.now() / 1000
  try {
    if (rpc !== undefined) {
      const block = (await openRpc({ url: rpc, tries: 1, timeoutMs: 5000 })('eth_getBlockByNumber', [
        'latest',
        false,
      ])) as { timestamp?: string } | null
      const ahead = Number(block?.timestamp ?? Number.NaN) - now()
      // The newest block may be old where nothing happens; only a block from the future tells that this clock is behind.
      return {
        name: 'clock',
        ok: ahead <= CLOCK_MOST_S,
        found: `${new Date().toISOString()} (${Math.round(ahead)} s)`,
        advice,
      }
    }
    if (url !== undefined) {
      const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) })
      const ahead = Date.parse(response.headers.get('date') ?? '') / 1000 - now()
      if (Number.isFinite(ahead))
        return {
          name: 'clock',
          ok: Math.abs(ahead) <= CLOCK_MOST_S,
          found: `${new Date().toISOString()} (${Math.round(ahead)} s)`,
          advice,
        }
    }
  } catch {
    return {
      name: 'clock',
      ok: null,
      found: new Date().toISOString(),
      advice: { en: 'nobody answered to compare it with', zh: '没有可供比较的应答' },
    }
  }
  const sane = new Date().getUTCFullYear() >= 2025
  return {
    name: 'clock',
    ok: sane ? null : false,
    found: new Date().toISOString(),
    advice: sane ? { en: 'compare it by --url or --rpc', zh: '可用 --url 或 --rpc 比较' } : advice,
  }
}

/** Chinese fonts: browsers draw boxes without them, and so do pictures of pages. */
async function fonts(): Promise<Finding> {
  const advice = {
    en: 'Install Chinese fonts, on Debian: apt-get install fonts-noto-cjk',
    zh: '请安装中文字体，Debian：apt-get install fonts-noto-cjk',
  }
  if (process.platform === 'darwin' || process.platform === 'win32')
    return { name: 'fonts', ok: true, found: process.platform }
  try {
    const { stdout } = await promisify(execFile)('fc-list', [':lang=zh', 'family'], { timeout: 5000 })
    const first = stdout.trim().split('\n')[0] ?? ''
    return { name: 'fonts', ok: first === '' ? null : true, found: first === '' ? '0' : first, advice }
  } catch {
    return { name: 'fonts', ok: null, found: 'fc-list', advice }
  }
}

async function existingParent(path: string): Promise<string> {
  for (let now = path; ; now = dirname(now)) {
    if (
      (await access(now).then(
        () => true,
        () => false,
      )) ||
      dirname(now) === now
    )
      return now
  }
}
