/** What a methodology that is made for one test says of itself: the fields that no rule of the test depends on. */
export const SKETCH = {
  format: 'tanlian/methodology/1',
  version: '1',
  name: { zh: '试验', en: 'sketch' },
  sector: 'any',
  valid: { from: '2024-01-01' },
  rounding: 'half-up',
  source: { document: 'this test', confidence: 'M' },
  groups: [{ name: 'rows', zh: '行', en: 'rows' }],
  outputs: [],
} as const

/** An input of a sketch, in no unit; with `group` one in each of its rows. */
export const inputOf = (name: string, group?: 'rows') => ({
  name,
  ...(group === undefined ? {} : { group }),
  unit: '1',
  zh: '值',
  en: 'value',
})

/** An equation of a sketch, in no unit, rounded to two places. */
export const equationOf = (equation: Readonly<Record<string, string>>) => ({
  zh: '式',
  en: 'equation',
  unit: '1',
  places: '2',
  ...equation,
})
