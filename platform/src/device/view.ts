import { decodeBlock, toHex } from '@tanlian/evidence'
import type { Selectable } from 'kysely'
import type { Instance } from '../instance.ts'
import type { DeviceStreamTable } from '../series/schema.ts'
import { type DeviceKey, keysOfDevices } from './key.ts'

/** A stream of a device, as the batch `since` declared it; a later batch can only repeat it unchanged. */
export interface DeviceStream {
  readonly stream: number
  /** Six hex digits. */
  readonly type: string
  readonly interval: number
  /** Sequence of the batch that declared it first: its version. */
  readonly since: number
  /** The key that the declaration names for the device, hex. */
  readonly key: string | null
  /** All else that the declaration says. */
  readonly more: Readonly<Record<string, string | number | boolean | null>>
  /** RFC 3339; null before the first reading. */
  readonly received: string | null
}

/** A device of an organization (设备): what its batches declare, and the keys that it is enrolled with. */
export interface Device {
  readonly device: string
  readonly streams: DeviceStream[]
  readonly keys: DeviceKey[]
}

/** Devices by name; those that only have a key so far are among them. */
export async function listDevices(
  instance: Pick<Instance, 'db'>,
  organization: number,
  after: string,
  limit: number,
): Promise<Device[]> {
  const named = (table: 'device_stream' | 'device_key') =>
    instance.db.selectFrom(table).select('device').where('organization', '=', organization).where('device', '>', after)
  const rows = await named('device_stream').union(named('device_key')).orderBy('device').limit(limit).execute()
  return devicesOf(
    instance,
    organization,
    rows.map(({ device }) => device),
  )
}

/** One device; undefined where nothing was declared or enrolled under this name. */
export async function deviceOf(
  instance: Pick<Instance, 'db'>,
  organization: number,
  device: string,
): Promise<Device | undefined> {
  const [found] = await devicesOf(instance, organization, [device])
  return found === undefined || found.streams.length + found.keys.length === 0 ? undefined : found
}

async function devicesOf(instance: Pick<Instance, 'db'>, organization: number, names: readonly string[]) {
  if (names.length === 0) return []
  const [streams, keys] = await Promise.all([
    instance.db
      .selectFrom('device_stream')
      .selectAll()
      .where('organization', '=', organization)
      .where('device', 'in', names)
      .orderBy('stream')
      .execute(),
    keysOfDevices(instance, organization, names),
  ])
  return names.map((device) => ({
    device,
    streams: streams.filter((row) => row.device === device).map(streamView),
    keys: keys.filter((key) => key.device === device),
  }))
}

function streamView(row: Selectable<DeviceStreamTable>): DeviceStream {
  const { stream, type, device, interval, key, ...more } = decodeBlock(new Uint8Array(row.item)) as Record<
    string,
    unknown
  >
  return {
    stream: row.stream,
    type: row.type.toString(16).padStart(6, '0'),
    interval: row.interval_s,
    since: row.since_sequence,
    key: key instanceof Uint8Array ? toHex(key) : null,
    more: Object.fromEntries(Object.entries(more).flatMap(([name, value]) => (isPlain(value) ? [[name, value]] : []))),
    received: row.last_received_s === null ? null : new Date(row.last_received_s * 1000).toISOString(),
  }
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}
