import type { ReportInput, ReportOrigin } from '@tanlian/accounting'
import { fromHex, parseCid, toHex } from '@tanlian/evidence'

/** Where an input's value is from (来源), as `docs/spec/documents.md` has it, with types and references as text. */
export type DraftOrigin =
  | {
      readonly kind: 'total'
      /** Two to four bytes of hex. */
      readonly type: string
      /** Null: every stream of the type. */
      readonly streams: readonly number[] | null
      readonly from: number
      readonly to: number
      /** In the type's base unit, digits; of a gauge base unit × s. */
      readonly quantity: string
      /** Seconds that the readings cover, over all streams. */
      readonly seconds: number
    }
  | { readonly kind: 'analysis'; readonly document: string; readonly result: string }
  | { readonly kind: 'voucher'; readonly document: string }
  | { readonly kind: 'choice' }
  | { readonly kind: 'manual'; readonly reason: string }

/** A value of one input of the methodology, in the input's unit. */
export interface DraftInput {
  readonly name: string
  readonly group: string | null
  /** From 0 in each group; 0 where it has none. */
  readonly row: number
  readonly value: string
  readonly origin: DraftOrigin
}

/** Inputs with the rows of each group counted anew from 0, so that one that was taken out leaves no hole. */
export function closeRows(inputs: readonly DraftInput[]): DraftInput[] {
  const places = new Map<string, Map<number, number>>()
  for (const { group, row } of [...inputs].sort((a, b) => a.row - b.row)) {
    if (group === null) continue
    const known = places.get(group) ?? new Map<number, number>()
    places.set(group, known)
    if (!known.has(row)) known.set(row, known.size)
  }
  return inputs.map((input) => ({ ...input, row: places.get(input.group ?? '')?.get(input.row) ?? 0 }))
}

/** An input as a report states it. */
export function reportInputOf({ name, group, row, value, origin }: DraftInput): ReportInput {
  return { name, group, row, value, origin: reportOriginOf(origin) }
}

/** An input of a report as a draft holds it. */
export function draftInputOf({ name, group, row, value, origin }: ReportInput): DraftInput {
  return { name, group, row, value, origin: draftOriginOf(origin) }
}

function reportOriginOf(origin: DraftOrigin): ReportOrigin {
  switch (origin.kind) {
    case 'total':
      return { ...origin, type: fromHex(origin.type, origin.type.length / 2) }
    case 'analysis':
      return { ...origin, document: parseCid(origin.document) }
    case 'voucher':
      return { ...origin, document: parseCid(origin.document) }
    default:
      return origin
  }
}

function draftOriginOf(origin: ReportOrigin): DraftOrigin {
  switch (origin.kind) {
    case 'total':
      return { ...origin, type: toHex(origin.type) }
    case 'analysis':
      return { ...origin, document: origin.document.toString() }
    case 'voucher':
      return { ...origin, document: origin.document.toString() }
    default:
      return origin
  }
}
