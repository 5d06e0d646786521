import { measure, type Outcome, type Promised, runProgram, type Side, side } from '../promise.ts'

const ROUNDS = 3

/** What issue 4 promises of messages that come over sockets: both sides in one run, the gateway's on this machine's disk. */
export const promises: readonly Promised[] = [
  {
    name: 'HJ 212 over loopback, kept and answered, against a bare loop that reads the frames',
    goal: '≥ 0.4 ×, ≥ 20,000 /s',
    run: async () => {
      const [own, peer] = await rates('hj212', ['gateway', 'bare'], 60_000, 8)
      return {
        figure: `${(own / peer).toFixed(2)} ×, ${own.toLocaleString('en')} /s`,
        met: own >= 0.4 * peer && own >= 20_000,
      }
    },
  },
  {
    name: 'MQTT QoS 1 acknowledged after the sync, against Mosquitto without syncs',
    goal: '≥ 1 ×',
    run: () => orMissing('mosquitto', ['-h'], async () => against('mqtt', ['gateway', 'mosquitto'], 40_000, 8)),
  },
  {
    name: 'NDJSON, 1,000 rows a request, checked and kept, against node:http with JSON.parse',
    goal: '≥ 1 ×',
    run: () => against('rows', ['gateway', 'bare'], 300, 16),
  },
]

async function rates(name: string, kinds: readonly [string, string], count: number, clients: number) {
  const sides = kinds.map((kind): Side => side(import.meta.url, name, kind, count, clients))
  const [[own = 0] = [], [peer = 0] = []] = await measure(ROUNDS, sides)
  return [own, peer] as const
}

async function against(
  name: string,
  kinds: readonly [string, string],
  count: number,
  clients: number,
): Promise<Outcome> {
  const [own, peer] = await rates(name, kinds, count, clients)
  return { figure: `${(own / peer).toFixed(2)} ×, ${own.toLocaleString('en')} /s`, met: own >= peer }
}

/** A peer that is not installed is no failure of ours. */
async function orMissing(command: string, args: string[], run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    await runProgram([command, ...args])
  } catch (error) {
    // It tells its usage with another code than 0.
    if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code === 'ENOENT')
      return { missing: `${command} is not installed` }
  }
  return run()
}
