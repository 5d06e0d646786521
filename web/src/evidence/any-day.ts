import type { Client, Page } from '@tanlian/sdk'
import { periodOf, TanlianError } from '@tanlian/units'
import { type TraceFilter, typeNumber, typeText } from './filter.ts'

/** One day of one stream of the first enterprise whose batches are open to whoever asks. @throws TanlianError E_LAB_EMPTY */
export async function anyDay(client: Pick<Client, 'organizations' | 'streams' | 'http'>): Promise<TraceFilter> {
  for await (const organization of client.organizations()) {
    if (organization.kind !== 'enterprise') continue
    const entries = await client.http.json<Page<{ readonly from: number | null }>>(
      `/v1/organizations/${organization.id}/entries?kind=1&limit=2`,
    )
    // Of a sealed batch the time is not told.
    const from = entries.items.at(-1)?.from ?? null
    if (from === null) continue
    const day = periodOf(from, 'day')
    for await (const stream of client.streams(organization.id)) {
      const type = typeText(typeNumber(stream.type))
      return {
        organization: organization.id,
        types: [type],
        streams: [stream.stream],
        from: day,
        through: day,
        zone: 'Asia/Shanghai',
        mode: 'readings',
      }
    }
  }
  throw new TanlianError(
    'E_LAB_EMPTY',
    'No organization has uploaded a batch that is open to you, so there is nothing to tamper with. Upload one first.',
  )
}
