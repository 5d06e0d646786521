import { TanlianError, type Zone, zoneOf } from '@tanlian/units'
import type { Sample } from '../../arrival.ts'
import type { Device } from '../../device.ts'
import { addressError, readAddress, readSource } from '../address.ts'
import { EDITIONS } from './command.ts'
import { createPacketReader, HEAD, TAIL } from './packet.ts'
import { type Enrolment, type Packet, readPacket, readTime } from './segment.ts'
import { learnShape, shapeLike } from './shape.ts'

/** What the plant file says of a device that speaks HJ 212. */
export interface Hj212Record extends Enrolment {
  readonly device: Device
  readonly mn: string
  /** System code of what it watches: 31 stack, 32 water outlet, 21 surface water, 22 air. */
  readonly system: string
  readonly zone: Zone
  /** By command: where each point is found. */
  readonly points: ReadonlyMap<
    string,
    readonly { readonly name: string; readonly code: string; readonly field: string }[]
  >
}

const records = new WeakMap<Device, Hj212Record>()

/** The record of a device, checked. @throws TanlianError E_PLANT */
export function recordOf(device: Device): Hj212Record {
  let record = records.get(device)
  if (record === undefined) {
    record = readRecord(device)
    records.set(device, record)
  }
  return record
}

function readRecord(device: Device): Hj212Record {
  const { mn, password, profile, edition, system } = readAddress(device, {
    mn: { form: 'text' },
    password: { form: 'text' },
    profile: { form: ['strict', 'lenient'], or: 'strict' },
    edition: { form: EDITIONS, or: '2017' },
    system: { form: 'text', or: '31' },
  })
  const form = profile === 'strict' ? /^[0-9A-F]{24}$/ : /^[0-9A-Za-z_-]{1,32}$/
  if (!form.test(mn)) throw addressError(device, 'mn', 'is not 24 characters of 0-9 and A-F')
  if (!/^[0-9A-Z]{2}$/.test(system)) throw addressError(device, 'system', 'is not two digits or letters')
  if (!/^[0-9A-Za-z]{1,16}$/.test(password))
    throw addressError(device, 'password', 'is not of 1 to 16 letters and digits')
  const found = device.points.map((point) => {
    const source = readSource(device, point, {
      command: { form: 'text' },
      code: { form: 'text' },
      field: { form: ['Rtd', 'Min', 'Avg', 'Max', 'Cou', 'ZsRtd', 'ZsMin', 'ZsAvg', 'ZsMax'] },
    })
    return { name: point.name, ...source }
  })
  return {
    device,
    mn,
    password,
    profile: profile === 'lenient' ? 'lenient' : 'strict',
    edition: edition === '2025' ? '2025' : '2017',
    system,
    zone: zoneOf(device.zone),
    points: Map.groupBy(found, ({ command }) => command),
  }
}

/** What a kept frame says. @throws TanlianError with the code of what is wrong with it */
export function frameSamples(bytes: Uint8Array, device: Device): Sample[] {
  const record = recordOf(device)
  // What was kept has had its length and CRC checked.
  const segment = bytes.subarray(HEAD, bytes.length - TAIL)
  const shape = shapeLike(segment, record)
  if (shape !== undefined) return shape.samples(segment, record)
  const [cut] = createPacketReader().push(bytes)
  const read = cut?.ok ? readPacket(cut, (mn) => (mn === record.mn ? record : undefined)) : undefined
  if (read?.ok === true) {
    learnShape(segment, read.packet, record)
    return samplesOf(read.packet, record)
  }
  const code = read?.code ?? (cut !== undefined && !cut.ok ? cut.code : 'E_HJ212_INCOMPLETE')
  throw new TanlianError(code, `The kept bytes are no packet of ${device.id}.`, { values: { device: device.id } })
}

/** What a packet says of the device's points: each value or flag, under its own SampleTime where it has one. */
export function samplesOf(packet: Packet, { points, zone }: Hj212Record): Sample[] {
  const samples: Sample[] = []
  if (packet.dataTime === undefined) return samples
  const stamp = zone.toUnix(packet.dataTime)
  for (const { name, code, field } of points.get(packet.CN) ?? []) {
    const factor = packet.items.factors.get(code)
    const value = factor?.get(field)
    const flag = factor?.get('Flag')
    if (factor === undefined || (value === undefined && flag === undefined)) continue
    const own = factor.get('SampleTime')
    const taken = own === undefined ? undefined : readTime(own)
    samples.push({
      point: name,
      stamp: taken === undefined ? stamp : zone.toUnix(taken),
      value,
      flag: flag as Sample['flag'],
    })
  }
  return samples
}
