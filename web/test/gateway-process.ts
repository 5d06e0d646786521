import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './service.ts'

/** A real gateway of its own process, with one logger over HTTP and no platform. */
export interface GatewayProcess {
  /** Its own page. */
  readonly url: string
  /** Folder of the plant file. */
  readonly folder: string
  /** Where its loggers post to. */
  http(): string
  stop(): Promise<void>
}

const ROOT = join(import.meta.dirname, '../..')

/** Starts a gateway whose plant nobody has yet added to; no platform answers it. */
export async function startGatewayProcess(): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tanlian-gateway-page-'))
  const plant = join(folder, 'plant.yaml')
  const port = await freePort()
  await writeFile(
    plant,
    `# the plant of the test; no platform answers it
format: tanlian/plant/1
organization: 7
platform: http://127.0.0.1:1
zone: Asia/Shanghai
listen:
  http: { host: 127.0.0.1, port: ${port} }
devices:
  - { id: feeder-1, model: feeder-http, address: { token: "0123456789abcdef" }, points: { power: 1 } }
`,
  )
  const data = join(folder, 'data')
  const args = ['gateway/src/main.ts', '--plant', plant, '--data', data, '--port', '0', '--web', 'web/dist']
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  let url: string | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { step: string; page?: string; message?: string }
    if (said.step === 'failed') throw new Error(`The gateway did not start: ${said.message}`)
    if (said.step !== 'ready' || said.page === undefined) continue
    url = said.page
    break
  }
  if (url === undefined) throw new Error('The gateway ended before it was ready.')
  child.stdout.resume()
  return {
    url,
    folder,
    http: () => `http://127.0.0.1:${port}`,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
