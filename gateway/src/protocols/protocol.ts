import type { Intake, ProtocolName, Sample } from '../arrival.ts'
import type { Device } from '../device.ts'

/** What one way of talking to devices must be able to do: listen or ask, and say what bytes mean. */
export interface Protocol<Options> {
  readonly name: ProtocolName
  /** Checks the addresses of its devices and opens its socket, poll or folder. @throws TanlianError E_PLANT for a bad address, E_LISTEN. */
  open(options: Options, devices: readonly Device[], intake: Intake, clock: Clock): Promise<Channel>
  /** Asks a device once and keeps nothing (测试连接). Absent where devices speak first. @throws TanlianError where none answers */
  probe?(device: Device, clock: Clock): Promise<readonly Sample[]>
  /** What a kept message says. Pure: the journal is read again after a crash. @throws TanlianError for bytes that this device cannot have sent. */
  samples(bytes: Uint8Array, device: Device): readonly Sample[]
}

/** An open protocol. */
export interface Channel {
  /** Where devices reach it: host and port that it got, a broker's URL, a folder; undefined for one that only asks. */
  readonly address: string | undefined
  /** Seen on the gateway's own page. */
  readonly devices: ReadonlyMap<string, Presence>
  /**
   * Asks a device for what it has of `[from, to)`, Unix seconds (补传); what it sends comes through the intake. Absent where devices of the
   * protocol cannot be asked. Throws a TanlianError where the device is away or declines.
   */
  backfill?(device: string, from: number, to: number): Promise<void>
  /** Takes nothing new, answers what is kept, closes. */
  close(): Promise<void>
}

/** How a device was last heard. */
export interface Presence {
  readonly connected: boolean
  readonly lastMs: number | undefined
  readonly messages: number
  readonly refused: number
  /** Code of the last refusal. */
  readonly problem: string | undefined
}

export interface Clock {
  /** Unix milliseconds. */
  now(): number
  /** Calls back after so many milliseconds; the function returned calls it off. */
  after(ms: number, call: () => void): () => void
}
