/** What a `frame` block will say about how its bytes came (spec section 5). */
export type ProtocolName = 'hj212' | 'mqtt' | 'sparkplug-b' | 'modbus-tcp' | 'http' | 'file'

/** One message as it came off the wire, before anything else happens to it (原始报文). */
export interface Arrival {
  /** Id of the device in the plant file. */
  readonly device: string
  readonly protocol: ProtocolName
  /** As received, byte for byte. */
  readonly bytes: Uint8Array
  /** Unix milliseconds by this gateway's clock. */
  readonly receivedMs: number
  /** Names the message among its device's: two messages of one name must say the same (safety S2). */
  readonly name: string
  /** Orders the names of a device: its own time in Unix milliseconds, or its counter. Above all before it, a message cannot be a repeat. */
  readonly rank: number
  /** What a repeat must say again, where that is not all of `bytes` (an HJ 212 repeat has a new QN but the same CP). */
  readonly content?: Uint8Array | undefined
  /** Counter and Ed25519 signature of a device that has them. */
  readonly counter?: number | undefined
  readonly signature?: Uint8Array | undefined
  /** The frame's `salt` and `received` (Unix seconds) where the device signs: its signature is over both, so both are its own. */
  readonly signed?: { readonly salt: Uint8Array; readonly received: number } | undefined
  /** What the bytes say, where the protocol has read them already; otherwise they are read again. */
  readonly samples?: readonly Sample[] | undefined
}

/** One value of one point at one time, as the device wrote it (采样). */
export interface Sample {
  /** Name of the point in the device's model. */
  readonly point: string
  /** Unix seconds, as the device stamped it; whether it begins or ends the interval, the point says. */
  readonly stamp: number
  /** Decimal text as sent, or undefined where the device sent a flag alone. */
  readonly value: string | undefined
  /** The device's own flag, or undefined where its protocol has none. */
  readonly flag: 'N' | 'F' | 'M' | 'S' | 'D' | 'C' | 'T' | 'B' | undefined
}

/** What became of an arrival; true only once it is on disk. */
export interface Kept {
  /** `kept` for the first time; `repeated`: it was kept before; `conflict`: another message of its name was, both are kept, this one is not used. */
  readonly state: 'kept' | 'repeated' | 'conflict'
  /** Its place in the journal. */
  readonly position: number
}

/** The only door from a protocol into the gateway. */
export interface Intake {
  /**
   * Resolves when the message survives a power cut. An acknowledgement is sent after it and never before; its bytes may be written over then.
   * Codes: E_JOURNAL_FULL when the budget is used up by what is not uploaded yet; E_JOURNAL_STOPPED after a failed sync; E_DEVICE_UNKNOWN;
   * E_DEVICE_SIGNATURE and E_DEVICE_REVOKED from a device that signs (safety S13): then the bytes are kept as refused ones.
   */
  keep(arrival: Arrival): Promise<Kept>
  /** Keeps bytes that cannot be used, with the reason: no acknowledgement follows. The device is undefined where it cannot be told. */
  refuse(refusal: Refusal): void
}

export interface Refusal {
  readonly device: string | undefined
  readonly protocol: ProtocolName
  readonly bytes: Uint8Array
  readonly receivedMs: number
  /** A code of docs/errors.md. */
  readonly code: string
}
