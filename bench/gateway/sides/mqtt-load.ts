import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'

/*
 * Devices that publish at QoS 1 as fast as they are acknowledged, 500 messages under way each. The packets are made beforehand, so that the
 * broker is what is measured. Prints messages a second.
 */
const [, , port, folder = '', clients, messages] = process.argv
const UNDER_WAY = 500
const START = 1_780_000_000_000
const ca = readFileSync(join(folder, 'a.pem'))

const devices = await Promise.all(Array.from({ length: Number(clients) }, (_, i) => dial(`meter-${i}`)))
const began = performance.now()
await Promise.all(devices.map((run) => run()))
console.log(Math.round((Number(messages) * Number(clients) * 1000) / (performance.now() - began)))
process.exit(0)

/** Connects, retrying while the broker starts. @returns what publishes everything */
async function dial(id: string): Promise<() => Promise<void>> {
  const packets = Array.from({ length: Number(messages) }, (_, i) => publish(id, i))
  const identity = { cert: readFileSync(join(folder, `${id}.pem`)), key: readFileSync(join(folder, `${id}.key`)), ca }
  for (let attempt = 0; ; attempt++) {
    try {
      return await open(identity, id, packets)
    } catch (error) {
      if (attempt === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function open(identity: object, id: string, packets: readonly Buffer[]): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), ...identity }, () => {
      const name = Buffer.from(id)
      const head = [0, 4, ...Buffer.from('MQTT'), 5, 2, 0, 60, 3, 0x21, 0x03, 0xe8, 0, name.length]
      socket.write(Buffer.concat([Buffer.from([0x10, head.length + name.length, ...head]), name]))
      socket.once('data', () => resolve(() => publishAll(socket, packets)))
    })
    socket.once('error', reject)
  })
}

function publishAll(socket: TLSSocket, packets: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    let next = 0
    let acknowledged = 0
    let rest = Buffer.alloc(0)
    const go = () => {
      const to = Math.min(packets.length, acknowledged + UNDER_WAY)
      if (to > next) socket.write(Buffer.concat(packets.slice(next, to)))
      next = Math.max(next, to)
    }
    socket.on('data', (chunk) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      // PUBACK: its second byte is its length, 2 without a reason.
      while (at + 2 <= rest.length && at + 2 + (rest[at + 1] as number) <= rest.length) {
        if (rest[at] !== 0x40 || ((rest[at + 1] as number) > 2 && (rest[at + 4] as number) >= 0x80))
          throw new Error(`refused: ${rest.subarray(at, at + 6).toString('hex')}`)
        at += 2 + (rest[at + 1] as number)
        acknowledged++
      }
      rest = rest.subarray(at)
      if (acknowledged === packets.length) resolve()
      else go()
    })
    go()
  })
}

function publish(id: string, number: number): Buffer {
  const topic = Buffer.from(`tanlian/${id}/telemetry`)
  const payload = Buffer.from(
    `{"ts":${START + number * 1000},"seq":${number},"metrics":{"imported":${number}.25,"power":3.5,"voltage":230.1}}`,
  )
  const id16 = (number % 65_535) + 1
  const body = Buffer.concat([Buffer.from([0, topic.length]), topic, Buffer.from([id16 >> 8, id16 & 255, 0]), payload])
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([0x32, ...length]), body])
}
