/** What a CP says: plain items such as DataTime, and the fields of each factor (监测因子), `a05001-Rtd=…,a05001-Flag=N`. */
export interface Items {
  readonly plain: ReadonlyMap<string, string>
  /** By the factor's code, then by the field: `Rtd`, `Avg`, `Flag` … */
  readonly factors: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** The standard's data flags (HJ 212-2017, 6.5). */
const FLAGS = 'NFMSDCTB'
const NUMBER = /^-?\d{1,15}(?:\.\d{1,12})?$/
/** Fields that hold a number; `Zs…` are values converted to standard conditions. */
const NUMERIC = new Set(['Rtd', 'Min', 'Avg', 'Max', 'Cou', 'ZsRtd', 'ZsMin', 'ZsAvg', 'ZsMax'])

/** Splits a CP: `;` between groups, `,` inside them. Undefined where its form is none, `twice` where a name stands twice. */
export function readItems(content: string): Items | 'twice' | undefined {
  const plain = new Map<string, string>()
  const factors = new Map<string, Map<string, string>>()
  if (content === '') return { plain, factors }
  let from = 0
  while (from <= content.length) {
    let to = from
    let equals = -1
    let dash = -1
    for (; to < content.length; to++) {
      const character = content.charCodeAt(to)
      if (character === 0x3b || character === 0x2c) break
      if (equals >= 0) continue
      if (character === 0x3d) equals = to
      else if (character === 0x2d && dash < 0) dash = to
    }
    if (equals <= from || dash === from || dash === equals - 1) return undefined
    const value = content.slice(equals + 1, to)
    if (dash < 0) {
      const name = content.slice(from, equals)
      if (plain.has(name)) return 'twice'
      plain.set(name, value)
    } else {
      const code = content.slice(from, dash)
      const field = content.slice(dash + 1, equals)
      let factor = factors.get(code)
      if (factor === undefined) {
        factor = new Map()
        factors.set(code, factor)
      }
      if (factor.has(field)) return 'twice'
      factor.set(field, value)
    }
    from = to + 1
  }
  return { plain, factors }
}

/** The first value that is not of its field's form. */
export function checkItems({ factors }: Items): 'E_HJ212_BAD_NUMBER' | 'E_HJ212_BAD_FLAG_VALUE' | undefined {
  for (const factor of factors.values())
    for (const [field, value] of factor) {
      if (field === 'Flag' && !(value.length === 1 && FLAGS.includes(value))) return 'E_HJ212_BAD_FLAG_VALUE'
      if (NUMERIC.has(field) && !NUMBER.test(value)) return 'E_HJ212_BAD_NUMBER'
    }
  return undefined
}
