import { TanlianError } from '@tanlian/units'
import type { Arrival, Intake, Sample } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import type { ModbusOptions } from '../options.ts'
import { openPresences } from '../presence.ts'
import type { Channel, Clock, Protocol } from '../protocol.ts'
import { type Line, openLine } from './line.ts'
import { encodePoll, pollSamples, registerMapOf } from './registers.ts'

/** The longest pause after polls that failed. */
const MOST_PAUSE_MS = 60_000

/** Modbus TCP: the gateway asks meters for their registers, at moments that divide the day evenly (轮询). */
export const modbusTcp = {
  name: 'modbus-tcp',
  async open(_options: ModbusOptions, devices: readonly Device[], intake: Intake, clock: Clock): Promise<Channel> {
    const presences = openPresences(devices)
    const lines = new Map<string, Line>()
    const lineOf = (host: string, port: number) => {
      const line = lines.get(`${host}:${port}`) ?? openLine(host, port)
      lines.set(`${host}:${port}`, line)
      return line
    }
    const pollers = devices.map((device) => {
      const map = registerMapOf(device)
      return openPoller(device, lineOf(map.host, map.port))
    })
    return {
      address: undefined,
      devices: presences.devices,
      async close() {
        await Promise.all(pollers.map((stop) => stop()))
        await Promise.all([...lines.values()].map((line) => line.close()))
      },
    }

    function openPoller(device: Device, line: Line): () => Promise<void> {
      const map = registerMapOf(device)
      let stopped = false
      let callOff = () => {}
      let failures = 0
      let connected = false
      let working = Promise.resolve()

      const show = (answers: boolean) => {
        if (answers !== connected) presences.connected(device.id, answers ? 1 : -1)
        connected = answers
      }
      const plan = () => {
        if (stopped) return
        const nowMs = clock.now()
        // A meter that is away is asked more and more seldom, but always at a moment of its own.
        const pauseMs = failures < 3 ? 0 : Math.min(MOST_PAUSE_MS, map.every * 1000 * 2 ** Math.min(failures - 2, 16))
        const step = map.every * 1000
        const at = Math.floor((nowMs + pauseMs) / step) * step + step
        callOff = clock.after(at - nowMs, () => {
          // Timers may ring a moment early.
          const tick = Math.round(clock.now() / step) * map.every
          working = poll(tick).finally(plan)
        })
      }
      const poll = async (tick: number) => {
        try {
          await keepPoll(device, line, intake, clock, tick)
          failures = 0
          show(true)
          presences.heard(device.id, clock.now())
        } catch (error) {
          failures++
          const code = error instanceof TanlianError ? error.code : 'E_JOURNAL_STOPPED'
          if (code === 'E_MODBUS_SILENT') show(false)
          presences.troubled(device.id, code)
        }
      }
      plan()
      return async () => {
        stopped = true
        callOff()
        await working
      }
    }
  },
  async probe(device: Device, clock: Clock): Promise<readonly Sample[]> {
    const map = registerMapOf(device)
    const line = openLine(map.host, map.port)
    try {
      const answers = await line.read(map)
      // A moment at which every point is read.
      const longest = Math.max(...map.points.map(({ interval }) => interval))
      const at = Math.floor(clock.now() / 1000 / longest) * longest
      return pollSamples(encodePoll(at, map.unit, answers), device)
    } finally {
      await line.close()
    }
  },
  samples: pollSamples,
} satisfies Protocol<ModbusOptions>

async function keepPoll(device: Device, line: Line, intake: Intake, clock: Clock, tick: number): Promise<void> {
  const map = registerMapOf(device)
  const bytes = encodePoll(tick, map.unit, await line.read(map))
  const arrival: Arrival = {
    device: device.id,
    protocol: 'modbus-tcp',
    bytes,
    receivedMs: clock.now(),
    name: `poll ${tick}`,
    rank: tick * 1000,
    samples: pollSamples(bytes, device),
  }
  await intake.keep(arrival)
}
