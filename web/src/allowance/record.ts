import { getJson, type Page } from '../service.ts'

/** What the plants of a sector may expect of a year, as the platform estimates it (预计盈缺). */
export interface Position {
  readonly sector: string
  readonly year: string
  readonly rule: PositionRule | null
  readonly plants: readonly PositionPlant[]
  readonly soFar: Estimate | null
  readonly projected: Estimate | null
  readonly problem: { readonly code: string; readonly message: string } | null
}

export interface PositionRule {
  readonly id: string
  readonly cid: string
  readonly zh: string
  readonly en: string
  readonly state: 'final' | 'draft'
  readonly source: { readonly document: string; readonly article?: string; readonly confidence: 'V' | 'V2' | 'M' }
}

export interface PositionPlant {
  readonly project: string
  readonly subject: string
  readonly basis: 'year' | 'months' | 'none'
  readonly months: number
  readonly reports: readonly { readonly cid: string; readonly period: string }[]
  readonly facts: Readonly<Record<string, string>>
}

export interface Estimate {
  readonly data: {
    readonly values: Readonly<Record<string, string>>
    readonly groups: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>
  }
  readonly lines: readonly EstimateLine[]
  readonly checks: readonly { readonly name: string; readonly zh: string; readonly en: string }[]
  readonly unverified: readonly string[]
}

export interface EstimateLine {
  readonly name: string
  readonly zh: string
  readonly en: string
  readonly value: string
  readonly unit: string
}

/** A plant or unit on the calendar (报告项目). */
export interface Plant {
  readonly id: string
  readonly sector: string
  readonly subject: string
  readonly facts: Readonly<Record<string, string>>
}

/** What a plant of a sector is asked that no report tells (厂区事实). */
export interface SectorRule {
  readonly sector: string
  readonly facts: readonly Fact[]
}

export interface Fact {
  readonly name: string
  readonly zh: string
  readonly en: string
  readonly unit: string | null
  readonly choices: readonly string[] | null
  readonly optional: boolean
}

export async function listPositions(organization: number): Promise<readonly Position[]> {
  return (await getJson<Page<Position>>(`/v1/organizations/${organization}/allowances`)).items
}

export async function listPlants(organization: number): Promise<readonly Plant[]> {
  return (await getJson<Page<Plant>>(`/v1/organizations/${organization}/projects`)).items
}

export async function listSectorRules(): Promise<readonly SectorRule[]> {
  return (await getJson<Page<SectorRule>>('/v1/allocation-rules')).items
}
