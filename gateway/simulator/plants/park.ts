import { asWritten, type Instrument } from '../instrument.ts'
import { readSeries, replay } from '../series.ts'
import type { Site } from './plant.ts'

const FEEDERS = [1, 2, 3] as const

/** A park (园区): three feeders and a weather station whose loggers post NDJSON over HTTP, every ten minutes, as the data set has them. */
export async function park(): Promise<Site> {
  const city = replay(await readSeries('tetouan-power'))
  const power = (feeder: number, atS: number) => city.cell(`Zone ${feeder} Power Consumption`, atS)
  return {
    load: (atS) => FEEDERS.reduce((sum, feeder) => sum + Number(power(feeder, atS)), 0),
    instruments: [
      ...FEEDERS.map(
        (feeder): Instrument => ({
          device: `feeder-${feeder}`,
          every: 600,
          // The interval that ends now.
          show: (atS) => [asWritten('power', power(feeder, atS - 1))],
        }),
      ),
      {
        device: 'weather-station',
        every: 600,
        show: (atS) => [
          asWritten('temperature', city.cell('Temperature', atS - 1)),
          asWritten('humidity', city.cell('Humidity', atS - 1)),
        ],
      },
    ],
  }
}
