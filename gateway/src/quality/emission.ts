import { addRatios, divideRatios, multiplyRatios, parseRatio, type Ratio, ratio } from '@tanlian/units'

/** Grams in a mole of CO2 and litres that a mole fills at 0 °C and 101.325 kPa, as HJ 75-2017 has them. */
const MOLAR_MASS = parseRatio('44')
const MOLAR_VOLUME = parseRatio('22.4')
/** The standard counts 273 K, not 273.15, for 0 °C; our temperatures are in true mK. */
const STANDARD_KELVIN = parseRatio('273')
const ZERO_CELSIUS_MK = parseRatio('273150')
const STANDARD_PA = parseRatio('101325')
/** Per cent of oxygen in air, as HJ 75-2017 rounds it. */
const AIR_O2_PPM = parseRatio('210000')
const MILLION = ratio(1_000_000n)
const BILLION = ratio(1_000_000_000n)

/** The state of the gas that a flow was measured in: means over the interval. */
export interface GasState {
  readonly temperatureMk: Ratio
  /** Absolute: of the air and of the stack together. */
  readonly pressurePa: Ratio
  /** Water vapour by volume. */
  readonly moisturePpm: Ratio
}

/**
 * Dry gas at 0 °C and 101.325 kPa (标干流量) from gas as it flows, in the unit given: `Qsn = Qs × 273/(273+t) × (Ba+Ps)/101325 × (1−Xsw)`.
 * Source: HJ 75-2017, vector A5.
 */
export function dryStandardVolume(volume: Ratio, { temperatureMk, pressurePa, moisturePpm }: GasState): Ratio {
  const kelvin = addRatios(
    STANDARD_KELVIN,
    divideRatios(addRatios(temperatureMk, negative(ZERO_CELSIUS_MK)), ratio(1000n)),
  )
  const cooled = divideRatios(multiplyRatios(volume, STANDARD_KELVIN), kelvin)
  return multiplyRatios(divideRatios(multiplyRatios(cooled, pressurePa), STANDARD_PA), dryShare(moisturePpm))
}

/** A concentration in dry gas from one in wet gas: `C / (1 − Xsw)`. */
export function dryConcentration(wet: Ratio, moisturePpm: Ratio): Ratio {
  return divideRatios(wet, dryShare(moisturePpm))
}

/**
 * What a concentration was before it was converted to a reference of oxygen (折算): `C = C' × (21 − O2) / (21 − O2ref)`. Mass is of what
 * left the stack, so a converted value is turned back. Source: HJ 75-2017.
 */
export function unconverted(converted: Ratio, o2Ppm: Ratio, referencePpm: Ratio): Ratio {
  const measured = addRatios(AIR_O2_PPM, negative(o2Ppm))
  return divideRatios(multiplyRatios(converted, measured), addRatios(AIR_O2_PPM, negative(referencePpm)))
}

/**
 * Grams of CO2, exact (二氧化碳质量): `G = C × Qsn`, with C from the share by volume as `× 44 / 22.4`.
 * @param ppb share of CO2 in dry gas, @param litres of dry gas at 0 °C and 101.325 kPa
 */
export function co2Mass(ppb: Ratio, litres: Ratio): Ratio {
  const moles = divideRatios(multiplyRatios(divideRatios(ppb, BILLION), litres), MOLAR_VOLUME)
  return multiplyRatios(moles, MOLAR_MASS)
}

function dryShare(moisturePpm: Ratio): Ratio {
  return divideRatios(addRatios(MILLION, negative(moisturePpm)), MILLION)
}

function negative(value: Ratio): Ratio {
  return multiplyRatios(value, ratio(-1n))
}
