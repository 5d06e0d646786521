import type { Instrument } from '../instrument.ts'
import { readSeries, replay } from '../series.ts'
import type { Site } from './plant.ts'

/** What the furnace takes of the works' electricity; the rolling mill takes the rest. */
const FURNACE_PERCENT = 62n

/**
 * A steel works (钢铁厂): the main meter on Modbus TCP, and two sub-meters that publish over MQTT with certificates of their own; one of them
 * signs each message.
 * The main meter's register is the data set's, to its last digit; the two parts are derived and add up to it.
 */
export async function steelWorks(): Promise<Site> {
  const works = replay(await readSeries('steel-energy'))
  const total = (atS: number) => works.sum('Usage_kWh', atS)
  const furnace = (atS: number) => (total(atS) * FURNACE_PERCENT) / 100n
  const submeter = (device: string, stand: (atS: number) => bigint): Instrument => ({
    device,
    every: 60,
    show: (atS) => [{ point: 'imported', count: stand(atS), digits: 2, register: true }],
  })
  return {
    load: (atS) => Number(works.cell('Usage_kWh', atS)),
    instruments: [
      {
        device: 'main-meter',
        every: 1,
        // The meter's own count: hundredths of a kWh.
        show: (atS) => [{ point: 'imported', count: total(atS), digits: 0, register: true }],
      },
      submeter('furnace-meter', furnace),
      submeter('mill-meter', (atS) => total(atS) - furnace(atS)),
    ],
  }
}
