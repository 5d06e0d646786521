import rows from './kinds.json' with { type: 'json' }

/** A kind of measured quantity (数据种类): class, group and kind of the type, without its validity. */
export interface KindInfo {
  /** `class << 16 | group << 8 | kind`, as in a `streams` block. */
  readonly type: number
  readonly class: number
  readonly group: number
  readonly kind: number
  /** The base unit of a delta; for a gauge the unit of its mean (the reading itself is in unit × s). */
  readonly unit: string
  readonly sort: 'delta' | 'gauge'
  readonly zh: string
  readonly en: string
}

/** The flags of a reading and what they mean (spec section 2; the letters of HJ 212-2017 with S, E and B). */
export const FLAGS = ['N', 'F', 'M', 'S', 'D', 'C', 'T', 'B', 'E'] as const
export type Flag = (typeof FLAGS)[number]

/** 0 measured (实测), 1 entered by hand or estimated (人工或估算), 2 not valid (无效). */
export type Validity = 0 | 1 | 2

const VALIDITY: Readonly<Record<Flag, Validity>> = { N: 0, F: 0, S: 1, E: 1, M: 2, D: 2, C: 2, T: 2, B: 2 }

/** The validity byte that goes with a flag (spec section 1). */
export function validityOf(flag: Flag): Validity {
  return VALIDITY[flag]
}

/** True for one of the nine flags. */
export function isFlag(text: unknown): text is Flag {
  return typeof text === 'string' && (FLAGS as readonly string[]).includes(text)
}

/** Every kind the implementation has assigned; data in `kinds.json`, groups and base units from spec section 1. */
export const KINDS: readonly KindInfo[] = rows.map((row) => {
  const type = Number.parseInt(row.type, 16)
  return {
    type,
    class: type >>> 16,
    group: (type >>> 8) & 0xff,
    kind: type & 0xff,
    unit: row.unit,
    sort: row.sort === 'gauge' ? 'gauge' : 'delta',
    zh: row.zh,
    en: row.en,
  }
})

const byType = new Map(KINDS.map((kind) => [kind.type, kind]))

/**
 * What a 24-bit type is: its own row, else the row of its group (a kind we have no name for keeps its group's unit);
 * undefined where the group is unknown, and then no unit may be shown.
 */
export function kindInfo(type: number): KindInfo | undefined {
  const own = byType.get(type)
  if (own !== undefined) return own
  const group = byType.get(type & 0xffff00)
  return group === undefined ? undefined : { ...group, type, kind: type & 0xff }
}
