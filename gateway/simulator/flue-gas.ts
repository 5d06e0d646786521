/**
 * What a CEMS in the stack of the gas turbine would show (烟气连续监测). The data set has load, CO, NOx and temperatures, and no CO2, O2,
 * flow or moisture: those are derived here from the load by the chemistry of natural gas, and every stream of them says so in its method.
 */
export interface FlueGas {
  /** Dry O2, % by volume. */
  readonly o2: number
  /** Dry CO2, mg/m³ at 0 °C and 101.325 kPa, and as % by volume. */
  readonly co2: number
  readonly co2Percent: number
  /** Dry flow at 0 °C and 101.325 kPa, m³/s. */
  readonly dryFlow: number
  /** Velocity in the stack as it is, m/s. */
  readonly velocity: number
  /** °C */
  readonly temperature: number
  /** Against the air outside, kPa. */
  readonly pressure: number
  /** % by volume. */
  readonly moisture: number
}

/** Section of the stack, m². */
export const STACK_AREA = 36

/** Dry CO2 of natural gas burned without excess air, % by volume. */
const CO2_MOST = 11.9
/** O2 of air, % by volume. */
const AIR_O2 = 20.9
/** Mass of pure CO2 at 0 °C and 101.325 kPa, mg/m³: 44 g fill 22.4 L, as HJ 75-2017 has it. */
const CO2_DENSITY = (44 / 22.4) * 1e6
/** CO2 of natural gas, kg per MJ of its lower heating value (IPCC 2006, volume 2, table 1.4: 56,100 kg/TJ). */
const CO2_PER_MJ = 0.0561

/**
 * The flue gas of a load.
 * @param loadMw energy yield of an hour, MWh, as power
 * @param scatter what each instrument adds, relative
 */
export function flueGas(loadMw: number, turbineAfter: number, scatter: (channel: string) => number): FlueGas {
  // A gas turbine runs with much excess air, and with less of it the higher the load.
  const o2 = 15.6 - 0.012 * (loadMw - 100)
  const co2 = (CO2_MOST * (1 - o2 / AIR_O2) * CO2_DENSITY) / 100
  const efficiency = 0.3 + 0.0006 * (loadMw - 100)
  const co2PerSecond = (loadMw / efficiency) * CO2_PER_MJ * 1e6
  const dryFlow = co2PerSecond / co2
  const moisture = 6.5 + 0.02 * (loadMw - 100)
  // After the heat recovery: the turbine's own outlet is at 512 to 551 °C.
  const temperature = 95 + 0.25 * (turbineAfter - 540)
  const pressure = -0.15
  const actual = (dryFlow / (1 - moisture / 100)) * ((273.15 + temperature) / 273.15) * (101.325 / (101.325 + pressure))
  const shown = (channel: string, value: number) => value * (1 + scatter(channel))
  const measured = shown('co2', co2)
  return {
    o2: shown('o2', o2),
    co2: measured,
    co2Percent: (measured / CO2_DENSITY) * 100,
    dryFlow: shown('flow', dryFlow),
    velocity: shown('flow', actual / STACK_AREA),
    temperature: shown('temperature', temperature),
    pressure: shown('pressure', pressure),
    moisture: shown('moisture', moisture),
  }
}
