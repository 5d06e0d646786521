import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { Device } from '../../../gateway/src/device.ts'
import { http } from '../../../gateway/src/protocols/http/http.ts'
import { openBenchIntake, pointOf } from './intake.ts'
import { clock } from './message.ts'

/*
 * Requests of 1,000 rows of NDJSON over several connections: `gateway` checks each row, keeps the request, syncs and answers; `bare` is
 * node:http with JSON.parse for each row, and keeps nothing. Prints rows a second.
 */
const [, , kind, requests = '0', clients = '1'] = process.argv
const { port, close } = kind === 'gateway' ? await gateway() : await bare()
const load = spawn(
  process.execPath,
  [new URL('rows-load.ts', import.meta.url).pathname, String(port), clients, requests],
  { stdio: 'inherit' },
)
await new Promise((resolve) => load.once('close', resolve))
await close()

async function gateway() {
  const devices = Array.from({ length: Number(clients) }, (_, i): Device => {
    const points = [
      pointOf('power', i * 2 + 1, { field: 'power' }),
      pointOf('voltage', i * 2 + 2, { field: 'voltage' }),
    ]
    const address = { token: `the-token-of-feeder-${i}` }
    return { id: `feeder-${i}`, model: 'feeder', protocol: 'http', address, points, zone: 'Asia/Shanghai' }
  })
  const { intake, close: closeIntake } = await openBenchIntake(devices)
  const channel = await http.open({ host: '127.0.0.1', port: 0 }, devices, intake, clock)
  return {
    port: Number(channel.address?.split(':')[1]),
    close: async () => {
      await channel.close()
      await closeIntake()
    },
  }
}

async function bare() {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      let rows = 0
      for (const line of Buffer.concat(chunks).toString().split('\n')) {
        if (line === '') continue
        JSON.parse(line)
        rows++
      }
      response.end(JSON.stringify({ rows }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
