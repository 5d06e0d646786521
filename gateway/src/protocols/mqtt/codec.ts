/*
 * The part of MQTT 3.1.1 and 5.0 that a listener needs which only takes messages in: CONNECT, PUBLISH at QoS 0 and 1, PINGREQ, DISCONNECT,
 * and enough of SUBSCRIBE to decline it. Sections are of the MQTT 5.0 specification.
 */

export type Version = 4 | 5

export type MqttPacket =
  | {
      readonly type: 'connect'
      readonly version: Version
      readonly client: string
      readonly keepAliveS: number
      readonly will: boolean
    }
  | {
      readonly type: 'publish'
      readonly topic: string
      readonly qos: number
      readonly retain: boolean
      /** 0 at QoS 0. */
      readonly id: number
      readonly payload: Uint8Array
    }
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly id: number }
  | { readonly type: 'ping' }
  | { readonly type: 'disconnect' }

/** A stream that is no MQTT of ours; the connection ends. */
export class MqttFault extends Error {
  /** Reason code of section 2.4. */
  readonly reason: number

  constructor(reason: number, message: string) {
    super(message)
    this.name = 'MqttFault'
    this.reason = reason
  }
}

/** Reason codes of section 2.4 that we give. */
export const REASON = {
  success: 0x00,
  malformed: 0x81,
  protocol: 0x82,
  notAccepted: 0x83,
  version: 0x84,
  clientId: 0x85,
  notAuthorized: 0x87,
  takenOver: 0x8e,
  topicAlias: 0x94,
  tooLarge: 0x95,
  quota: 0x97,
  payload: 0x99,
  noRetain: 0x9a,
  noQos2: 0x9b,
} as const

/** Bytes of the largest packet that is taken. */
export const MAX_PACKET = 256 * 1024
/** Messages that a client may have unacknowledged (Receive Maximum). */
export const RECEIVE_MAXIMUM = 1000

/** Cuts packets out of a connection's bytes. @throws MqttFault */
export interface MqttReader {
  push(chunk: Uint8Array): MqttPacket[]
}

export function createMqttReader(): MqttReader {
  let rest: Uint8Array = NOTHING
  let version: Version | undefined
  const topics = createTopics()
  return {
    push(chunk) {
      if (rest.length === 0) rest = chunk
      else {
        const both = new Uint8Array(rest.length + chunk.length)
        both.set(rest)
        both.set(chunk, rest.length)
        rest = both
      }
      const packets: MqttPacket[] = []
      let at = 0
      for (;;) {
        const length = varint(rest, at + 1)
        if (length === undefined) break
        const [size, first] = length
        if (size > MAX_PACKET) throw new MqttFault(REASON.tooLarge, `a packet of ${size} bytes`)
        if (first + size > rest.length) break
        const head = rest[at] as number
        at = first + size
        if ((version === undefined) !== (head >> 4 === 1))
          throw new MqttFault(REASON.protocol, 'CONNECT is the first packet and no other')
        // Nearly all are PUBLISH: of each only its payload becomes an object.
        const packet =
          head >> 4 === PUBLISH
            ? readPublish(head & 15, rest, first, at, version ?? 4, topics)
            : read(head, rest.subarray(first, at))
        if (packet.type === 'connect') version = packet.version
        packets.push(packet)
      }
      rest = at === rest.length ? NOTHING : rest.subarray(at)
      return packets
    },
  }
}

/** CONNACK with what we do not offer: retain, wildcards, shared subscriptions, QoS 2 (section 3.2.2.3). */
export function connack(version: Version, reason: number): Uint8Array {
  if (version === 4) return Uint8Array.of(0x20, 2, 0, reason === 0 ? 0 : reason === REASON.clientId ? 2 : 5)
  const offers =
    reason !== 0
      ? []
      : [
          ...[0x21, RECEIVE_MAXIMUM >> 8, RECEIVE_MAXIMUM & 0xff],
          ...[0x24, 1, 0x25, 0, 0x28, 0, 0x29, 0, 0x2a, 0],
          ...[0x27, MAX_PACKET >>> 24, (MAX_PACKET >>> 16) & 0xff, (MAX_PACKET >>> 8) & 0xff, MAX_PACKET & 0xff],
        ]
  return Uint8Array.of(0x20, 3 + offers.length, 0, reason, offers.length, ...offers)
}

/** PUBACK of success, as one word of four bytes (section 3.4.2). */
export function pubackWord(id: number): number {
  return 0x4002_0000 | id
}

/** PUBACK with a reason, which only MQTT 5 has. */
export function puback(id: number, reason: number): Uint8Array {
  return Uint8Array.of(0x40, 3, id >> 8, id & 0xff, reason)
}

