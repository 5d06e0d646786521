import { asWritten, counted, type Instrument, type Shown } from '../instrument.ts'
import { byMoisture, byTimetable, createPlot, createSaving, type Rule } from '../irrigation.ts'
import { BEGIN_S, readSeries, replay } from '../series.ts'
import type { Site, SiteOptions } from './plant.ts'

/** A valve is looked after every minute. */
const STEP_S = 60
const REPORT_S = 900
const DAY_S = 86_400
/** Raw count of a TEROS 12 from volumetric water content: the probe's formula for mineral soil, turned round. */
const rawOf = (content: number) => (content + 0.6956) / 0.0003879

/**
 * A farm (农场): two plots of a hectare, each with a soil probe, a valve, and meters for water and the pump. One is irrigated by its soil
 * moisture (智能灌溉), the other by a fixed timetable; what the first saves is what the two measured amounts differ by.
 * The soil is the data set's, wetted and dried by what the pumps give and the crop draws.
 */
export async function farm({ fromS }: SiteOptions): Promise<Site> {
  const soil = replay(await readSeries('soil-21'))
  const natural = (probe: number, atS: number) => {
    const raw = soil.cell(`Teros(${probe},1)`, atS - 1)
    return raw === 'NAN' ? undefined : 0.0003879 * Number(raw) - 0.6956
  }
  const smart = runPlot(byMoisture(0.3, 0.31), (atS) => natural(8, atS))
  const timed = runPlot(byTimetable(6 * 3600, 5400), (atS) => natural(9, atS))
  const water = createSaving()
  const energy = createSaving()
  let day = { smart: smart.stand(), timed: timed.stand() }
  // Whatever was before the plant was started happened all the same: its meters go on from there.
  for (let atS = BEGIN_S; atS <= fromS; atS += DAY_S) saveDay(atS)
  for (const plot of [smart, timed]) plot.runTo(Math.floor(fromS / REPORT_S) * REPORT_S)
  return {
    load: (atS) => smart.moistureAt(atS) ?? 0,
    instruments: [
      probe('probe-smart', 8, smart.moistureAt),
      probe('probe-timed', 9, timed.moistureAt),
      controller('controller-smart', smart),
      controller('controller-timed', timed),
      {
        device: 'saving-meter',
        every: DAY_S,
        show: saveDay,
      },
    ],
  }

  function saveDay(atS: number): Shown[] {
    smart.runTo(atS)
    timed.runTo(atS)
    const now = { smart: smart.stand(), timed: timed.stand() }
    const grown = (meter: 'waterL' | 'energyWh') =>
      [now.timed[meter] - day.timed[meter], now.smart[meter] - day.smart[meter]] as const
    const shown = [counted('water', water(...grown('waterL')), 0), counted('energy', energy(...grown('energyWh')), 0)]
    day = now
    return shown
  }

  function probe(device: string, address: number, moistureAt: (atS: number) => number | undefined): Instrument {
    return {
      device,
      every: REPORT_S,
      show(atS) {
        const moisture = moistureAt(atS)
        const temperature = soil.cell(`Teros(${address},2)`, atS - 1)
        const shown: Shown[] = moisture === undefined ? [] : [counted('moisture', rawOf(moisture), 2)]
        return temperature === 'NAN' ? shown : [...shown, asWritten('temperature', temperature)]
      },
    }
  }

  function controller(device: string, plot: RunningPlot): Instrument {
    let commandsBefore = plot.commands()
    return {
      device,
      every: REPORT_S,
      show(atS) {
        plot.runTo(atS)
        const { waterL, energyWh } = plot.stand()
        const carriedOut = plot.commands() - commandsBefore
        commandsBefore += carriedOut
        return [
          { point: 'water', count: BigInt(waterL), digits: 0, register: true },
          { point: 'energy', count: BigInt(energyWh), digits: 0, register: true },
          counted('commands', carriedOut, 0),
        ]
      },
    }
  }
}

interface RunningPlot {
  runTo(atS: number): void
  moistureAt(atS: number): number | undefined
  stand(): { readonly waterL: number; readonly energyWh: number }
  /** How often the valve was told to open or close, and did. */
  commands(): number
}

/** A plot with its control loop: look at the soil, open or close, let a minute pass. */
function runPlot(rule: Rule, natural: (atS: number) => number | undefined): RunningPlot {
  const plot = createPlot()
  let [atS, open, commands] = [BEGIN_S, false, 0]
  let last = 0.33
  const runTo = (untilS: number) => {
    for (; atS + STEP_S <= untilS; atS += STEP_S) {
      // A probe that does not answer leaves the controller with what it last saw.
      last = natural(atS) ?? last
      const wanted = rule(plot.moisture(last), open, atS % DAY_S)
      if (wanted !== open) commands++
      open = wanted
      plot.pass(STEP_S, open)
    }
  }
  return {
    runTo,
    moistureAt(untilS) {
      runTo(untilS)
      const own = natural(untilS)
      return own === undefined ? undefined : plot.moisture(own)
    },
    stand: () => ({ waterL: plot.waterL, energyWh: plot.energyWh }),
    commands: () => commands,
  }
}
