import { ServerTCP } from 'modbus-serial'
import type { Device } from '../../src/device.ts'
import type { Shown } from '../instrument.ts'

/** A meter that answers polls over Modbus TCP, as a server (电表). */
export interface Meter {
  readonly port: number
  /** What each point showed at the first and at the last poll. */
  readonly polled: ReadonlyMap<string, { readonly first: Shown; readonly last: Shown }>
  close(): Promise<void>
}

/** Where a point stands in the meter's registers. */
export interface RegisterPlace {
  readonly point: string
  readonly address: number
  /** Of whole registers, the highest first. */
  readonly words: 1 | 2 | 4
}

export interface MeterOptions {
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
  readonly unit: number
  readonly places: readonly RegisterPlace[]
  /** What it shows now. */
  readonly show: () => readonly Shown[]
}

/** Serves the registers of one meter; holding and input registers are the same. */
export async function openMeter({ host, port, unit, places, show }: MeterOptions): Promise<Meter> {
  const polled = new Map<string, { first: Shown; last: Shown }>()
  const registers = (from: number, count: number): number[] => {
    // All words of one answer are of one moment, or a register that just carried over would read wrong.
    const shown = new Map(show().map((value) => [value.point, value]))
    const words = new Map<number, number>()
    for (const place of places) {
      const value = shown.get(place.point)
      if (value === undefined || place.address + place.words <= from || place.address >= from + count) continue
      polled.set(place.point, { first: polled.get(place.point)?.first ?? value, last: value })
      const bits = BigInt.asUintN(place.words * 16, value.count)
      for (let at = 0; at < place.words; at++)
        words.set(place.address + at, Number((bits >> BigInt((place.words - 1 - at) * 16)) & 0xffffn))
    }
    return Array.from({ length: count }, (_, at) => words.get(from + at) ?? 0)
  }
  const server = new ServerTCP(
    {
      getInputRegister: async (address: number) => registers(address, 1)[0] ?? 0,
      getHoldingRegister: async (address: number) => registers(address, 1)[0] ?? 0,
      getMultipleInputRegisters: (address: number, length: number) => registers(address, length),
      getMultipleHoldingRegisters: (address: number, length: number) => registers(address, length),
    },
    { host, port, unitID: unit },
  )
  const listening = await new Promise<number>((resolve, reject) => {
    server.once('initialized', () => resolve((server as unknown as Listening)._server.address().port))
    server.once('serverError', reject)
    ;(server as unknown as Listening)._server.once('error', reject)
  })
  return {
    port: listening,
    polled,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The registers that a device's points are read from, as its model says. */
export function placesOf({ points }: Device): RegisterPlace[] {
  return points.map(({ name, source }) => ({
    point: name,
    address: Number(source.address),
    words: source.format === 'uint64' ? 4 : source.format === 'uint16' ? 1 : 2,
  }))
}

/** The library does not tell the port that it got. */
interface Listening {
  readonly _server: { address(): { port: number }; once(event: 'error', call: (error: Error) => void): void }
}
