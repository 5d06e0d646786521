import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readModels } from '../src/model.ts'
import { readPlant } from '../src/plant.ts'
import { FAULTS, parseFaults } from './fault.ts'
import { PLANTS, type PlantName } from './plants/index.ts'
import { startPlant } from './simulator.ts'
import { endpointsOf } from './wires/endpoints.ts'

/*
 * One simulated plant as a process: its devices connect to the gateway of a plant file, until the process is told to end.
 * Each line on stdout is one JSON object: `started`, then `state` every five seconds, then `ended` with the ground truth.
 */

const USAGE = `node gateway/simulator/main.ts --plant NAME --file plant.yaml [options]

  --plant NAME        ${Object.keys(PLANTS).join(', ')}
  --file FILE         plant file of the gateway that it talks to
  --speed N           plant seconds a second (60); it never passes the present
  --back HOURS        how long ago the plant begins (24)
  --from TIME         instead: when it begins, such as 2026-03-01T00:00:00+08:00
  --seed N            what is random follows from it (1)
  --faults LIST       such as loss=0.01,stuck:co2@6h+3h
  --certificates DIR  authority.pem, and DEVICE.pem and DEVICE.key of each MQTT device (beside the plant file: certificates)
  --truth FILE        where the totals of what was acknowledged are written at the end

Faults: name[:device or point][=value][@from[+length]], times as 90, 10m, 6h, 1d after the beginning
${Object.entries(FAULTS)
  .map(([name, meaning]) => `  ${name.padEnd(10)} ${meaning}`)
  .join('\n')}`

const STATE_MS = 5000
const DEVICES = fileURLToPath(new URL('../devices', import.meta.url))

const { values } = parseArgs({
  options: {
    plant: { type: 'string' },
    file: { type: 'string' },
    speed: { type: 'string', default: '60' },
    back: { type: 'string', default: '24' },
    from: { type: 'string' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '' },
    certificates: { type: 'string' },
    truth: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const { plant: name, file } = values
if (values.help === true || name === undefined || file === undefined || !Object.hasOwn(PLANTS, name)) {
  console.error(USAGE)
  process.exit(values.help === true ? 0 : 2)
}

const folder = dirname(resolve(file))
const { devices, listen } = readPlant(await readFile(file, 'utf8'), await readModels(DEVICES), folder)
const fromMs = values.from === undefined ? Date.now() - Number(values.back) * 3_600_000 : Date.parse(values.from)
const running = await startPlant({
  plant: name as PlantName,
  devices,
  endpoints: endpointsOf(listen, values.certificates ?? join(folder, 'certificates')),
  seed: Number(values.seed),
  fromMs,
  speed: Number(values.speed),
  faults: parseFaults(values.faults),
})
say('started', { plant: name, from: new Date(fromMs).toISOString(), ports: Object.fromEntries(running.ports) })
const timer = setInterval(() => say('state', stateOf()), STATE_MS)
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, async () => {
    clearInterval(timer)
    await running.stop()
    const totals = [...running.truth.totals()].map(([stream, { point, quantity }]) => ({
      stream,
      point: point.name,
      type: point.type.toString(16).padStart(6, '0'),
      quantity: String(quantity),
    }))
    if (values.truth !== undefined) await writeFile(values.truth, `${JSON.stringify(totals, null, 2)}\n`)
    say('ended', { ...stateOf(), totals })
    process.exit(0)
  })

function stateOf() {
  const { clock, made, waiting, truth } = running
  return { time: new Date(clock.now()).toISOString(), made, waiting, acknowledged: truth.frames.length }
}

function say(step: string, detail: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ step, ...detail })}\n`)
}
