import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { all as allOf, first } from '../search.ts'
import { client } from '../service.ts'
import { filterOf, searchOf, type TraceFilter, typeNumber } from './filter.ts'
import { FilterForm } from './filter-form.tsx'
import { TraceAnswer } from './trace-answer.tsx'

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
  const ask = (asked: TraceFilter) => void navigate({ to: '/trace', search: searchOf(asked) })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('trace.title')}</h1>
        <p>{t('trace.lead')}</p>
      </header>
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
      {filter !== undefined && streams.data !== undefined && (
        <TraceAnswer
          key={JSON.stringify(filter)}
          filter={filter}
          streams={streams.data}
          onMode={(mode) => ask({ ...filter, mode })}
        />
      )}
    </div>
  )
}

async function listEnterprises() {
  const found: { id: number; name: string | null; nameEn: unknown }[] = []
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
