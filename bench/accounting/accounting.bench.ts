import { measure, type Outcome, type Promised, runProgram, side } from '../promise.ts'

const ROUNDS = 3

/** What issue 5 promises of `accounting`. */
export const promises: readonly Promised[] = [
  {
    name: 'readings × factor by group, 10,000,000, exact, against DuckDB on one thread',
    goal: '≥ 3 ×',
    run: fold,
  },
  { name: 'power methodology, twelve months', goal: '≤ 50 µs', run: () => evaluation(0, 50) },
  { name: 'power methodology, twelve months, with its trace', goal: '≤ 1000 µs', run: () => evaluation(1, 1000) },
]

/** Both sides print nanoseconds a reading and an answer, which must be the same. */
async function fold(): Promise<Outcome> {
  const ours = side(import.meta.url, 'fold')
  const theirs = side(import.meta.url, 'duckdb')
  const [[own = 0, answer] = [], [peer = 0, said] = []] = await measure(ROUNDS, [ours, theirs])
  if (answer === undefined || answer !== said) return { figure: `totals differ: ${answer}, ${said}`, met: false }
  return { figure: `${(peer / own).toFixed(2)} × (${own.toFixed(2)} ns)`, met: peer / own >= 3 }
}

let evaluated: Promise<number[]> | undefined

/** One process measures both; each promise reads its figure. */
async function evaluation(figure: number, most: number): Promise<Outcome> {
  evaluated ??= runProgram(side(import.meta.url, 'evaluate')).then((printed) => printed.trim().split('\n').map(Number))
  const time = (await evaluated)[figure] ?? Number.NaN
  return { figure: `${time.toFixed(1)} µs`, met: time <= most }
}
