import { connect, type Socket } from 'node:net'
import { localTime, zoneOf } from '@tanlian/units'
import { type CutFrame, createPacketReader, encodePacket } from '../../src/protocols/hj212/packet.ts'
import { type Packet, readPacket } from '../../src/protocols/hj212/segment.ts'
import type { Message, Wire } from '../courier.ts'

/** A data logger at a stack (数采仪): one connection, as the standard has it, and a memory for what a platform asks again. */
export interface StationOptions {
  /** How long an answer is waited for. */
  readonly timeoutMs: number
  readonly host: string
  readonly port: number
  readonly mn: string
  readonly password: string
  /** System code: 31 for a stack. */
  readonly system: string
  /** Zone of its clock. */
  readonly zone: string
  /** Command and content of a message, with the DataTime in Unix seconds. */
  readonly content: (message: Message) => {
    readonly command: string
    readonly dataTime: number
    readonly items: string
  }
}

/** Packets kept for a request of old data (补传). */
const MEMORY = 10_000

/** Version 1 (2017), answer wanted. */
const UPLOAD_FLAG = 5
const ANSWER_FLAG = 4

export function openStation(options: StationOptions): Wire {
  const { host, port, mn, password, system, content, timeoutMs } = options
  const zone = zoneOf(options.zone)
  const waiting = new Map<string, (answer: Packet) => void>()
  const memory: { readonly command: string; readonly dataTime: string; readonly items: string }[] = []
  /** The request number of a message stays its own, however often it is sent. */
  const requests = new WeakMap<Message, number>()
  let requestsMade = 0
  let line: Promise<Socket> | undefined
  let closed = false

  const stamp = (ms: number) => {
    const { year, month, day, hour, minute, second } = localTime(zone.toLocal(Math.floor(ms / 1000)))
    const two = (value: number) => String(value).padStart(2, '0')
    return `${year}${two(month)}${two(day)}${two(hour)}${two(minute)}${two(second)}`
  }
  const dial = () =>
    new Promise<Socket>((resolve, reject) => {
      if (closed) return reject(new Error('closed'))
      const socket = connect({ host, port, noDelay: true })
      const reader = createPacketReader()
      socket.once('connect', () => resolve(socket))
      socket.on('error', reject)
      socket.once('close', () => {
        line = undefined
        reject(new Error('the connection ended'))
      })
      socket.on('data', (chunk) => {
        for (const cut of reader.push(chunk)) if (cut.ok) hear(cut, socket)
      })
    })
  const hear = (cut: CutFrame, socket: Socket) => {
    const read = readPacket(cut, () => undefined, 'down')
    if (!read.ok) return
    const { packet } = read
    const expected = packet.use === 'answer' || packet.CN === '9013' ? waiting.get(packet.QN ?? '') : undefined
    if (expected !== undefined) expected(packet)
    else if (packet.needAck) obey(packet, socket)
  }
  const packetOf = (QN: string, CN: string, CP: string, more: { readonly ST?: string; readonly Flag?: number } = {}) =>
    encodePacket({ QN, ST: more.ST ?? system, CN, PW: password, MN: mn, Flag: more.Flag ?? UPLOAD_FLAG, CP })

  /** What a platform asks of it: 9011 ready, the data, 9012 done or none. */
  const obey = ({ QN = '', CN, items }: Packet, socket: Socket) => {
    const answer = (command: string, CP: string) =>
      socket.write(packetOf(QN, command, CP, { ST: '91', Flag: ANSWER_FLAG }))
    answer('9011', 'QnRtn=1')
    const [from, to] = [items.plain.get('BeginTime') ?? '', items.plain.get('EndTime') ?? '']
    const asked = memory.filter(
      ({ command, dataTime }) => from !== '' && command === CN && dataTime >= from && dataTime <= to,
    )
    for (const { command, dataTime, items: old } of asked)
      socket.write(packetOf(QN, command, `DataTime=${dataTime};${old}`, { Flag: ANSWER_FLAG }))
    answer('9012', `ExeRtn=${asked.length > 0 || from === '' ? 1 : 100}`)
  }

  return {
    made(message) {
      const { command, dataTime, items } = content(message)
      memory.push({ command, dataTime: stamp(dataTime * 1000), items })
      if (memory.length > MEMORY) memory.shift()
    },
    async send(message, again) {
      line ??= dial().catch((error: unknown) => {
        line = undefined
        throw error
      })
      const socket = await line
      const { command, dataTime, items } = content(message)
      const request = requests.get(message) ?? requestsMade++
      requests.set(message, request)
      // The milliseconds tell the requests of one moment apart; sent again by hand, a packet has another number.
      const QN = `${stamp(message.atMs)}${String((request + again * 500) % 1000).padStart(3, '0')}`
      const bytes = packetOf(QN, command, `DataTime=${stamp(dataTime * 1000)};${items}`)
      let cut = () => {}
      let timer: NodeJS.Timeout | undefined
      try {
        const answer = await new Promise<Packet>((resolve, reject) => {
          timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs)
          cut = () => reject(new Error('the connection ended'))
          socket.once('close', cut)
          waiting.set(QN, resolve)
          socket.write(bytes)
        })
        if (answer.CN !== '9014') throw new Error(`refused with ${answer.items.plain.get('QnRtn') ?? answer.CN}`)
        return bytes
      } finally {
        clearTimeout(timer)
        socket.off('close', cut)
        waiting.delete(QN)
      }
    },
    async close() {
      closed = true
      ;(await line?.catch(() => undefined))?.destroy()
    },
  }
}
