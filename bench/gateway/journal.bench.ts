import { measure, type Promised, side } from '../promise.ts'

const PENDING = 10_000_000
/** As the gateway's own process has them. */
const MEMORY = ['--max-semi-space-size=4', '--max-old-space-size=128']

/** What issue 4 promises of the gateway's journal. */
export const promises: readonly Promised[] = [
  {
    name: 'gateway: messages through intake and journal, synced before each answer',
    goal: '≥ 20,000 /s, 200 MB',
    run: async () => {
      const program = side(import.meta.url, 'journal', 400_000, 500)
      const [node, ...args] = program
      const [[rate = 0, resident = 0] = []] = await measure(3, [[node, ...MEMORY, ...args]])
      const met = rate >= 20_000 && resident <= 200e6
      return { figure: `${rate.toLocaleString('en')} /s, ${Math.round(resident / 1e6)} MB`, met }
    },
  },
  {
    name: 'gateway: messages of four values to signed batches, all in one process',
    goal: '≥ 20,000 readings/s, 200 MB',
    run: async () => {
      const [node, ...args] = side(import.meta.url, 'fold', 100_000)
      const [[rate = 0, resident = 0] = []] = await measure(3, [[node, ...MEMORY, ...args]])
      const met = rate >= 20_000 && resident <= 200e6
      return { figure: `${rate.toLocaleString('en')} /s, ${Math.round(resident / 1e6)} MB`, met }
    },
  },
  {
    name: `gateway: from start to answer after a kill, ${PENDING.toLocaleString('en')} messages pending`,
    goal: '≤ 5 s',
    run: async () => {
      const [[ms = Number.NaN, resident = 0] = []] = await measure(1, [side(import.meta.url, 'restart', PENDING)])
      return { figure: `${(ms / 1000).toFixed(2)} s, ${Math.round(resident / 1e6)} MB`, met: ms <= 5000 }
    },
  },
]
