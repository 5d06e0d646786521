import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { getJson } from '../service.ts'
import { Withheld } from '../shell/withheld.tsx'
import { EntryFacts } from './entry-facts.tsx'

/** A batch that its owner keeps to itself: whose it is, and its public entry in the log. */
export function BatchWithheld({ cid }: { cid: string }) {
  const { t } = useTranslation()
  const found = useQuery({
    queryKey: ['search', cid],
    queryFn: () => getJson<{ items: readonly FoundBatch[] }>(`/v1/search?q=${encodeURIComponent(cid)}`),
  })
  const entry = found.data?.items.find(({ kind }) => kind === 'batch')
  return (
    <>
      <Withheld />
      {entry?.organization !== undefined && entry.sequence !== undefined && (
        <>
          <p className="row">
            <OrganizationLink id={entry.organization} /> {t('home.log.batchNumber', { n: formatCount(entry.sequence) })}
          </p>
          <EntryFacts kind={1} organization={entry.organization} sequence={entry.sequence} />
        </>
      )}
    </>
  )
}

interface FoundBatch {
  readonly kind: string
  readonly organization?: number
  readonly sequence?: number
}
