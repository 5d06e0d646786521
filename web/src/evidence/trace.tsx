import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { organizationName } from '../organization/name.ts'
import { all as allOf, first } from '../search.ts'
import { client } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { filterOf, searchOf, type TraceFilter, typeNumber } from './filter.ts'
import { FilterForm } from './filter-form.tsx'
import { TraceAnswer } from './trace-answer.tsx'
import { TraceWithheld } from './trace-withheld.tsx'
import { useNewest } from './use-newest.ts'

/** The trace page (溯源): one question to one organization, answered with evidence that this browser checks itself. */
export function TracePage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const search = useSearch({ strict: false })
  const filter = useMemo(() => filterOf(search), [search])
  const organization = Number(first(search, 'organization') ?? 0)
  const organizations = useQuery({ queryKey: ['organizations', 'enterprises'], queryFn: () => listEnterprises() })
  const streams = useQuery({
    queryKey: ['streams', organization],
    queryFn: () => listStreams(organization),
    enabled: Number.isSafeInteger(organization) && organization > 0,
  })
  const newest = useNewest(organization)
  const ask = (asked: TraceFilter) => void navigate({ to: '/trace', search: searchOf(asked) })
  return (
    <Page title={t('trace.title')} lead={t('trace.lead')}>
      <FilterForm
        key={`${organization}/${allOf(search, 'type').join()}/${first(search, 'from')}`}
        organizations={organizations.data ?? []}
        organization={organization}
        streams={streams.data ?? []}
        filter={filter}
        types={allOf(search, 'type')}
        onOrganization={(id) => void navigate({ to: '/trace', search: { organization: String(id) } })}
        onAsk={ask}
      />
      {organizations.isError && <Problem error={organizations.error} onRetry={() => void organizations.refetch()} />}
      {streams.isError && <Problem error={streams.error} onRetry={() => void streams.refetch()} />}
      {organization === 0 && organizations.data !== undefined && <Examples organizations={organizations.data} />}
      {filter === undefined && newest.data?.isWithheld === true && <TraceWithheld organization={organization} />}
      {filter !== undefined && streams.data !== undefined && (
        <TraceAnswer
          key={JSON.stringify(filter)}
          filter={filter}
          streams={streams.data}
          onMode={(mode) => ask({ ...filter, mode })}
        />
      )}
    </Page>
  )
}

/** Nothing asked yet: those who have something to answer, one step away; or, before anybody has, how data comes here. */
function Examples({ organizations }: { organizations: readonly Enterprise[] }) {
  const { t } = useTranslation()
  return (
    <section className="sheet">
      <h2>{t(organizations.length === 0 ? 'trace.examples.none' : 'trace.examples.title')}</h2>
      <div className="row">
        {organizations.slice(0, 8).map((one) => (
          <Link key={one.id} className="button" to="/trace" search={{ organization: String(one.id) }}>
            {organizationName(one)}
          </Link>
        ))}
        {organizations.length === 0 && (
          <Link className="button" to="/apply" search={{}}>
            {t('shell.nav.apply')}
          </Link>
        )}
      </div>
    </section>
  )
}

interface Enterprise {
  readonly id: number
  readonly name: string | null
  readonly nameEn: unknown
}

async function listEnterprises() {
  const found: Enterprise[] = []
  for await (const one of client.organizations()) {
    if (one.kind === 'enterprise') found.push({ id: one.id, name: one.name, nameEn: one.nameEn })
  }
  return found
}

async function listStreams(organization: number) {
  const found: { stream: number; type: number; device: string }[] = []
  for await (const one of client.streams(organization)) {
    found.push({ stream: one.stream, type: typeNumber(one.type), device: one.device })
  }
  return found
}
