import { farm } from './farm.ts'
import { forest } from './forest.ts'
import { park } from './park.ts'
import type { Site, SiteOptions } from './plant.ts'
import { powerStation } from './power-station.ts'
import { steelWorks } from './steel-works.ts'

/** The plants that can be simulated. */
export const PLANTS = {
  'power-station': powerStation,
  'steel-works': steelWorks,
  park,
  farm,
  forest,
} as const satisfies Record<string, (options: SiteOptions) => Promise<Site>>

export type PlantName = keyof typeof PLANTS
