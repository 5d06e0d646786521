import { connect, type Socket } from 'node:net'
import { encodePacket } from '../../../gateway/src/protocols/hj212/packet.ts'

/*
 * Data loggers that send one frame after another at an even rate, as if their seconds were shorter than ours, and never faster for being
 * late: arguments are port, loggers, seconds, frames a second of each, and the Unix second of the first frame. Prints as JSON when it
 * began, and when every frame was answered.
 */
const [port = 0, loggers = 0, seconds = 0, rate = 0, fromS = 0] = process.argv.slice(2).map(Number)
/** Chinese standard time, which the loggers' stamps are in. */
const ZONE_S = 8 * 3600
const TICK_MS = 20
const KEPT = 'CN=9014'

const frames = seconds * rate
let answered = 0
const sockets = await Promise.all(Array.from({ length: loggers }, dial))
const beganMs = Date.now()
console.log(JSON.stringify({ beganMs }))
let sent = 0
while (sent < frames) {
  const due = Math.min(frames, Math.floor(((Date.now() - beganMs) * rate) / 1000))
  for (const [logger, socket] of sockets.entries()) {
    const parts: Uint8Array[] = []
    for (let number = sent; number < due; number++) parts.push(frame(logger, number))
    if (parts.length > 0) socket.write(Buffer.concat(parts))
  }
  sent = due
  await new Promise((resolve) => setTimeout(resolve, TICK_MS))
}
while (answered < frames * loggers) await new Promise((resolve) => setTimeout(resolve, TICK_MS))
console.log(JSON.stringify({ frames: answered, endedMs: Date.now() }))
for (const socket of sockets) socket.destroy()

function dial(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket))
    socket.on('error', reject)
    let end = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      // 9014 says that the frame is kept. It may begin in one chunk and end in the next.
      const said = Buffer.concat([end, chunk])
      for (let at = said.indexOf(KEPT); at >= 0; at = said.indexOf(KEPT, at + 1)) answered++
      end = said.subarray(Math.max(0, said.length - KEPT.length + 1))
    })
  })
}

/** The frame whose values hold up to a second; none stands still, none leaves its range. */
function frame(logger: number, number: number): Uint8Array {
  const stamp = new Date((fromS + number + ZONE_S) * 1000).toISOString().replace(/\D/g, '').slice(0, 14)
  const wave = (base: number, by: number) => (base + ((number * 7 + logger * 13) % 89) * by).toFixed(2)
  const values = {
    ...{ a05001: wave(4, 0.01), a19001: wave(13, 0.01), a01011: wave(18, 0.05), a01012: wave(90, 0.1) },
    ...{ a01013: wave(-0.5, 0.01), a01014: wave(8, 0.02), a21005: wave(12, 0.1), a21002: wave(22, 0.1) },
  }
  const items = Object.entries(values).map(([code, value]) => `${code}-Rtd=${value},${code}-Flag=N`)
  return encodePacket({
    ...{ QN: `${stamp}000`, ST: '31', CN: '2011', PW: '123456', Flag: 5 },
    MN: String(logger).padStart(24, '0'),
    CP: `DataTime=${stamp};${items.join(';')}`,
  })
}
