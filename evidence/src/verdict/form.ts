import { type ErrorValues, TanlianError } from '@tanlian/units'
import type { Entry } from '../entry.ts'
import type { StreamItem } from '../form.ts'
import type { Validity } from '../kind.ts'
import type { PackageKey } from '../package.ts'
import { type Address, toHex0x } from '../typed-data.ts'

/** The steps of a verdict (spec section 8), in order. */
export const VERDICT_STEPS = [
  'log',
  'entries',
  'signatures',
  'inclusion',
  'proofs',
  'complete',
  'bodies',
  'restatements',
  'witnesses',
] as const
export type VerdictStep = (typeof VERDICT_STEPS)[number]

/** One line of a verdict. `ok` is null where the step could not or need not be checked; `code` says why not or what failed. */
export interface VerdictLine {
  readonly step: VerdictStep
  readonly ok: boolean | null
  readonly code?: string
  readonly message?: string
  readonly values: ErrorValues
}

/** What the asker read from a chain node itself, not from the platform. */
export interface ChainFacts {
  readonly chainId: number
  /** The log contract that was asked, 20 bytes. */
  readonly log: Uint8Array
  /** The root that the contract emitted for the package's size; undefined where it never had that size. */
  readonly root: Uint8Array | undefined
  /** The organization's head of kind 1 now. */
  readonly head: { readonly sequence: number; readonly digest: Uint8Array }
  /** Blocks on top of the one the package names. */
  readonly depth: number
  /** The registry's `keyValid`, asked for each signer beforehand ({@link signersOf}); undefined where it was not asked. */
  keyValid(organization: number, account: Address, kind: number, sequence: number): boolean | undefined
}

/** A total of one stream and validity in one batch. */
export interface BatchTotal {
  readonly sequence: number
  readonly from: number
  readonly to: number
  readonly type: number
  readonly stream: number
  readonly validity: Validity
  readonly count: number
  /** In the type's base unit; of a gauge base unit × s. */
  readonly quantity: number
  readonly seconds: number
}

/** A reading that a proof in mode `readings` opened. */
export interface OpenedReading {
  readonly sequence: number
  readonly type: number
  readonly stream: number
  readonly validity: Validity
  readonly start: number
  readonly seconds: number
  readonly quantity: number
}

/** A total over the whole window; sums over batches are exact. */
export interface Total {
  readonly type: number
  readonly validity: Validity
  readonly count: number
  readonly quantity: bigint
  readonly seconds: number
}

/** What a check found (验证结论), line by line, and the figures that it proved. */
export interface Verdict {
  /**
   * `verified` where every line holds, `failed` where one does not, `unchecked` where the chain was not asked but nothing failed; `partial`
   * where all of it holds, but some batches were not opened to whoever asked.
   */
  readonly status: 'verified' | 'partial' | 'failed' | 'unchecked'
  readonly lines: readonly VerdictLine[]
  readonly organization: number
  /** The log size that the answer is as of, and its block. */
  readonly asOf: { readonly size: number; readonly block: number }
  /** Sequences that were asked, of how many; and how many were not opened, so that the figures tell nothing of them. */
  readonly batches: { readonly asked: readonly number[]; readonly all: number; readonly hidden: number }
  readonly totals: readonly Total[]
  readonly series: readonly BatchTotal[]
  readonly readings: readonly OpenedReading[]
  readonly streams: readonly StreamItem[]
  /** Seconds of measured readings (validity 0), over window × streams. */
  readonly capture: { readonly seconds: number; readonly of: number }
  /** Delay between a batch's end and its block's time, seconds, over the batches asked. */
  readonly delaySeconds: { readonly least: number; readonly median: number; readonly greatest: number } | undefined
  readonly restatements: readonly { readonly sequence: number; readonly intervals: number }[]
  /** Organizations that audited every batch asked. */
  readonly witnesses: readonly number[]
  /** Raw frames of the opened bodies: signed by the device itself, kept by the gateway alone, and those that did not come along. */
  readonly frames: { readonly signed: number; readonly unsigned: number; readonly absent: number }
}

/** What a step found; without `ok: true`, why. */
export interface StepOutcome {
  readonly ok: boolean | null
  readonly code?: string
  readonly values?: ErrorValues
}

/** Whether the keys that a package tells of hold this account for an entry: the second-best source, where no chain was asked. */
export function inKeys(keys: readonly PackageKey[], account: Address, entry: Entry): boolean {
  return keys.some(
    ([key, kind, first, last]) =>
      kind === entry.kind && toHex0x(key) === account && entry.sequence >= first && entry.sequence <= last,
  )
}

export function verdictError(code: string, message: string, values: ErrorValues): TanlianError {
  return new TanlianError(code, message, { values })
}
