import type { AskedInput, ReportDraft } from '@tanlian/sdk'
import type { ComparisonRecord } from './comparison.tsx'
import type { Stage } from './record.ts'

/** A draft as the platform tells it whole: what it comes to, what it lacks, and how its data was collected. */
export interface DraftRecord extends Omit<ReportDraft, 'inputs' | 'outputs'> {
  readonly type: 'month' | 'year'
  readonly subject: string
  readonly period: string
  readonly zone: string
  readonly methodology: string
  readonly corrects: string | null
  readonly reason: string | null
  /** RFC 3339. */
  readonly changed: string
  readonly inputs: readonly DraftInput[]
  readonly answers: readonly (readonly [rule: string, subject: string, text: string])[]
  readonly outputs: readonly DraftOutput[] | null
  readonly checks: readonly {
    readonly name: string
    readonly zh: string
    readonly en: string
    readonly severity: 'info' | 'question' | 'error'
    readonly rows: readonly number[]
  }[]
  /** How many values are somebody's word. */
  readonly manual: number
  readonly collection: readonly CollectionRecord[]
  /** Against the year before; null where there was no report, or this one does not compute yet. */
  readonly comparison: ComparisonRecord | null
  /** The report of this subject and period that counts now. */
  readonly latest: { readonly cid: string; readonly stage: Stage; readonly locked: boolean } | null
  /** How the batches behind it are audited as of now. */
  readonly witnesses: { readonly required: number; readonly batches: number; readonly short: number }
}

/** An input with its value; of a total the platform looked it up. */
export type DraftInput = AskedInput & { readonly value: string }

/** A line of results. */
export interface DraftOutput {
  readonly name: string
  readonly zh: string
  readonly en: string
  readonly value: string
  readonly unit: string
  readonly role: 'line' | 'total' | 'intensity' | 'note' | 'remainder'
}

/** How a stream that a total is of was collected in the period. */
export interface CollectionRecord {
  readonly stream: number
  readonly device: string
  /** Class, group and kind in hex. */
  readonly type: string
  readonly gaps: number
  readonly missingSeconds: number
  readonly repeated: number
  readonly readings: number
}
