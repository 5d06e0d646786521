import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { TableRecord } from '@tanlian/sdk'
import { openSource, readIfThere, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import type { Intake } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { AHEAD_MS } from '../json-message.ts'
import type { FileOptions } from '../options.ts'
import { openPresences, type PresenceBook } from '../presence.ts'
import type { Channel, Clock, Protocol } from '../protocol.ts'
import { type Places, placesIn, readRow, rowBytes, rowSamples, type TableForm, tableFormOf } from './table.ts'

/** Which files of a device were read, as they were then; loss of it costs only reading them again. */
const READ_NAME = '.read.json'
/** Files of one device that are looked at; rows that wait for the disk at once. */
const MOST_FILES = 10_000
const ROWS_AT_ONCE = 500
const MOST_FILE_BYTES = 1024 ** 3
const LF = 0x0a

/**
 * A watched folder: below it one folder a device, in it CSV, TOA5 logger files (also .gz) and workbooks, which stay where they are. Each row is
 * a message, named by its time: rows that were downloaded twice, in whatever files, count once; the same time with other values is a conflict.
 */
export const file = {
  name: 'file',
  async open(
    { folder, every }: FileOptions,
    devices: readonly Device[],
    intake: Intake,
    clock: Clock,
  ): Promise<Channel> {
    for (const device of devices) tableFormOf(device)
    const presences = openPresences(devices)
    const folders = devices.map((device) => ({
      device,
      path: join(folder, device.id),
      seen: new Map<string, string>(),
    }))
    let stopped = false
    let callOff = () => {}
    let working: Promise<void> = Promise.resolve()

    const look = async () => {
      for (const { device, path, seen } of folders) {
        if (stopped) return
        try {
          await readFolder(device, path, seen, { presences, intake, clock, stopped: () => stopped })
        } catch (error) {
          presences.troubled(device.id, error instanceof TanlianError ? error.code : 'E_FILE_FOLDER')
        }
      }
    }
    const plan = () => {
      if (!stopped)
        callOff = clock.after(every * 1000, () => {
          working = look().finally(plan)
        })
    }
    working = look().finally(plan)
    return {
      address: folder,
      devices: presences.devices,
      async close() {
        stopped = true
        callOff()
        await working
      },
    }
  },
  samples: rowSamples,
} satisfies Protocol<FileOptions>

interface Reading {
  readonly presences: PresenceBook
  readonly intake: Intake
  readonly clock: Clock
  readonly stopped: () => boolean
}

/** Reads what is new in a device's folder. `seen` holds how each file looked the last time: one that still grows waits. */
async function readFolder(device: Device, path: string, seen: Map<string, string>, reading: Reading): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (names === undefined) return
  if (!reading.presences.devices.get(device.id)?.connected) reading.presences.connected(device.id, 1)
  const read = readState(await readIfThere(join(path, READ_NAME)))
  for (const name of names
    .filter((one) => !one.startsWith('.'))
    .sort()
    .slice(0, MOST_FILES)) {
    const { size, mtimeMs } = await stat(join(path, name))
    const look = `${size} ${mtimeMs}`
    if (read.get(name) === look || reading.stopped()) continue
    // Written a moment ago, it may be half of itself; rows are read when it has not changed between two looks.
    const settled = seen.get(name) === look || reading.clock.now() - mtimeMs > SETTLED_MS
    seen.set(name, look)
    if (!settled) continue
    if (size > MOST_FILE_BYTES) reading.presences.troubled(device.id, 'E_FILE_SIZE')
    else await readFile(device, join(path, name), reading)
    if (reading.stopped()) return
    read.set(name, look)
    seen.delete(name)
    await writeDurably(join(path, READ_NAME), JSON.stringify(Object.fromEntries(read)))
  }
}

/** A file that has not changed for so long is whole. */
const SETTLED_MS = 10_000

function readState(bytes: Uint8Array | undefined): Map<string, string> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()))
    if (typeof value !== 'object' || value === null) return new Map()
    return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return new Map()
  }
}

/** Hands in the rows of a file. Throws where the journal takes no more: the file is read again at the next look. */
async function readFile(device: Device, path: string, { presences, intake, clock, stopped }: Reading): Promise<void> {
  const form = tableFormOf(device)
  const refuse = (bytes: Uint8Array, code: string) => {
    intake.refuse({ device: device.id, protocol: 'file', bytes, receivedMs: clock.now(), code })
    presences.troubled(device.id, code)
  }
  let header: TableRecord | undefined
  let places: Places | undefined
  let waiting: Promise<void>[] = []
  let failure: unknown
  const keepFailure = (error: unknown) => {
    failure ??= error
  }
  try {
    const { encoding, delimiter, sheet } = form
    const source = await openSource(path, {
      encoding,
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(sheet === undefined ? {} : { sheet }),
    })
    for await (const records of source.records()) {
      for (const record of records) {
        if (stopped()) break
        if (record.line === form.header) {
          header = record
          places = placesIn(record, form)
          if (places === undefined) return refuse(record.bytes, 'E_FILE_COLUMN')
        }
        if (record.line < form.first) continue
        if (header === undefined || places === undefined) return refuse(record.bytes, 'E_FILE_COLUMN')
        // A row without its end may be half of itself, and half a number is another number.
        if (record.bytes.at(-1) !== LF) refuse(record.bytes, 'E_FILE_LAST_ROW')
        else waiting.push(takeRow(header, record, places, form).catch(keepFailure))
        if (waiting.length === ROWS_AT_ONCE) {
          await Promise.all(waiting)
          waiting = []
          if (failure !== undefined) throw failure
        }
      }
    }
  } catch (error) {
    if (!(error instanceof TanlianError) || error.code.startsWith('E_JOURNAL_')) throw error
    refuse(new TextEncoder().encode(path), error.code)
  } finally {
    await Promise.all(waiting)
  }
  if (failure !== undefined) throw failure

  async function takeRow(names: TableRecord, row: TableRecord, at: Places, rows: TableForm): Promise<void> {
    const read = readRow(row, at, rows)
    const receivedMs = clock.now()
    if (typeof read === 'string') return refuse(row.bytes, read)
    if (read.stampS * 1000 > receivedMs + AHEAD_MS) return refuse(row.bytes, 'E_MESSAGE_FUTURE')
    const { state } = await intake.keep({
      device: device.id,
      protocol: 'file',
      bytes: rowBytes(names, row),
      content: row.bytes,
      receivedMs,
      name: `row ${read.name}`,
      rank: read.stampS * 1000,
      samples: read.samples,
    })
    if (state === 'conflict') presences.troubled(device.id, 'E_DEVICE_CONFLICT')
    else presences.heard(device.id, receivedMs)
  }
}
