import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { batchCar, cidFromDigest, draftBatch, numberBatch, type Reading, signEntry } from '@tanlian/evidence'
import { until } from '../../../platform/test/ask.ts'
import { send } from '../../../platform/test/batch.ts'
import { bindEnterprise, newParty, register } from '../../../platform/test/party.ts'
import { startTestPlatform } from '../../../platform/test/platform.ts'
import { startProcess } from '../../../platform/test/process.ts'

/*
 * Puts a year of daily batches (seven streams, a reading each quarter of an hour: 672 a day) into a platform, starts it as a process of its
 * own, and asks 200 traces at once, five rounds of different months and types. One line of JSON a round.
 */
const DAYS = 365
const TRACES = 200
const ROUNDS = 5
const YEAR = 1_514_736_000
const TYPES = [0x020101, 0x020201, 0x030101, 0x040101, 0x010301, 0x060101, 0x0b0101]
const STREAMS = TYPES.map((type, at) => ({ stream: at + 1, type, device: `meter ${at + 1}`, interval: 900 }))

const seeding = await startTestPlatform({ promiseSeconds: 600 })
const { config } = seeding
let wholeBytes = 0
const plant = await bindEnterprise(seeding, 'plant', await register(seeding, newParty('platform', 'the platform')))
const organization = plant.id
let previous: Uint8Array | null = null
for (let day = 0; day < DAYS; day++) {
  const readings: Reading[] = STREAMS.flatMap(({ stream, type }) =>
    Array.from({ length: 96 }, (_, quarter) => ({
      type,
      stream,
      start: YEAR + day * 86_400 + quarter * 900,
      seconds: 900,
      quantity: 1000 + ((day * 97 + quarter * 31 + stream * 7) % 5000),
      flag: 'N' as const,
      source: null,
    })),
  )
  let seeds = 0
  const seed = () => new Uint8Array(createHash('sha256').update(`${day}/${seeds++}`).digest())
  const draft = draftBatch({ readings, streams: STREAMS, seed, frames: [] })
  const before = previous === null ? null : cidFromDigest(previous)
  const { header, entry } = numberBatch(draft, { organization, sequence: day + 1, previous: before })
  const signature = signEntry(entry, seeding.instance.chain.domain, plant.batches)
  const car = batchCar(header, draft.blocks)
  wholeBytes += car.length
  const answer = await send(seeding, { entry, signature, car })
  if (answer.status !== 201) throw new Error(answer.text)
  previous = entry.digest
}
await until('the year in the log', () => seeding.instance.log.size === DAYS, 120_000)
await seeding.stop()

const platform = await startProcess({ dataDir: config.dataDir, port: config.port, rpcPort: config.rpcPort })
try {
  // The first round fills what the platform keeps in memory; the promise is about the service as it runs.
  for (let round = 0; round <= ROUNDS; round++) {
    const times: number[] = []
    let bytes = 0
    await Promise.all(
      Array.from({ length: TRACES }, async (_, at) => {
        const month = (at + round) % 12
        const type = (TYPES[Math.floor(at / 12) % TYPES.length] as number).toString(16).padStart(6, '0')
        const from = Date.UTC(2018, month) / 1000 - 8 * 3600 + round
        const to = Date.UTC(2018, month + 1) / 1000 - 8 * 3600
        const begun = performance.now()
        const answer = await fetch(
          `${platform.url}/v1/organizations/${organization}/trace?type=${type}&from=${from}&to=${to}`,
        )
        if (answer.status !== 200) throw new Error(await answer.text())
        bytes += (await answer.arrayBuffer()).byteLength
        times.push(performance.now() - begun)
      }),
    )
    times.sort((a, b) => a - b)
    if (round > 0)
      console.log(
        JSON.stringify({
          p95Ms: times[Math.ceil(times.length * 0.95) - 1],
          residentBytes: await residentBytes(platform.child.pid as number),
          bytes: bytes / TRACES,
          wholeBytes,
        }),
      )
  }
} finally {
  platform.child.kill('SIGTERM')
  await platform.ended
  await seeding.close()
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
}
