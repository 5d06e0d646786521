/** One point of a stream's course as the platform gives it. */
export interface SeriesPoint {
  readonly start: number
  readonly end: number
  /** 0 measured, 1 by hand or estimated, 2 not valid. */
  readonly validity: number
  readonly readings: number
  readonly seconds: number
  readonly quantity: string
  /** Of a single reading the batch that holds it. */
  readonly cid: string | null
}

/** Steps in which a stream can be drawn. */
export const STEPS = ['reading', '60', '300', '900', '3600', '86400', 'month'] as const

/** A stream's course in a window. */
export interface Series {
  readonly organization: number
  readonly stream: number
  readonly type: string
  readonly device: string
  readonly interval: number
  readonly from: number
  readonly to: number
  readonly step: (typeof STEPS)[number]
  readonly sequence: number
  readonly points: readonly SeriesPoint[]
}

/** A device with its streams and keys. */
export interface Device {
  readonly device: string
  readonly streams: readonly {
    readonly stream: number
    readonly type: string
    readonly interval: number
    readonly since: number
    readonly key: string | null
    readonly more: Readonly<Record<string, string | number | boolean | null>>
    readonly received: string | null
  }[]
  readonly keys: readonly DeviceKey[]
}

/** A key or certificate that a device is enrolled with; revoked ones stay, with their last good counter. */
export interface DeviceKey {
  readonly kind: 'ed25519' | 'certificate'
  /** Hex: the public key, or the certificate's SHA-256. */
  readonly key: string
  readonly firstCounter: number
  readonly lastCounter: number | null
  readonly enrolled: string
  readonly revoked: string | null
  readonly reason: string | null
}