/** SUBACK or UNSUBACK that declines one topic filter. */
export function decline(version: Version, type: 'subscribe' | 'unsubscribe', id: number): Uint8Array {
  const head = type === 'subscribe' ? 0x90 : 0xb0
  if (version === 5) return Uint8Array.of(head, 4, id >> 8, id & 0xff, 0, REASON.notAuthorized)
  return type === 'subscribe'
    ? Uint8Array.of(head, 3, id >> 8, id & 0xff, 0x80)
    : Uint8Array.of(head, 2, id >> 8, id & 0xff)
}

export const PINGRESP = Uint8Array.of(0xd0, 0)

/** DISCONNECT by the server, which only MQTT 5 has. */
export function disconnect(reason: number): Uint8Array {
  return Uint8Array.of(0xe0, 1, reason)
}

const PUBLISH = 3

function read(head: number, body: Uint8Array): MqttPacket {
  const flags = head & 15
  switch (head >> 4) {
    case 1:
      return readConnect(body)
    case 8:
    case 10:
      if (flags !== 2 || body.length < 2) throw new MqttFault(REASON.malformed, 'SUBSCRIBE')
      return { type: head >> 4 === 8 ? 'subscribe' : 'unsubscribe', id: word(body, 0) }
    case 12:
      return { type: 'ping' }
    case 14:
      return { type: 'disconnect' }
    default:
      throw new MqttFault(REASON.protocol, `a packet of type ${head >> 4}`)
  }
}

function readConnect(body: Uint8Array): MqttPacket {
  const [protocol, after] = text(body, 0)
  const level = body[after]
  if (protocol !== 'MQTT' || (level !== 4 && level !== 5)) throw new MqttFault(REASON.version, 'an unknown version')
  const flags = body[after + 1] ?? 1
  if ((flags & 1) !== 0) throw new MqttFault(REASON.malformed, 'CONNECT flags')
  const keepAliveS = word(body, after + 2)
  const properties = level === 5 ? skipProperties(body, after + 4, body.length) : after + 4
  const [client] = text(body, properties)
  return { type: 'connect', version: level, client, keepAliveS, will: (flags & 4) !== 0 }
}

/** The PUBLISH whose body is `bytes[start, end)`. */
function readPublish(
  flags: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: Version,
  topics: ReadText,
): MqttPacket {
  const qos = (flags >> 1) & 3
  if (qos === 3) throw new MqttFault(REASON.malformed, 'QoS 3')
  const topic = topics(bytes, start, end)
  const after = start + 2 + word(bytes, start, end)
  const id = qos === 0 ? 0 : word(bytes, after, end)
  if (qos > 0 && id === 0) throw new MqttFault(REASON.protocol, 'packet identifier 0')
  const from = qos === 0 ? after : after + 2
  const payload = bytes.subarray(version === 5 ? skipProperties(bytes, from, end) : from, end)
  // Without a topic it goes by an alias, of which we allow none.
  if (topic === '') throw new MqttFault(REASON.topicAlias, 'a topic alias')
  return { type: 'publish', topic, qos, retain: (flags & 1) !== 0, id, payload }
}

function skipProperties(bytes: Uint8Array, at: number, end: number): number {
  const length = varint(bytes, at)
  if (length === undefined || length[1] + length[0] > end) throw new MqttFault(REASON.malformed, 'properties')
  return length[1] + length[0]
}

/** Section 1.5.5. @returns value and the place after it, or undefined while bytes are missing */
function varint(bytes: Uint8Array, at: number): [value: number, after: number] | undefined {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return undefined
    value += (byte & 127) * 128 ** i
    if (byte < 128) return [value, at + i + 1]
  }
  throw new MqttFault(REASON.malformed, 'a length over four bytes')
}

function word(bytes: Uint8Array, at: number, end = bytes.length): number {
  if (at + 2 > end) throw new MqttFault(REASON.malformed, 'a packet that ends too early')
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** The text that begins a packet's body `bytes[start, end)`. */
type ReadText = (bytes: Uint8Array, start: number, end: number) => string

/** A device publishes to one topic: one that says the same as the last is not decoded again. */
function createTopics(): ReadText {
  let known = NOTHING
  let topic = ''
  return (bytes, start, end) => {
    const length = 2 + word(bytes, start, end)
    if (known.length !== length || start + length > end || !standsAt(bytes, start, known)) {
      topic = text(bytes.subarray(start, end), 0)[0]
      known = Uint8Array.from(bytes.subarray(start, start + length))
    }
    return topic
  }
}

function standsAt(bytes: Uint8Array, at: number, what: Uint8Array): boolean {
  for (let i = 0; i < what.length; i++) if (bytes[at + i] !== what[i]) return false
  return true
}

const NOTHING: Uint8Array = new Uint8Array(0)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function text(bytes: Uint8Array, at: number): [text: string, after: number] {
  const after = at + 2 + word(bytes, at)
  if (after > bytes.length) throw new MqttFault(REASON.malformed, 'a text that ends too early')
  try {
    const found = decoder.decode(bytes.subarray(at + 2, after))
    if (!found.includes('\0')) return [found, after]
  } catch {
    // Told below.
  }
  throw new MqttFault(REASON.malformed, 'a text that is not UTF-8')
}
