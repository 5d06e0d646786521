import type { Seen } from './fold.ts'
import type { RuleId } from './quality/rules.ts'
import { shownValue } from './reading/shown.ts'

/** The last value of a stream (实时值), with what is needed to show its age. */
export interface LiveValue {
  readonly device: string
  readonly point: string
  readonly stream: number
  readonly unit: string
  /** In the unit; undefined where it sent a flag alone. */
  readonly value: string | undefined
  /** The device's own flag, if it has one. */
  readonly flag: string | undefined
  /** The rule of ours that objected to the stream's last reading. */
  readonly rule: RuleId | undefined
  /** Unix seconds, by the device's clock. */
  readonly stamp: number
  /** Unix milliseconds, by the gateway's. */
  readonly receivedMs: number
}

/** Last values by stream. */
export interface Live {
  readonly values: readonly LiveValue[]
  /** Changes with each message. */
  readonly version: number
  take(seen: Seen): void
}

export function createLive(): Live {
  const values = new Map<number, LiveValue>()
  let version = 0
  return {
    get values() {
      return [...values.values()]
    },
    get version() {
      return version
    },
    take({ device, samples, judged, receivedMs }) {
      version++
      const rules = new Map(judged.map(({ reading, rule }) => [reading.stream, rule]))
      for (const { point, stamp, value, flag } of samples) {
        const known = device.points.find(({ name }) => name === point)
        if (known === undefined) continue
        const { stream, unit } = known
        const shown = value === undefined ? undefined : shownValue(known, value)
        const rule = rules.get(stream)
        values.set(stream, { device: device.id, point, stream, unit, value: shown, flag, rule, stamp, receivedMs })
      }
    },
  }
}
