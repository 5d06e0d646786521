import type { Instrument } from '../instrument.ts'

/** What stands in a plant and shows values: everything but the wires. */
export interface Site {
  readonly instruments: readonly Instrument[]
  /** How hard the plant works at a moment; the hours of highest load are told by it. */
  load(atS: number): number
}

export interface SiteOptions {
  /** The plant's first moment, Unix seconds. */
  readonly fromS: number
  readonly seed: number
}
