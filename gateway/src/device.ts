import type { Flag } from '@tanlian/evidence'
import type { Rounding } from '@tanlian/units'
import type { ProtocolName } from './arrival.ts'
import type { SigningKey } from './device-key.ts'

/** A device of this plant: a model of `gateway/devices/`, an address, and a stream for each point that is used (设备). */
export interface Device {
  readonly id: string
  readonly model: string
  readonly protocol: ProtocolName
  /** What finds it on its protocol: `mn`, `password`, `profile`; `host`, `port`, `unit`; … Each protocol checks its own. */
  readonly address: Readonly<Record<string, string | number>>
  readonly points: readonly Point[]
  /** The keys of a device that signs its messages, oldest first, at least one. */
  readonly keys?: readonly SigningKey[]
  /** Zone of its wall clock. */
  readonly zone: string
}

/** One quantity of a device, and how it becomes a stream (测点). */
export interface Point {
  readonly name: string
  readonly stream: number
  /** class‖group‖kind, 24 bits. */
  readonly type: number
  readonly unit: string
  /** As in a mapping: an amount, a counter that only grows, or a level or rate that is multiplied by its seconds. */
  readonly value: 'delta' | 'register' | 'mean'
  readonly scale: string
  readonly offset: string
  readonly rounding: Rounding
  /** Seconds of an interval, and whether a stamp begins or ends it. */
  readonly interval: number
  readonly stamp: 'start' | 'end'
  /** Where the protocol finds it: HJ 212 `{command, code, field}`, Modbus `{function, address, format, order}`, JSON `{field}`, a file's column. */
  readonly source: Readonly<Record<string, string | number>>
  readonly limits: Limits
  /** Where the definition is from: a manual, a standard and its annex. */
  readonly definition: string
}

/** Limits of the quality rules, as decimal text in the point's unit; a rule without its limit does not run. */
export interface Limits {
  readonly least?: string
  readonly most?: string
  /** The flag of a value outside: T unless the model says otherwise. */
  readonly outside?: Flag
  /** Greatest change between two neighbours, per second. */
  readonly rate?: string
  /** Seconds of one unchanged value that call the instrument stuck. */
  readonly stuckAfter?: number
  /** A register's greatest count before it begins again at 0. */
  readonly rollover?: string
}
