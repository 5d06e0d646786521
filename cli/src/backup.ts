import { spawn } from 'node:child_process'
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { below, createDurably, makeFolder, readIfThere, readWanted, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { type Context, command } from './command.ts'
import { demoHome } from './demo/keyring.ts'
import { MARK } from './up/folder.ts'

const DATA_ARG = {
  type: 'string',
  valueHint: 'DIR',
  description: { en: 'Data folder (else TANLIAN_DATA; ./.tanlian)', zh: '数据目录（默认取 TANLIAN_DATA；./.tanlian）' },
} as const
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `tanlian backup`: everything of a data folder into a new folder, also while it runs. */
export const backup = command(
  'backup',
  {
    en: 'Copy everything into a new folder, also while the platform runs',
    zh: '把全部数据备份到新文件夹，平台运行时也可以',
  },
  { to: { type: 'positional', description: { en: 'New folder', zh: '新目录' }, required: true }, data: DATA_ARG },
  async (context, args) => {
    const { out } = context
    const data = dataOf(context)
    const to = resolve(args.to)
    const report = await platformCommand(['backup', '--data', below(data, 'platform'), '--to', to])
    const keyFile = String(report.keyFile ?? `${to}.key`)
    await writeDurably(join(to, 'enterprise.enc'), seal(await keyOf(keyFile), await readTree(demoHome(data))))
    out.line(
      `${out.colors.green('✔')} ${to}  ${report.rows} ${out.say({ en: 'rows', zh: '行' })}, ${report.blocks} ${out.say({ en: 'blocks', zh: '个数据块' })}, ${(Number(report.bytes) / 1e6).toFixed(1)} MB`,
    )
    out.line(
      out.say({
        en: `  Its key is ${keyFile}. Without it the backup cannot be opened: keep it elsewhere.`,
        zh: `  密钥文件为 ${keyFile}。没有它无法打开备份：请存放在别处。`,
      }),
    )
    out.data(report)
  },
)

/** `tanlian restore`: a data folder from a backup, on a machine that has none. */
export const restore = command(
  'restore',
  { en: 'Make a data folder from a backup', zh: '从备份恢复数据目录' },
  {
    from: {
      type: 'positional',
      description: { en: 'Folder of the backup; its key file lies beside it', zh: '备份所在目录；其密钥文件在旁边' },
      required: true,
    },
    data: DATA_ARG,
  },
  async (context, args) => {
    const { out } = context
    const data = dataOf(context)
    const from = resolve(args.from)
    const there = await readdir(data).catch(() => [])
    if (there.length > 0) {
      throw new TanlianError(
        'E_BACKUP_TARGET',
        `${data} is not empty. A restore never writes over data: name another folder with --data.`,
        { values: { data } },
      )
    }
    await makeFolder(data)
    const report = await platformCommand(['restore', '--data', below(data, 'platform'), '--from', from])
    const sealed = await readIfThere(join(from, 'enterprise.enc'))
    if (sealed !== undefined) await writeTree(demoHome(data), open(await keyOf(`${from}.key`), sealed, from))
    await createDurably(below(data, MARK), 'restored\n')
    out.line(
      `${out.colors.green('✔')} ${data}  ${report.rows} ${out.say({ en: 'rows', zh: '行' })}, ${report.blocks} ${out.say({ en: 'blocks', zh: '个数据块' })}`,
    )
    out.data(report)
  },
)

function dataOf(context: Context): string {
  return resolve(context.settings.get('data') ?? '.tanlian')
}

/** Runs a command of the platform's process and reads its last line. Codes: the platform's. */
async function platformCommand(args: readonly string[]): Promise<Record<string, unknown>> {
  const main = fileURLToPath(new URL('../../platform/src/main.ts', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, ...args, '--progress', 'json'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let last: Record<string, unknown> = {}
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      last = JSON.parse(line) as Record<string, unknown>
    } catch {
      // Only lines of JSON are answers.
    }
  })
  const errors: string[] = []
  child.stderr.on('data', (part: Buffer) => errors.push(part.toString('utf8')))
  const code = await new Promise<number | null>((done) => {
    child.once('error', () => done(1))
    child.once('close', done)
  })
  if (code === 0 && last.step === 'done') return last
  const named = typeof last.code === 'string' ? last.code : 'E_BACKUP_FORM'
  throw new TanlianError(
    named,
    String(last.message ?? errors.join('').trim().split('\n').at(-1) ?? `the platform ended with code ${code}`),
  )
}

/** Files of a folder by their path; locks of running processes stay out. */
async function readTree(folder: string): Promise<Uint8Array> {
  const files: Record<string, string> = {}
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && entry.name !== 'lock')
      files[relative(folder, path)] = Buffer.from(await readWanted(path)).toString('base64')
  }
  return new TextEncoder().encode(JSON.stringify(files))
}

async function writeTree(folder: string, bytes: Uint8Array): Promise<void> {
  const files = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>
  try {
    for (const [path, content] of Object.entries(files)) {
      const target = resolve(folder, path)
      if (relative(folder, target).startsWith('..')) throw formError(folder, `it names the file ${path}`)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      await writeDurably(target, Buffer.from(content, 'base64'))
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Keys of parties are in it: AES-256-GCM under the backup's key. */
function seal(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  return new Uint8Array(Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
}

function open(key: Uint8Array, sealed: Uint8Array, from: string): Uint8Array {
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
    return new Uint8Array(
      Buffer.concat([cipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), cipher.final()]),
    )
  } catch (cause) {
    throw formError(from, 'enterprise.enc is damaged, or of another key', cause)
  }
}

/** Own purpose, own key: what the platform encrypts with its key file is not what is encrypted here. */
async function keyOf(keyFile: string): Promise<Uint8Array> {
  return new Uint8Array(
    createHash('sha256')
      .update('tanlian/backup/enterprise\0')
      .update(await readWanted(keyFile))
      .digest(),
  )
}

function formError(from: string, why: string, cause?: unknown): TanlianError {
  return new TanlianError('E_BACKUP_FORM', `The backup ${from} cannot be used: ${why}.`, {
    values: { from, why },
    cause,
  })
}
