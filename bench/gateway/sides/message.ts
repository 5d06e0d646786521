import { randomFillSync } from 'node:crypto'
import type { Arrival } from '../../../gateway/src/arrival.ts'
import type { Device } from '../../../gateway/src/device.ts'
import type { Clock } from '../../../gateway/src/protocols/protocol.ts'

/** A device whose messages are as long as those of a stack's monitor. */
export const DEVICE: Device = {
  id: 'stack-1',
  model: 'bench',
  protocol: 'hj212',
  address: {},
  points: [],
  zone: 'Asia/Shanghai',
}

const START_MS = 1_780_000_000_000

/** The message of a number: an HJ 212 packet of real-time data by its length and its looks. */
export function arrivalOf(number: number): Arrival {
  const stamp = START_MS + number * 1000
  const bytes = Buffer.from(
    `##0218QN=${stamp}000;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=${stamp};a05001-Rtd=${number % 1000}.714,a05001-Flag=N;a01011-Rtd=15.20,a01011-Flag=N;a01012-Rtd=52.0,a01012-Flag=N;a19001-Rtd=6.0,a19001-Flag=N&&B981\r\n`,
    'latin1',
  )
  return { device: DEVICE.id, protocol: 'hj212', bytes, receivedMs: stamp, name: String(stamp), rank: stamp }
}

export const clock: Clock = {
  now: Date.now,
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

/** Random bytes out of a pool, as the gateway's own process draws them. */
export function random(length: number): Uint8Array {
  if (spent + length > pool.length) {
    randomFillSync(pool)
    spent = 0
  }
  spent += length
  return pool.slice(spent - length, spent)
}
const pool = new Uint8Array(4096)
let spent = pool.length
