import type { Socket } from 'node:net'
import { TanlianError } from '@tanlian/units'
import type { Arrival, Intake, Sample } from '../../arrival.ts'
import { createOutgoing } from '../outgoing.ts'
import type { PresenceBook } from '../presence.ts'
import type { Clock } from '../protocol.ts'
import { answerTo, REFUSED } from './answer.ts'
import { type Assembly, createAssembly } from './assembly.ts'
import { type Dialogue, openDialogue, stampOf } from './dialogue.ts'
import { type CutFrame, createPacketReader } from './packet.ts'
import { frameSamples, type Hj212Record } from './record.ts'
import { mnOf, type Packet, type ReadPacket, readPacket, readTime } from './segment.ts'
import { learnShape, shapeLike } from './shape.ts'

/** What all connections of a server share. */
export interface Shared {
  readonly records: ReadonlyMap<string, Hj212Record>
  readonly presences: PresenceBook
  /** How each connected device can be asked: over its latest connection. */
  readonly dialogues: Map<string, Dialogue>
  readonly intake: Intake
  readonly clock: Clock
  readonly load: Load
  readonly idleMs: number
}

/** Bytes of all connections that wait for the disk, and how those that were stopped for it go on. */
export interface Load {
  bytes: number
  readonly paused: Set<() => void>
}

/** Milliseconds in which the rest of a frame must come. */
const FRAME_MS = 10_000
/** Milliseconds in which a device takes its last answers and hangs up. */
const FINISH_MS = 2000
/** How far a device's clock may be ahead (iot.md, parser rules). */
const AHEAD_S = 300
/** Refusals in a row after which a connection is closed: it guesses passwords, or speaks something else. */
const MOST_REFUSED = 50
/**
 * Bytes that wait for the disk, of a connection and of all; beyond it no more is read until they are on it. Enough to fill the groups of a slow
 * disk; with more, only memory would fill.
 */
const MOST_WAITING = 64 * 1024
const MOST_WAITING_IN_ALL = 2 * 1024 * 1024
/** Bytes of answers that the device does not take. */
const MOST_UNSENT = 64 * 1024

/** One connection of a data logger. */
export interface Connection {
  /** Reads nothing more, answers what is being kept, and hangs up. */
  finish(): void
  /** Resolves when it is closed and everything that came over it is settled. */
  readonly closed: Promise<void>
}

