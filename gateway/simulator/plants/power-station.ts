import { flueGas } from '../flue-gas.ts'
import { counted, type Shown } from '../instrument.ts'
import { createNoise } from '../random.ts'
import { readSeries, replay } from '../series.ts'
import type { Site, SiteOptions } from './plant.ts'

/** Relative scatter of each instrument; the flow is the roughest, as in a real stack. */
const SCATTER: Readonly<Record<string, number>> = {
  co2: 0.004,
  o2: 0.003,
  flow: 0.008,
  temperature: 0.002,
  pressure: 0.02,
  moisture: 0.01,
}

/**
 * A gas-turbine power station (燃气电厂): a CEMS that speaks HJ 212, and the generator's meter on Modbus TCP.
 * Load, CO and NOx are the data set's hours, drawn as lines; CO2, O2, velocity and moisture are derived from the load.
 */
export async function powerStation({ seed }: SiteOptions): Promise<Site> {
  const turbine = replay(await readSeries('gas-turbine'), 3)
  const noise = createNoise(seed)
  const cems = (atS: number): Shown[] => {
    const gas = flueGas(
      turbine.level('TEY', atS),
      turbine.level('TAT', atS),
      (channel) => (SCATTER[channel] ?? 0) * noise(channel, atS),
    )
    return [
      counted('co2', gas.co2Percent, 4),
      counted('o2', gas.o2, 3),
      counted('flow', gas.velocity, 2),
      counted('temperature', gas.temperature, 1),
      counted('pressure', gas.pressure, 3),
      counted('moisture', gas.moisture, 2),
      counted('co', turbine.level('CO', atS) * (1 + 0.01 * noise('co', atS)), 3),
      counted('nox', turbine.level('NOX', atS) * (1 + 0.01 * noise('nox', atS)), 2),
    ]
  }
  return {
    load: (atS) => turbine.level('TEY', atS),
    instruments: [
      { device: 'cems', every: 60, show: cems },
      {
        device: 'generator-meter',
        every: 1,
        // MWh of the data set with three digits are kWh.
        show: (atS) => [{ point: 'exported', count: turbine.sum('TEY', atS), digits: 0, register: true }],
      },
    ],
  }
}
