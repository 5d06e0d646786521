import { measure, type Promised, side } from '../promise.ts'

/** What issue 4 promises of the way from samples to readings, on one core. */
export const promises: readonly Promised[] = [
  {
    name: 'samples → readings with flags, all rules of a stream',
    goal: '≥ 200,000 /s',
    run: async () => {
      const [[rate = 0] = []] = await measure(3, [side(import.meta.url, 'quality', 1_000_000)])
      return { figure: `${Math.round(rate).toLocaleString('en')} /s`, met: rate >= 200_000 }
    },
  },
  {
    name: 'what the rules remember of a stream',
    goal: '≤ 4 kB',
    run: async () => {
      const [[, bytes = Number.POSITIVE_INFINITY] = []] = await measure(1, [
        side(import.meta.url, 'quality', 1_000_000),
      ])
      return { figure: `${(bytes / 1000).toFixed(2)} kB`, met: bytes <= 4000 }
    },
  },
]
