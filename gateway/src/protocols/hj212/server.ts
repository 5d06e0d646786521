import { createServer } from 'node:net'
import { TanlianError } from '@tanlian/units'
import type { Intake } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { addressError } from '../address.ts'
import { listenAt } from '../listen.ts'
import type { Hj212Options } from '../options.ts'
import { openPresences } from '../presence.ts'
import type { Channel, Clock, Protocol } from '../protocol.ts'
import { type Connection, type Load, openConnection } from './connection.ts'
import { type Dialogue, stampOf } from './dialogue.ts'
import { frameSamples, type Hj212Record, recordOf } from './record.ts'

/** A listening HJ 212 server that can ask its devices as well. */
export interface Hj212Channel extends Channel {
  /** Asks a device for its data of `[from, to)`, Unix seconds (补传): once for each command that its points are read from. */
  backfill(device: string, from: number, to: number): Promise<void>
  /** Sets a device's clock (1012). */
  setClock(device: string): Promise<void>
}

/** HJ 212-2017 over TCP: data loggers connect, upload and wait for their answers (数采仪上传). */
export const hj212 = {
  name: 'hj212',
  async open(
    { host, port, connections, idle }: Hj212Options,
    devices: readonly Device[],
    intake: Intake,
    clock: Clock,
  ): Promise<Hj212Channel> {
    const records = new Map<string, Hj212Record>()
    for (const device of devices) {
      const record = recordOf(device)
      if (records.has(record.mn)) throw addressError(device, 'mn', 'is that of another device')
      records.set(record.mn, record)
    }
    const presences = openPresences(devices)
    const dialogues = new Map<string, Dialogue>()
    const open = new Set<Connection>()
    const load: Load = { bytes: 0, paused: new Set() }
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      const connection = openConnection(socket, {
        records,
        presences,
        dialogues,
        intake,
        clock,
        load,
        idleMs: idle * 1000,
      })
      open.add(connection)
      connection.closed.finally(() => open.delete(connection))
    })
    server.maxConnections = connections
    const address = await listenAt(server, { host, port })

    const dialogueOf = (id: string): [Dialogue, Hj212Record] => {
      const device = devices.find((one) => one.id === id)
      const dialogue = dialogues.get(id)
      if (device === undefined || dialogue === undefined)
        throw new TanlianError('E_HJ212_SILENT', `${id} is not connected, so it cannot be asked.`, {
          values: { device: id },
        })
      return [dialogue, recordOf(device)]
    }
    return {
      address,
      devices: presences.devices,
      async backfill(id, from, to) {
        const [dialogue, { points, zone }] = dialogueOf(id)
        const window = `BeginTime=${stampOf(from * 1000, zone)},EndTime=${stampOf((to - 1) * 1000, zone)}`
        for (const command of points.keys()) await dialogue.ask(command, window)
      },
      async setClock(id) {
        const [dialogue, { zone }] = dialogueOf(id)
        await dialogue.ask('1012', `SystemTime=${stampOf(clock.now(), zone)}`)
      },
      async close() {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()))
        for (const connection of open) connection.finish()
        await Promise.all([...open].map((connection) => connection.closed))
        await closed
      },
    }
  },
  samples: frameSamples,
} satisfies Protocol<Hj212Options>
