import { createServer, type Socket } from 'node:net'

export interface Published {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: number
  readonly retain: boolean
}

/** A broker of one client and few words, for tests: it lets everybody in, and delivers what the test tells it to. */
export interface TinyBroker {
  readonly url: string
  /** Topic filters that the client subscribed to. */
  readonly subscribed: string[]
  /** What the client published: topic and payload. */
  readonly published: Published[]
  /** What each connection left to be published when it is lost. */
  readonly wills: Published[]
  /** Packet id and reason of each PUBACK. */
  readonly acknowledged: [id: number, reason: number][]
  /** While it is set, who comes is told that the server is unavailable. */
  busy: boolean
  deliver(id: number, topic: string, payload: Uint8Array): void
  /** Ends the client's connection without a word. */
  cut(): void
  close(): Promise<void>
}

/** Reason of a CONNACK (MQTT 5, 3.2.2.2). */
const UNAVAILABLE = 0x88

export async function tinyBroker(): Promise<TinyBroker> {
  const subscribed: string[] = []
  const published: Published[] = []
  const wills: Published[] = []
  const acknowledged: [number, number][] = []
  let socket: Socket | undefined
  const take = (head: number, body: Buffer, one: Socket) => {
    if (head === 0x10) {
      const will = willOf(body)
      if (will !== undefined) wills.push(will)
      one.write(Buffer.from([0x20, 3, 0, broker.busy ? UNAVAILABLE : 0, 0]))
    }
    if (head >> 4 === 4) acknowledged.push([body.readUInt16BE(0), body[2] ?? 0])
    if (head >> 4 === 3) {
      const length = body.readUInt16BE(0)
      const qos = (head >> 1) & 3
      // Topic, packet id above QoS 0, no properties, payload.
      const after = 2 + length + (qos > 0 ? 2 : 0)
      const topic = body.subarray(2, 2 + length).toString()
      published.push({ topic, payload: body.subarray(after + 1), qos, retain: (head & 1) === 1 })
      if (qos > 0) one.write(Buffer.from([0x40, 2, body[after - 2] ?? 0, body[after - 1] ?? 0]))
    }
    if (head !== 0x82) return
    let count = 0
    for (let at = 3; at < body.length; count++) {
      const length = body.readUInt16BE(at)
      subscribed.push(body.subarray(at + 2, at + 2 + length).toString())
      at += 3 + length
    }
    one.write(Buffer.from([0x90, 3 + count, body[0] ?? 0, body[1] ?? 0, 0, ...Array(count).fill(1)]))
  }
  const server = createServer((one) => {
    socket = one
    one.on('error', () => {})
    one.on(
      'data',
      cutPackets((head, body) => take(head, body, one)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const broker: TinyBroker = {
    url: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`,
    subscribed,
    published,
    wills,
    acknowledged,
    busy: false,
    cut: () => socket?.destroy(),
    deliver(id, topic, payload) {
      const name = Buffer.from(topic)
      const body = Buffer.concat([Buffer.from([0, name.length]), name, Buffer.from([id >> 8, id & 255, 0]), payload])
      const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
      socket?.write(Buffer.concat([Buffer.from([0x32, ...length]), body]))
    },
    async close() {
      socket?.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return broker
}

/** Cuts MQTT packets out of a connection's bytes: the first byte of each, and what follows its length. */
export function cutPackets(take: (head: number, body: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const [size, first] = lengthAt(rest)
      if (first === 0 || rest.length < first + size) return
      take(rest[0] as number, rest.subarray(first, first + size))
      rest = rest.subarray(first + size)
    }
  }
}

/** The will in the body of a CONNECT (MQTT 5, 3.1). */
function willOf(body: Buffer): Published | undefined {
  const flags = body[7] ?? 0
  if ((flags & 4) === 0) return undefined
  // Behind protocol, version, flags and keep-alive: properties, the client's id, the will's properties.
  let at = 10 + 1 + (body[10] ?? 0)
  const take = () => {
    const length = body.readUInt16BE(at)
    at += 2 + length
    return body.subarray(at - length, at)
  }
  take()
  at += 1 + (body[at] ?? 0)
  return { topic: take().toString(), payload: take(), qos: (flags >> 3) & 3, retain: (flags & 32) !== 0 }
}

/** Length of the first packet, and where its body begins; 0 while bytes are missing. */
function lengthAt(bytes: Buffer): [size: number, first: number] {
  let size = 0
  for (let at = 1; at < bytes.length && at < 5; at++) {
    size += ((bytes[at] as number) & 127) * 128 ** (at - 1)
    if ((bytes[at] as number) < 128) return [size, at + 1]
  }
  return [0, 0]
}
