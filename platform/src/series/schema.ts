/** Tables of migration 0105, and what migration 0107 counts. */
declare module '../schema.ts' {
  interface Schema {
    projection_mark: ProjectionMarkTable
    series_sum: SeriesSumTable
    series_void: SeriesVoidTable
    device_stream: DeviceStreamTable
    collection_day: CollectionDayTable
    device_counter: DeviceCounterTable
    refused_overlap: RefusedOverlapTable
  }
}

/** How far a fold over an organization's batches has come. */
export interface ProjectionMarkTable {
  name: 'series' | 'monitoring'
  organization: number
  sequence: number
}

/** Sums of the live readings of one stream, kind and validity that start in an hour or a day. */
export interface SeriesSumTable {
  organization: number
  stream: number
  /** 3,600 or 86,400; days are those of Asia/Shanghai. */
  step_s: number
  start_s: number
  /** All four bytes. */
  type: number
  readings: number
  seconds: number
  /** Decimal digits: a sum over batches may pass 2^53. */
  quantity: string
}

export interface SeriesVoidTable {
  organization: number
  sequence: number
  lo: Uint8Array
  hi: Uint8Array
}

/** A declared stream and the last reading heard of it. */
export interface DeviceStreamTable {
  organization: number
  stream: number
  device: string
  /** Class, group, kind. */
  type: number
  interval_s: number
  item: Uint8Array
  since_sequence: number
  last_type: number | null
  last_start_s: number | null
  last_seconds: number | null
  last_quantity: number | null
  last_sequence: number | null
  last_received_s: number | null
}

/** How one day of a stream was collected. */
export interface CollectionDayTable {
  organization: number
  stream: number
  day_s: number
  readings: number
  restated: number
  frames: number
  signed: number
  repeated: number
  skipped: number
  late: number
}

/** The greatest counter of a device that counts its messages. */
export interface DeviceCounterTable {
  organization: number
  device: string
  counter: number
  /** Counters below it that have not come. */
  missing: number
}

/** Batches of a day that were refused because a reading was there already. */
export interface RefusedOverlapTable {
  organization: number
  stream: number
  day_s: number
  times: number
}
