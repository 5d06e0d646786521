import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import type { Device } from '../../../gateway/src/device.ts'
import { createPacketReader } from '../../../gateway/src/protocols/hj212/packet.ts'
import { recordOf } from '../../../gateway/src/protocols/hj212/record.ts'
import { readPacket } from '../../../gateway/src/protocols/hj212/segment.ts'
import { hj212 } from '../../../gateway/src/protocols/hj212/server.ts'
import { openBenchIntake, pointOf } from './intake.ts'
import { clock } from './message.ts'

/*
 * Frames of several data loggers over loopback: `gateway` checks, looks for repeats, keeps, syncs and answers each; `bare` cuts, checks and
 * reads the same frames and does nothing with them. Prints frames a second, from the first byte to the last answer.
 */
const [, , kind, frames = '0', loggers = '1'] = process.argv
const FACTORS = ['a05001', 'a01011', 'a01012', 'a01013', 'a01014', 'a19001']
const devices = Array.from({ length: Number(loggers) }, (_, i): Device => {
  const points = FACTORS.map((code, at) => pointOf(code, i * 10 + at + 1, { command: '2011', code, field: 'Rtd' }))
  const address = { mn: String(i).padStart(24, '0'), password: '123456' }
  return { id: `logger-${i}`, model: 'cems', protocol: 'hj212', address, points, zone: 'Asia/Shanghai' }
})

const { port, close } = kind === 'gateway' ? await gateway() : await bare()
const load = spawn(
  process.execPath,
  [new URL('hj212-load.ts', import.meta.url).pathname, String(port), loggers, frames, kind === 'gateway' ? '1' : '0'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
let printed = ''
load.stdout.on('data', (chunk) => {
  printed += chunk
})
await new Promise((resolve) => load.once('close', resolve))
console.log(printed.trim())
await close()

async function gateway() {
  const { intake, close: closeIntake } = await openBenchIntake(devices)
  const channel = await hj212.open({ host: '127.0.0.1', port: 0, connections: 100, idle: 60 }, devices, intake, clock)
  return {
    port: Number(channel.address?.split(':')[1]),
    close: async () => {
      await channel.close()
      await closeIntake()
    },
  }
}

async function bare() {
  const records = new Map(devices.map((device) => [recordOf(device).mn, recordOf(device)]))
  let left = Number(frames) * Number(loggers)
  const server = createServer((socket) => {
    const reader = createPacketReader()
    socket.on('data', (chunk) => {
      for (const cut of reader.push(chunk))
        if (cut.ok && readPacket(cut, (mn) => records.get(mn)).ok && --left === 0) for (const one of sockets) one.end()
    })
    socket.on('error', () => {})
    sockets.push(socket)
  })
  const sockets: import('node:net').Socket[] = []
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