/** Serves one connection. */
export function openConnection(socket: Socket, shared: Shared): Connection {
  const { records, presences, dialogues, intake, clock, load } = shared
  const reader = createPacketReader()
  const here = new Map<string, { readonly dialogue: Dialogue; readonly assembly: Assembly }>()
  let waiting = 0
  let refusedInARow = 0
  let frameTimer: (() => void) | undefined
  let settled: () => void = () => {}
  let ended = false
  let finishing = false

  const unsent = createOutgoing(() => setImmediate(flush))
  const send = (bytes: Uint8Array | undefined) => {
    if (bytes !== undefined) unsent.send(bytes)
  }
  const flush = () => {
    const bytes = unsent.take()
    if (bytes !== undefined && socket.writable) socket.write(bytes)
    if (finishing && waiting === 0) socket.end()
    pace()
  }
  const refuse = (device: string | undefined, bytes: Uint8Array, code: string) => {
    intake.refuse({ device, protocol: 'hj212', bytes, receivedMs: clock.now(), code })
    presences.troubled(device, code)
    if (++refusedInARow > MOST_REFUSED) socket.destroy()
  }
  const pace = () => {
    if (finishing) return
    if (waiting > MOST_WAITING || load.bytes > MOST_WAITING_IN_ALL || socket.writableLength > MOST_UNSENT) {
      socket.pause()
      load.paused.add(pace)
    } else if (load.paused.delete(pace) && !ended) socket.resume()
  }

  const keep = (packet: Packet, record: Hj212Record, arrival: Arrival) => {
    const { id } = record.device
    // Thousands wait for one sync: of each only what its answer needs.
    const { QN, MN, PW, flag, use, CN } = packet
    const { receivedMs } = arrival
    const { length } = arrival.bytes
    waiting += length
    load.bytes += length
    intake.keep(arrival).then(
      ({ state }) => {
        if (state === 'conflict') {
          presences.troubled(id, 'E_DEVICE_CONFLICT')
          send(answerTo({ QN, MN, PW, flag }, record.edition, '9011', REFUSED))
        } else {
          presences.heard(id, receivedMs)
          send(answerTo({ QN, MN, PW, flag }, record.edition, use === 'notice' ? '9013' : '9014'))
          if (CN === '1013') setClock(record)
        }
        settle(length)
      },
      (error: unknown) => {
        // Not kept, so not acknowledged: the device keeps it and sends it again.
        presences.troubled(id, error instanceof TanlianError ? error.code : 'E_JOURNAL_STOPPED')
        settle(length)
      },
    )
  }
  /** So many bytes wait for the disk no longer. */
  const settle = (length: number) => {
    const full = load.bytes > MOST_WAITING_IN_ALL
    waiting -= length
    load.bytes -= length
    if (finishing && waiting === 0) setImmediate(flush)
    if (full && load.bytes <= MOST_WAITING_IN_ALL) for (const go of [...load.paused]) go()
    else if (load.paused.has(pace)) pace()
    if (ended && waiting === 0) settled()
  }

  /** Reads a packet; one that is like an earlier one of its device is compared with that instead. */
  const read = (frame: CutFrame): ReadPacket => {
    const { segment, smallCrc, characters } = frame
    const record = smallCrc || characters ? undefined : records.get(mnOf(segment))
    const shape = record && shapeLike(segment, record)
    if (shape !== undefined) return { ok: true, packet: shape.packet(segment) }
    const found = readPacket(frame, (mn) => records.get(mn))
    if (found.ok && record !== undefined) learnShape(segment, found.packet, record)
    return found
  }

  const take = (frame: CutFrame) => {
    const found = read(frame)
    if (!found.ok) {
      const { head, code, qnRtn } = found
      const record = head && records.get(head.MN)
      // Who has a wrong password is not that device: its record must not fill with another's mistakes.
      const trusted = head !== undefined && record?.password === head.PW
      refuse(trusted ? record?.device.id : undefined, frame.bytes, code)
      // Safety: a frame whose length or CRC is doubted is not answered.
      const readable = code !== 'E_HJ212_CRC_MISMATCH' && code !== 'E_HJ212_LENGTH_MISMATCH'
      if (head && readable) send(answerTo(head, record?.edition ?? '2017', '9011', qnRtn))
      return
    }
    const { packet } = found
    const record = records.get(packet.MN) as Hj212Record
    const { dialogue, assembly } = speaker(record)
    dialogue.hear(packet)
    if (packet.use === 'answer') {
      refusedInARow = 0
      return
    }
    const now = clock.now()
    const named = packet.use === 'request' ? 'E_HJ212_REQUEST' : nameOf(packet, record, now)
    if (typeof named === 'string') {
      refuse(record.device.id, frame.bytes, named)
      return send(answerTo(packet, record.edition, '9011', packet.use === 'request' ? REFUSED : 100))
    }
    refusedInARow = 0
    if (packet.part !== undefined && packet.QN !== undefined) {
      assembly.add(packet.QN, packet.part, now)
      if (assembly.expire(now) > 0) presences.troubled(record.device.id, 'E_HJ212_PARTS_MISSING')
    }
    keep(packet, record, new PacketArrival(record, frame.bytes, packet.content, now, named))
  }

  const speaker = (record: Hj212Record) => {
    const { id } = record.device
    let found = here.get(id)
    if (found === undefined) {
      found = { dialogue: openDialogue(record, clock, send), assembly: createAssembly() }
      here.set(id, found)
      presences.connected(id, 1)
      dialogues.set(id, found.dialogue)
    }
    return found
  }
  const setClock = (record: Hj212Record) => {
    const { dialogue } = speaker(record)
    dialogue
      .ask('1012', `SystemTime=${stampOf(clock.now(), record.zone)}`)
      .catch((error: TanlianError) => presences.troubled(record.device.id, error.code))
  }

  const takeAll = (cuts: ReturnType<typeof reader.push>) => {
    for (const cut of cuts)
      if (cut.ok) take(cut)
      else refuse(undefined, cut.bytes, cut.code)
    awaitRest()
    pace()
  }
  /** Gives the rest of a frame its time; while we do not read, it is not the device that is late. */
  const awaitRest = () => {
    frameTimer?.()
    const late = () => (load.paused.has(pace) ? awaitRest() : takeAll(reader.expire()))
    frameTimer = reader.pending() === 0 || ended ? undefined : clock.after(FRAME_MS, late)
  }

  const closed = new Promise<void>((resolve) => {
    socket.setTimeout(shared.idleMs, () => socket.destroy())
    socket.on('data', (chunk) => {
      if (!finishing) takeAll(reader.push(chunk))
    })
    socket.on('drain', pace)
    // The end of the connection follows; what the error was is the line's affair.
    socket.on('error', () => {})
    socket.on('close', () => {
      ended = true
      load.paused.delete(pace)
      settled = resolve
      takeAll(reader.end())
      for (const [id, { dialogue }] of here) {
        dialogue.end()
        presences.connected(id, -1)
        if (dialogues.get(id) === dialogue) dialogues.delete(id)
      }
      if (waiting === 0) resolve()
    })
  })
  return {
    closed,
    finish() {
      finishing = true
      // What still comes is read and dropped: bytes left unread would make the system throw away the answers under way.
      socket.resume()
      clock.after(FINISH_MS, () => socket.destroy())
      if (waiting === 0) flush()
    },
  }
}

