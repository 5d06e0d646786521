/** A plot with its crop, pump and valve: what water does to its soil, and what the pump's meters count. */
export interface Plot {
  /** Soil moisture, m³/m³, with the soil as the data set has it. */
  moisture(natural: number): number
  /** Lets so many seconds pass, with the valve open or not. */
  pass(seconds: number, open: boolean): void
  /** Litres through the irrigation meter since the beginning. */
  readonly waterL: number
  /** The pump's electricity since the beginning, Wh. */
  readonly energyWh: number
}

/** One hectare: a pump of 7.5 kW gives 40 m³/h, which is 4 mm of water an hour. */
const PUMP_W = 7500
const PUMP_L_PER_HOUR = 40_000
const MM_PER_HOUR = 4
/** Depth of the roots, mm: 3 mm of water are 0.01 m³/m³. */
const ROOT_MM = 300
/** What the crop draws, mm a day, beyond what the soil of the data set lost by itself. */
const CROP_MM_PER_DAY = 4

/** A plot whose water balance begins at that of the data set's soil. */
export function createPlot(): Plot {
  let extraMm = 0
  let openS = 0
  return {
    moisture: (natural) => natural + extraMm / ROOT_MM,
    pass(seconds, open) {
      if (open) openS += seconds
      extraMm += ((open ? MM_PER_HOUR : 0) * seconds) / 3600 - (CROP_MM_PER_DAY * seconds) / 86_400
      // Neither drier than the wilting point below the soil of the data set, nor wetter than the soil can hold: the rest runs off.
      extraMm = Math.min(18, Math.max(-24, extraMm))
    },
    get waterL() {
      return Math.floor((PUMP_L_PER_HOUR * openS) / 3600)
    },
    get energyWh() {
      return Math.floor((PUMP_W * openS) / 3600)
    },
  }
}

/** When a valve is to be open. */
export type Rule = (moisture: number, open: boolean, secondOfDay: number) => boolean

/** Irrigation by soil moisture (智能灌溉): opens below the lower bound, closes at the upper one, so that it does not flutter. */
export function byMoisture(least: number, most: number): Rule {
  return (moisture, open) => (open ? moisture < most : moisture < least)
}

/** Irrigation by a fixed timetable, whatever the soil says: what the savings are measured against. */
export function byTimetable(fromS: number, seconds: number): Rule {
  return (_, __, secondOfDay) => secondOfDay >= fromS && secondOfDay < fromS + seconds
}

/**
 * What is saved against the timetable, as it may be claimed: a day that used more is held against the days after it, so that what was
 * claimed and what the two meters differ by never part for good, and nothing negative is ever needed.
 */
export function createSaving(): (timetable: number, used: number) => number {
  let owed = 0
  return (timetable, used) => {
    const balance = timetable - used - owed
    owed = Math.max(0, -balance)
    return Math.max(0, balance)
  }
}
