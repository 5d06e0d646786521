import { type Found, testOf } from './rule.ts'
import { approximate, binomialTail, chanceOf } from './statistics.ts'

/** The same value to every digit in different months (数值重复), more often than chance would have it. */
export const repeated = testOf({
  names: ['figures'],
  numbers: ['chance'],
  find: (facts, { figures }, { chance }) =>
    figures.flatMap((name) =>
      bySubject(facts.figures.filter((one) => one.name === name && one.origin !== 'choice')).flatMap(([part, own]) => {
        const groups = new Map<string, string[]>()
        for (const { text, month } of own) groups.set(text, [...(groups.get(text) ?? []), month as string])
        const same = [...groups.entries()].filter(([, months]) => months.length > 1)
        if (same.length === 0) return []
        const hits = same.reduce((sum, [, months]) => sum + (months.length * (months.length - 1)) / 2, 0)
        const values = own.map(({ value }) => approximate(value))
        const width = Math.max(...values) - Math.min(...values)
        const step = stepOf(own.map(({ text }) => text))
        const pairs = (own.length * (own.length - 1)) / 2
        // Values crowd in the middle of their range: by about a half, for normal noise.
        const expected = width === 0 ? 0 : (1.5 * pairs * step) / width
        if (chanceOf(hits, expected) > chance) return []
        return same.map(
          ([text, months]): Found => ({ subject: subjectOf(name, part), months, values: { value: text } }),
        )
      }),
    ),
})

/** Values that end in 0 or 5 far more often than measuring gives (数值过整). */
export const rounded = testOf({
  names: ['figures'],
  numbers: ['chance', 'least'],
  find: (facts, { figures }, { chance, least }) =>
    figures.flatMap((name) =>
      bySubject(
        facts.figures.filter((one) => one.name === name && (one.origin === 'analysis' || one.origin === 'manual')),
      ).flatMap(([part, own]) => {
        if (own.length < least) return []
        const round = own.filter(({ text }) => /[05]$/.test(text))
        if (binomialTail(round.length, own.length, 0.2) > chance) return []
        return [
          {
            subject: subjectOf(name, part),
            months: round.map(({ month }) => month as string),
            values: { round: String(round.length), of: String(own.length) },
          },
        ]
      }),
    ),
})

/** Figures of one name by part; those of the whole period are left out. */
function bySubject<T extends { readonly part: string; readonly month: string | undefined }>(
  figures: readonly T[],
): readonly (readonly [string, readonly T[]])[] {
  const parts = new Map<string, T[]>()
  for (const figure of figures)
    if (figure.month !== undefined) parts.set(figure.part, [...(parts.get(figure.part) ?? []), figure])
  return [...parts]
}

/** The last place that the texts are written to. */
function stepOf(texts: readonly string[]): number {
  const places = Math.max(...texts.map((text) => text.split('.')[1]?.length ?? 0))
  return 1 / 10 ** places
}

function subjectOf(name: string, part: string): string {
  return part === '' ? name : `${part}: ${name}`
}
