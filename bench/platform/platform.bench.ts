import { median, type Promised, runProgram, side } from '../promise.ts'

/** 200 traces at once, each a type and a month of a year's log of daily batches: p95 at most a second, memory flat. A draft in a second. */
export const promises: readonly Promised[] = [
  {
    name: 'platform: 200 traces at once (a type, a month, of a year), p95',
    goal: '≤ 1 s, flat memory',
    run: async () => {
      const lines = (await runProgram(side(import.meta.url, 'traces'))).trim().split('\n')
      const rounds = lines.map(
        (line) => JSON.parse(line) as { p95Ms: number; residentBytes: number; bytes: number; wholeBytes: number },
      )
      const p95Ms = median(rounds.map((round) => round.p95Ms))
      const first = rounds[0]
      const last = rounds.at(-1)
      if (first === undefined || last === undefined) return { missing: 'no round was run' }
      const growth = last.residentBytes / first.residentBytes
      const share = (100 * last.bytes) / last.wholeBytes
      return {
        figure: `${Math.round(p95Ms)} ms, memory × ${growth.toFixed(2)}, ${share.toFixed(1)} % of the bytes`,
        met: p95Ms <= 1000 && growth <= 1.2,
      }
    },
  },
  {
    name: 'platform: the draft of a year’s report, 40 hourly streams',
    goal: '≤ 1 s',
    run: async () => {
      const lines = (await runProgram(side(import.meta.url, 'draft'))).trim().split('\n')
      const [ms, filled] = [0, 1].map((at) => median(lines.map((line) => Number(line.split(' ')[at])))) as [
        number,
        number,
      ]
      return { figure: `${Math.round(ms)} ms, ${filled} inputs`, met: ms <= 1000 && filled > 0 }
    },
  },
]
