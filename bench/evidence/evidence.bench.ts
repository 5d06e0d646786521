import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measure, type Outcome, type Promised, runProgram, type Side, side } from '../promise.ts'

const ROUNDS = 5

/** What issue 3 promises of `evidence`, on one core. */
export const promises: readonly Promised[] = [
  ...[100_000, 1_000_000].flatMap((leaves): Promised[] => [
    {
      name: `leaves → root with all checks, ${leaves} leaves, against Go tlog`,
      goal: '≥ 0.9 ×',
      run: async () => {
        const peer = await tlog(leaves)
        return 'missing' in peer ? peer : against(side(import.meta.url, 'root', leaves), peer.side, ROUNDS, 0.9)
      },
    },
    {
      name: `leaves → root with all checks, ${leaves} leaves, against merkletreejs`,
      goal: '≥ 6 ×',
      run: () => against(side(import.meta.url, 'root', leaves), side(import.meta.url, 'merkletreejs', leaves), 3, 6),
    },
  ]),
  {
    name: 'readings (typed arrays) → salt → body → leaf → root',
    goal: '≥ 1,000,000 /s',
    run: () => atLeast(side(import.meta.url, 'readings', 262_144), 1_000_000),
  },
  {
    name: 'rows → chunk blocks → batch',
    goal: '≥ 300,000 /s',
    run: () => atLeast(side(import.meta.url, 'batch', 262_144), 300_000),
  },
  {
    name: 'cost of a reading at 1,000,000 against that at 10,000',
    goal: '≤ 1.1 ×',
    run: async () => {
      const [[many = 0] = [], [few = 0] = []] = await measure(ROUNDS, [
        side(import.meta.url, 'readings', 1_000_000),
        side(import.meta.url, 'readings', 10_000),
      ])
      return { figure: `${(many / few).toFixed(2)} ×`, met: many / few <= 1.1 }
    },
  },
  {
    name: 'a single-interval total over 1,000,000 readings: the largest proof',
    goal: '≤ 3.7 kB',
    run: () => proof(0, 3700, (bytes) => `${(bytes / 1000).toFixed(2)} kB`),
  },
  {
    name: 'the same: made, the slowest window',
    goal: '≤ 1 ms',
    run: () => proof(1, 1, milliseconds),
  },
  {
    name: 'the same: checked warm, the slowest window',
    goal: '≤ 0.5 ms',
    run: () => proof(2, 0.5, milliseconds),
  },
  {
    name: 'the same: checked as the first in a process',
    goal: '≤ 20 ms',
    run: async () => {
      const [[time = Number.NaN] = []] = await measure(ROUNDS, [side(import.meta.url, 'first-check')])
      return { figure: milliseconds(time), met: time <= 20 }
    },
  },
]

/** Nanoseconds a leaf of the peer over ours. */
async function against(ours: Side, theirs: Side, rounds: number, goal: number): Promise<Outcome> {
  const [[own = 0] = [], [peer = 0] = []] = await measure(rounds, [ours, theirs])
  return { figure: `${(peer / own).toFixed(2)} × (${own.toFixed(0)} ns)`, met: peer / own >= goal }
}

/** Nanoseconds a reading as readings a second. */
async function atLeast(ours: Side, goal: number): Promise<Outcome> {
  const [[time = Number.NaN] = []] = await measure(ROUNDS, [ours])
  const rate = Math.round(1e9 / time)
  return { figure: `${rate.toLocaleString('en')} /s`, met: rate >= goal }
}

const milliseconds = (time: number) => `${time.toFixed(3)} ms`

let proofs: Promise<number[]> | undefined

/** One process measures size, making and checking; each promise reads its figure. */
async function proof(figure: number, most: number, text: (value: number) => string): Promise<Outcome> {
  proofs ??= measure(ROUNDS, [side(import.meta.url, 'proof', 1_000_000)]).then(([figures = []]) => figures)
  const value = (await proofs)[figure] ?? Number.NaN
  return { figure: text(value), met: value <= most }
}

let built: Promise<string> | undefined

/** The Go peer, built once outside the repository. */
async function tlog(leaves: number): Promise<{ side: Side } | { missing: string }> {
  try {
    await runProgram(['go', 'version'])
  } catch {
    return { missing: 'Go is not installed' }
  }
  built ??= buildTlog()
  return { side: [await built, String(leaves), leaves > 200_000 ? '5' : '15'] }
}

async function buildTlog(): Promise<string> {
  const program = join(mkdtempSync(join(tmpdir(), 'tanlian-bench-')), 'tlog')
  await runProgram(['go', 'build', '-o', program, '.'], new URL('tlog', import.meta.url).pathname)
  return program
}
