import { addRatios, compareRatios, divideRatios, type Ratio, ratio } from '@tanlian/units'
import { type Chance, chanceOf, expOf, lnOf, normalOf } from './chance.ts'
import type { ReportData, Uncertainty } from './methodology.ts'
import type { Program } from './program.ts'
import { singleOf, uncertaintyError, varyingOf } from './propagate.ts'

/** What many runs with values drawn at random came to (蒙特卡罗). */
export interface Drawn {
  readonly mean: Ratio
  readonly median: Ratio
  /** Bounds of the 95 % interval. */
  readonly low: Ratio
  readonly high: Ratio
}

/** Draws that one call may ask for, and values drawn altogether. */
const MAX_DRAWS = 20_000
const MAX_VALUES = 5_000_000
const MILLION = 1_000_000

/**
 * Approach 2 of the IPCC: runs the methodology many times with its uncertain values drawn at random. A draw is rounded to a millionth of the value
 * and everything after it is exact, so that a seed gives the same digits on every machine.
 * @param of an equation with one value
 * @throws TanlianError E_UNCERTAINTY, and what `calculate` throws
 */
export function monteCarlo(
  program: Program,
  data: ReportData,
  of: string,
  { seed, draws }: { readonly seed: string; readonly draws: number },
): Drawn {
  const varying = varyingOf(program, data)
  if (!Number.isInteger(draws) || draws < 1 || draws > MAX_DRAWS || draws * varying.length > MAX_VALUES)
    throw uncertaintyError(`${draws} draws of ${varying.length} values are not between 1 and ${MAX_DRAWS}`)
  const chance = chanceOf(seed)
  const results = Array.from({ length: draws }, () => {
    const factors = new Map<string, Ratio>()
    for (const { uncertainty, row } of varying)
      factors.set(`${uncertainty.of} ${row ?? ''}`, drawn(uncertainty, chance))
    return singleOf(program, data, of, (name, row) => factors.get(`${name} ${row}`) ?? factors.get(`${name} `))
  })
  const sum = results.reduce(addRatios)
  const sorted = [...results].sort(compareRatios)
  const at = (share: number) => sorted[Math.min(draws - 1, Math.floor(share * draws))] as Ratio
  return { mean: divideRatios(sum, ratio(BigInt(draws))), median: at(0.5), low: at(0.025), high: at(0.975) }
}

/** What a value is multiplied by; never below zero. */
function drawn({ percent, distribution }: Uncertainty, chance: Chance): Ratio {
  const width = Number(percent.numerator) / Number(percent.denominator) / 100
  const factor = DRAW[distribution](width, chance)
  return ratio(BigInt(Math.max(0, Math.round(factor * MILLION))), BigInt(MILLION))
}

const DRAW: Readonly<Record<Uncertainty['distribution'], (width: number, chance: Chance) => number>> = {
  normal: (width, chance) => 1 + (width / 1.96) * normal(chance),
  lognormal: (width, chance) => expOf((lnOf(1 + width) / 1.96) * normal(chance)),
  uniform: (width, chance) => 1 + width * (2 * chance() - 1),
  triangular: (width, chance) => 1 + width * (chance() + chance() - 1),
}

function normal(chance: Chance): number {
  const p = chance()
  return normalOf(p === 0 ? 2 ** -54 : p)
}
