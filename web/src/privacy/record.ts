import type { PrivacyMode } from '@tanlian/evidence'
import type { GrantItem, PrivacyChoiceItem, ReaderKeyItem } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { typeNumber } from '../evidence/filter.ts'
import { client, getJson } from '../service.ts'

/** A stream as far as privacy goes. */
export interface KeptStream {
  readonly stream: number
  readonly type: number
  readonly device: string
}

/** Ways of keeping a type, from the widest to the narrowest. */
export const MODES: readonly PrivacyMode[] = ['open', 'shared', 'closed']

/** Steps of a summary, in seconds. */
export const STEPS = { hour: 3600, day: 86_400, week: 7 * 86_400, month: 31 * 86_400 } as const
export type Step = keyof typeof STEPS

/** The word for a step; its seconds where it is another. */
export function stepWord(step: number): Step | undefined {
  return (Object.keys(STEPS) as Step[]).find((word) => STEPS[word] === step)
}

/** How an organization chose to keep each type. */
export function useChoice(organization: number) {
  return useQuery({
    queryKey: ['privacy', organization],
    queryFn: () => getJson<PrivacyChoiceItem>(`/v1/organizations/${organization}/privacy`),
    enabled: organization > 0,
  })
}

/** Its readers' keys, those that have ended too. */
export function useReaderKeys(organization: number) {
  return useQuery({
    queryKey: ['reader-keys', organization],
    queryFn: () => listAll<ReaderKeyItem>(`/v1/organizations/${organization}/reader-keys`),
    enabled: organization > 0,
  })
}

/** Grants that an organization gave, or that it was given; for its members. */
export function useGrants(side: 'grants' | 'granted', organization: number, enabled: boolean) {
  return useQuery({
    queryKey: [side, organization],
    queryFn: () => listAll<GrantItem>(`/v1/organizations/${organization}/${side}`),
    enabled,
  })
}

/** The streams that it declared. */
export function useStreams(organization: number) {
  return useQuery({
    queryKey: ['streams', 'kept', organization],
    queryFn: async () => {
      const found: KeptStream[] = []
      for await (const { stream, type, device } of client.streams(organization))
        found.push({ stream, type: typeNumber(type), device })
      return found
    },
    enabled: organization > 0,
  })
}

async function listAll<T>(path: string): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of client.all<T>(path)) found.push(item)
  return found
}
