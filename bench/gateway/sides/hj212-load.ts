import { connect, type Socket } from 'node:net'
import { encodePacket } from '../../../gateway/src/protocols/hj212/packet.ts'

/*
 * Data loggers that send as fast as they are read: each frame of another minute. Prints frames a second from the first byte to the last
 * answer, or, where none is given, to the end that the server makes when it has read all.
 */
const [port = 0, loggers = 0, frames = 0, answered = 0] = process.argv.slice(2).map(Number)
/** Bytes of a 9014. */
const ANSWER = 99
/** Frames that are written at once. */
const CHUNK = 100
const START = Date.parse('2020-01-01T00:00:00Z')

const chunks = Array.from({ length: loggers }, (_, logger) =>
  Array.from({ length: Math.ceil(frames / CHUNK) }, (_, chunk) =>
    Buffer.concat(
      Array.from({ length: Math.min(CHUNK, frames - chunk * CHUNK) }, (_, i) => frame(logger, chunk * CHUNK + i)),
    ),
  ),
)
const sockets = await Promise.all(
  chunks.map(
    () =>
      new Promise<Socket>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket))
      }),
  ),
)
const began = performance.now()
await Promise.all(sockets.map((socket, i) => send(socket, chunks[i] ?? [])))
console.log(Math.round((frames * loggers * 1000) / (performance.now() - began)))
for (const socket of sockets) socket.destroy()

function send(socket: Socket, parts: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    let heard = 0
    socket.on('data', (chunk) => {
      heard += chunk.length
      if (heard === frames * ANSWER) resolve()
    })
    if (answered === 0) socket.on('end', () => resolve())
    let next = 0
    const go = () => {
      while (next < parts.length) if (!socket.write(parts[next++] as Buffer)) return
    }
    socket.on('drain', go)
    go()
  })
}

function frame(logger: number, number: number): Uint8Array {
  const stamp = new Date(START + number * 60_000).toISOString().replace(/\D/g, '')
  const value = (number % 1000) / 10
  return encodePacket({
    QN: stamp,
    ST: '31',
    CN: '2011',
    PW: '123456',
    MN: String(logger).padStart(24, '0'),
    Flag: 5,
    CP: `DataTime=${stamp.slice(0, 14)};a05001-Rtd=245${value},a05001-Flag=N;a01011-Rtd=15.20,a01011-Flag=N;a01012-Rtd=52.0,a01012-Flag=N;a01013-Rtd=-0.150,a01013-Flag=N;a01014-Rtd=12.0,a01014-Flag=N;a19001-Rtd=6.0,a19001-Flag=N`,
  })
}