class PacketArrival implements Arrival {
  readonly device: string
  readonly protocol = 'hj212'
  readonly bytes: Uint8Array
  readonly receivedMs: number
  readonly name: string
  readonly rank: number
  readonly content: Uint8Array
  readonly #of: Hj212Record

  constructor(of: Hj212Record, bytes: Uint8Array, content: Uint8Array, receivedMs: number, named: Named) {
    this.device = of.device.id
    this.bytes = bytes
    this.receivedMs = receivedMs
    this.name = named.name
    this.rank = named.rank
    this.content = content
    this.#of = of
  }

  /** Made when they are asked for: most messages are read when they are folded. */
  get samples(): readonly Sample[] {
    return frameSamples(this.bytes, this.#of.device)
  }
}

type Named = Pick<Arrival, 'name' | 'rank'>

/**
 * Name and rank of an upload. Data is named by command, DataTime and part (with MN, the repeat key of iot.md); what has no time of its own
 * by its request. Codes: E_HJ212_FUTURE, E_HJ212_BAD_TIME for a wall-clock time that the device's zone does not have once.
 */
function nameOf(packet: Packet, { zone }: Hj212Record, nowMs: number): Named | string {
  const { CN, QN, use, part, dataTime, stamp } = packet
  try {
    if (use !== 'data' || dataTime === undefined) {
      const asked = QN === undefined ? undefined : readTime(QN)
      if (QN === undefined || asked === undefined) return { name: `${CN} received ${nowMs}`, rank: nowMs }
      return { name: `${CN} ${QN}`, rank: zone.toUnix(asked) * 1000 + Number(QN.slice(14)) }
    }
    const unix = zone.toUnix(dataTime)
    if (unix * 1000 > nowMs + AHEAD_S * 1000) return 'E_HJ212_FUTURE'
    // Parts of one message follow each other in rank, so that only a repeat is looked up.
    const name = `${CN} ${stamp?.slice(0, 14)}`
    return part === undefined
      ? { name, rank: unix * 1000 }
      : { name: `${name} ${part.number}`, rank: unix * 1000 + Math.min(part.number, 999) }
  } catch (error) {
    if (error instanceof TanlianError) return 'E_HJ212_BAD_TIME'
    throw error
  }
}
