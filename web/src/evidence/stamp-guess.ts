/** Forms of a time stamp that are offered, with what they look like; the first that fits every sample is proposed. */
export const STAMP_FORMATS = [
  ['yyyy-MM-dd HH:mm:ss', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/],
  ['yyyy-MM-dd HH:mm', /^\d{4}-\d\d-\d\d \d\d:\d\d$/],
  ['iso', /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/],
  ['yyyy/M/d H:mm', /^\d{4}\/\d{1,2}\/\d{1,2} \d{1,2}:\d\d$/],
  ['yyyy/M/d H:mm:ss', /^\d{4}\/\d{1,2}\/\d{1,2} \d{1,2}:\d\d:\d\d$/],
  ['dd/MM/yyyy HH:mm', /^(0[1-9]|[12]\d|3[01])\/(0[1-9]|1[0-2])\/\d{4} \d\d:\d\d$/],
  ['MM/dd/yyyy HH:mm', /^(0[1-9]|1[0-2])\/(0[1-9]|[12]\d|3[01])\/\d{4} \d\d:\d\d$/],
  ['d/M/yyyy H:mm', /^(0?[1-9]|[12]\d|3[01])\/(0?[1-9]|1[0-2])\/\d{4} \d{1,2}:\d\d$/],
  ['M/d/yyyy H:mm', /^(0?[1-9]|1[0-2])\/(0?[1-9]|[12]\d|3[01])\/\d{4} \d{1,2}:\d\d$/],
  ['yyyy-MM-dd', /^\d{4}-\d\d-\d\d$/],
  ['unix', /^\d{9,11}$/],
] as const satisfies readonly (readonly [string, RegExp])[]

/** The form that fits all samples; `certain` is false where another form fits them too (3/4 is a day in April or in March). */
export function guessStamp(
  samples: readonly string[],
): { readonly format: string; readonly certain: boolean } | undefined {
  const texts = samples.map((text) => text.trim()).filter((text) => text !== '')
  const fitting = STAMP_FORMATS.filter(([, pattern]) => texts.length > 0 && texts.every((text) => pattern.test(text)))
  const format = fitting[0]?.[0]
  if (format === undefined) return undefined
  const begins = (letter: string) => fitting.some(([one]) => one.startsWith(letter))
  return { format, certain: !(begins('d') && begins('M')) }
}

/** The most frequent distance between neighbouring stamps, seconds, by the digits alone: a proposal for the interval. */
export function guessInterval(samples: readonly string[]): number | undefined {
  const minutes = samples
    .map((text) => /(\d{1,2}):(\d\d)(?::(\d\d))?/.exec(text))
    .filter((match) => match !== null)
    .map((match) => Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0))
  const counts = new Map<number, number>()
  for (let at = 1; at < minutes.length; at++) {
    const distance = ((minutes[at] ?? 0) - (minutes[at - 1] ?? 0) + 86_400) % 86_400
    if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
}
