import { getJson, type Page } from '../service.ts'

/** A methodology or factor set as the platform lists it, with how far it has come. */
export interface MethodologyRecord {
  readonly cid: string
  readonly kind: 'methodology' | 'factors'
  readonly id: string
  readonly version: string
  readonly zh: string
  readonly en: string
  readonly sector: string | null
  /** First and last day that it is for. */
  readonly from: string
  readonly to: string | null
  readonly state: MethodologyState
  readonly by: number | null
  readonly publications: readonly PublicationRecord[]
  /** Reports that rest on it. */
  readonly reports: number
}

export type MethodologyState = 'library' | 'published' | 'retired'

/** A logged document that published or retired it. */
export interface PublicationRecord {
  readonly document: string
  readonly state: 'published' | 'retired'
  readonly organization: number
  /** Unix seconds. */
  readonly time: number
  readonly index: number
  readonly reason: string | null
}

/** All of them; what was published a moment ago is there at once. */
export const methodologyList = {
  queryKey: ['methodologies'],
  queryFn: async () => (await getJson<Page<MethodologyRecord>>('/v1/methodologies')).items,
} as const
