import { useQuery } from '@tanstack/react-query'
import { client, getJson, type Page } from '../service.ts'

/** What is told of an organization's newest batch. */
interface Newest {
  /** Unix seconds; null before the first batch, and where its owner keeps it to itself. */
  readonly from: number | null
  readonly isWithheld: boolean
}

/** The newest batch of an organization, as far as it is open to this reader. @param organization 0 where none is chosen yet */
export function useNewest(organization: number) {
  return useQuery({
    queryKey: ['newest', organization],
    queryFn: () => newestOf(organization),
    enabled: Number.isSafeInteger(organization) && organization > 0,
  })
}

async function newestOf(organization: number): Promise<Newest> {
  const { sequence } = await client.head(organization, 1)
  if (sequence === 0) return { from: null, isWithheld: false }
  const path = `/v1/organizations/${organization}/entries?kind=1&after=${sequence - 1}&limit=1`
  const [entry] = (await getJson<Page<{ from: number | null; sealed: boolean }>>(path)).items
  const from = entry?.from ?? null
  return { from, isWithheld: from === null && entry?.sealed === true }
}
