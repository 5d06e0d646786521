import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from './command.ts'
import { buildPages } from './up/web.ts'

/** `tanlian gateway`: the gateway of a plant as a process of its own, with its page on this machine. */
export const gateway = command(
  'gateway',
  {
    en: 'Read the instruments of a plant, keep what they say, send it as signed batches',
    zh: '采集工厂仪表数据，本地保存，并以签名批次上行',
  },
  {
    plant: {
      type: 'string',
      required: true,
      valueHint: 'FILE',
      description: { en: 'The plant file (YAML)', zh: '工厂配置文件（YAML）' },
    },
    data: {
      type: 'string',
      required: true,
      valueHint: 'DIR',
      description: { en: 'Folder of journal, drafts and receipts', zh: '日志、草稿与回执的目录' },
    },
    port: {
      type: 'string',
      valueHint: 'PORT',
      description: { en: 'Port of the page on this machine (else 8790)', zh: '本机页面端口（默认 8790）' },
    },
    devices: { type: 'string', valueHint: 'DIR', description: { en: 'More device models', zh: '其他设备模型目录' } },
  },
  async ({ out, home }, { plant, data, port, devices }) => {
    const { folder } = await buildPages(() => out.progress(out.say({ en: 'Building the pages…', zh: '正在构建页面…' })))
    const flags = {
      plant: resolve(plant),
      data: resolve(data),
      home,
      ...(port === undefined ? {} : { port }),
      ...(devices === undefined ? {} : { devices: resolve(devices) }),
      ...(folder === undefined ? {} : { web: folder }),
    }
    const main = fileURLToPath(new URL('../../gateway/src/main.ts', import.meta.url))
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        main,
        ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      // Its own group, so that Ctrl-C reaches it through this process alone, once.
      { detached: true, stdio: ['ignore', 'inherit', 'inherit'] },
    )
    const pass = () => child.kill('SIGTERM')
    process.on('SIGINT', pass)
    process.on('SIGTERM', pass)
    process.exitCode = await new Promise<number>((done) => {
      child.once('error', () => done(1))
      child.once('exit', (code) => done(code ?? 1))
    })
  },
)
