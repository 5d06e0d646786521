import { join } from 'node:path'
import type { Device } from '../../src/device.ts'
import { recordOf } from '../../src/protocols/hj212/record.ts'
import type { Certificate } from '../certificate.ts'
import type { Message, Wire } from '../courier.ts'
import { textOf } from '../instrument.ts'
import { jsonMessage, signMessage } from '../json-message.ts'
import { stampOf } from '../stamp.ts'
import { toa5 } from '../toa5.ts'
import { openFolderWire } from './folder.ts'
import { openStation } from './hj212.ts'
import { openHttpWire } from './http.ts'
import { openMqttWire } from './mqtt.ts'

/** Where a gateway is to be found, by protocol, and with what its devices show who they are. */
export interface Endpoints {
  readonly hj212?: { readonly host: string; readonly port: number }
  readonly http?: string
  readonly mqtt?: {
    readonly url: string
    readonly authority: string
    readonly identity: (device: string) => Certificate
    /** The Ed25519 key of a device that signs. */
    readonly signer?: (device: string) => Uint8Array | undefined
  }
  /** The watched folder; each device has its own below it. */
  readonly file?: string
  /** How long a device waits for its answer; 10 s, as HJ 212 has it, where it is left out. */
  readonly timeoutMs?: number
}

/** Opens the way from a device to the gateway, by the protocol of its model. */
export function openWire(device: Device, endpoints: Endpoints): Wire {
  const { timeoutMs = 10_000 } = endpoints
  switch (device.protocol) {
    case 'hj212':
      return openStation({ ...wanted(endpoints.hj212, device), ...stationOf(device), timeoutMs })
    case 'file':
      return openFolderWire(join(wanted(endpoints.file, device), device.id), {
        name: ({ atMs }) => `${device.id}_${atMs / 1000}.dat`,
        encode: (message) => toa5(message, device),
      })
    case 'mqtt': {
      const { url, authority, identity, signer } = wanted(endpoints.mqtt, device)
      return openMqttWire(
        {
          url,
          clientId: device.id,
          topic: `tanlian/${device.id}/telemetry`,
          identity: { ...identity(device.id), authority },
          timeoutMs,
        },
        (message) => jsonMessage(device, message, signer?.(device.id)),
        (kept) => signMessage(device, kept, signer?.(device.id)),
      )
    }
    case 'http':
      return openHttpWire(
        {
          url: `${wanted(endpoints.http, device)}/v1/devices/${device.id}/readings`,
          headers: { authorization: `Bearer ${device.address.token}` },
          timeoutMs,
        },
        (message) => jsonMessage(device, message),
      )
    default:
      throw new RangeError(`The simulator has no ${device.protocol} for ${device.id}.`)
  }
}

function stationOf(device: Device) {
  const { mn, password, system } = recordOf(device)
  const points = new Map(device.points.map((point) => [point.name, point]))
  return {
    mn,
    password,
    system,
    zone: device.zone,
    content(message: Message) {
      const shown = message.values.flatMap((value) => {
        const point = points.get(value.point)
        return point === undefined ? [] : [{ value, point }]
      })
      const [first] = shown
      if (first === undefined) throw new RangeError(`${device.id} has no point of what it shows`)
      return {
        command: String(first.point.source.command),
        dataTime: stampOf(message, first.point, first.value),
        items: shown
          .map(({ value, point: { source } }) => {
            const { code, field } = source
            return `${code}-${field}=${textOf(value)},${code}-Flag=${value.flag ?? 'N'}`
          })
          .join(';'),
      }
    },
  }
}

function wanted<T>(endpoint: T | undefined, { id, protocol }: Device): T {
  if (endpoint === undefined) throw new RangeError(`${id} speaks ${protocol}, and no endpoint for it is given.`)
  return endpoint
}
