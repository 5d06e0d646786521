import { localTime, TanlianError, type Zone } from '@tanlian/units'
import type { Clock } from '../protocol.ts'
import { EXECUTED } from './answer.ts'
import { VERSION_BITS } from './command.ts'
import { encodePacket } from './packet.ts'
import type { Hj212Record } from './record.ts'
import type { Packet } from './segment.ts'

/** What we ask a device, and its answers 9011 and 9012 (请求应答). */
export interface Dialogue {
  /**
   * Sends a request and waits until the device has carried it out; what it sends meanwhile comes as uploads do.
   * Codes: E_HJ212_SILENT after three tries, E_HJ212_DECLINED with its QnRtn or ExeRtn.
   */
  ask(command: string, content: string): Promise<void>
  /** A packet came from the device: an answer, or data under the request's QN, which is a sign of life. */
  hear(packet: Packet): void
  /** The connection is gone. */
  end(): void
}

/** Overtime and retries that the standard proposes (command 1000). */
const TIMEOUT_MS = 10_000
const TRIES = 3

/** The dialogue with a device over one connection. */
export function openDialogue(record: Hj212Record, clock: Clock, send: (bytes: Uint8Array) => void): Dialogue {
  const waiting = new Map<string, { hear(packet: Packet): void; end(): void }>()
  let lastMs = 0

  return {
    ask(command, content) {
      // A QN is the name of a request: no two of a device share one.
      lastMs = Math.max(clock.now(), lastMs + 1)
      const QN = stampOf(lastMs, record.zone, true)
      const { mn: MN, password: PW, edition, device } = record
      const Flag = (VERSION_BITS[edition] << 2) | 1
      const bytes = encodePacket({ QN, ST: record.system, CN: command, PW, MN, Flag, CP: content })
      return new Promise<void>((resolve, reject) => {
        let tries = 0
        let callOff = () => {}
        const settle = (error?: TanlianError) => {
          callOff()
          waiting.delete(QN)
          if (error === undefined) resolve()
          else reject(error)
        }
        const silent = () =>
          new TanlianError('E_HJ212_SILENT', `${device.id} did not answer command ${command}.`, {
            values: { device: device.id, command },
          })
        const wait = (late: () => void) => {
          callOff()
          callOff = clock.after(TIMEOUT_MS, late)
        }
        const attempt = () => {
          if (tries++ === TRIES) return settle(silent())
          send(bytes)
          wait(attempt)
        }
        waiting.set(QN, {
          end: () => settle(silent()),
          hear({ CN, use, items }) {
            if (use !== 'answer') return wait(() => settle(silent()))
            const result = Number(items.plain.get(CN === '9012' ? 'ExeRtn' : 'QnRtn'))
            // Ready: the data comes, then the result.
            if (CN === '9011' && result === 1) return wait(() => settle(silent()))
            if (CN === '9012' && result === EXECUTED) return settle()
            settle(
              new TanlianError('E_HJ212_DECLINED', `${device.id} answered ${result} to command ${command}.`, {
                values: { device: device.id, command, answer: CN, result },
              }),
            )
          },
        })
        attempt()
      })
    },
    hear(packet) {
      waiting.get(packet.QN ?? '')?.hear(packet)
    },
    end() {
      for (const { end } of waiting.values()) end()
    },
  }
}

/** A moment as HJ 212 writes it in a device's zone: 14 digits, or 17 with milliseconds. */
export function stampOf(ms: number, zone: Zone, milliseconds = false): string {
  const seconds = Math.floor(ms / 1000)
  const { year, month, day, hour, minute, second } = localTime(zone.toLocal(seconds))
  const two = (value: number) => String(value).padStart(2, '0')
  const stamp = `${String(year).padStart(4, '0')}${[month, day, hour, minute, second].map(two).join('')}`
  return milliseconds ? stamp + String(ms - seconds * 1000).padStart(3, '0') : stamp
}
