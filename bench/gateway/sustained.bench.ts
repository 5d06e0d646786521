import { type Promised, runProgram, side } from '../promise.ts'

/** Ten minutes are promised: `SUSTAINED_S=600 npm run bench -- sustained`. */
const SECONDS = Number(process.env.SUSTAINED_S ?? 60)
const PER_SECOND = 20_000
/** Starting everything, and bringing the last reading into the log. */
const REST_MS = 240_000

interface Seen {
  readonly perSecond: number
  readonly lagS: { readonly p50: number; readonly p99: number; readonly most: number }
  readonly gatewayMB: Memory
  readonly platformMB: Memory
}

interface Memory {
  readonly all: number
  readonly secondQuarter: number
  readonly lastQuarter: number
}

/** What issue 4 promises of the whole way, from the device to the proven log. */
export const promises: readonly Promised[] = [
  {
    name: `sustained ${SECONDS} s: device → gateway → platform → chain, proof checked`,
    goal: '≥ 20,000 readings/s, behind p99 ≤ 30 s, memory flat, gateway ≤ 200 MB',
    run: async () => {
      const program = side(import.meta.url, 'sustained', SECONDS, PER_SECOND)
      const { perSecond, lagS, gatewayMB, platformMB } = JSON.parse(
        await runProgram(program, undefined, SECONDS * 1000 + REST_MS),
      ) as Seen
      const isFlat = ({ secondQuarter, lastQuarter }: Memory) => lastQuarter <= 1.2 * secondQuarter
      return {
        figure: `${perSecond.toLocaleString('en')} /s, p50 ${lagS.p50} p99 ${lagS.p99} most ${lagS.most} s, ${gatewayMB.secondQuarter} → ${gatewayMB.lastQuarter} MB, platform ${platformMB.secondQuarter} → ${platformMB.lastQuarter} MB`,
        // The last tick of the loggers may be a few milliseconds late.
        met:
          perSecond >= 0.99 * PER_SECOND &&
          lagS.p99 <= 30 &&
          gatewayMB.all <= 200 &&
          [gatewayMB, platformMB].every(isFlat),
      }
    },
  },
]
