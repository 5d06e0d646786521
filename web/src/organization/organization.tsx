import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { DeviceList } from '../device/device-list.tsx'
import { formatMoment } from '../format.ts'
import { first } from '../search.ts'
import { getJson, type Page as ListPage } from '../service.ts'
import { Page, useTitle } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { organizationName } from './name.ts'
import { OrganizationLink } from './organization-link.tsx'
import { BatchTable, BindingTable, DocumentTable, KeyTable, StreamTable } from './organization-lists.tsx'
import type { Binding, Entry, Organization, RegisteredKey, Stream } from './record.ts'

/** One organization: who it is, what it measures, what it signed, with which keys, and to whom it is bound. */
export function OrganizationPage() {
  const { t } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const organization = useQuery({
    queryKey: ['organization', id],
    queryFn: () => getJson<Organization>(`/v1/organizations/${encodeURIComponent(id)}`),
    retry: 1,
  })
  useTitle(t('organization.unnamed', { id }))
  if (organization.isError)
    return (
      <div className="page">
        <Problem error={organization.error} />
        <Link className="button" to="/organizations" search={{}}>
          {t('shell.nav.organizations')}
        </Link>
      </div>
    )
  if (organization.data === undefined)
    return (
      <div className="page" role="status">
        {t('shell.loading')}
      </div>
    )
  return <Known organization={organization.data} />
}

function Known({ organization: one }: { organization: Organization }) {
  const { t } = useTranslation()
  const after = first(useSearch({ strict: false }), 'after')
  const id = String(one.id)
  const base = `/v1/organizations/${id}`
  const measures = one.kind === 'enterprise'
  return (
    <Page
      title={organizationName(one)}
      lead={t('organization.headline', { id, kind: t(`party.${one.kind}`) })}
      actions={
        measures ? (
          <>
            <Link className="button primary" to="/trace" search={{ organization: id }}>
              {t('organization.trace')}
            </Link>
            <Link className="button" to="/organizations/$id/board" params={{ id }} search={{}}>
              {t('organization.board')}
            </Link>
            <Link className="button" to="/organizations/$id/reports" params={{ id }} search={{}}>
              {t('shell.nav.reports')}
            </Link>
            <Link className="button" to="/organizations/$id/samples" params={{ id }} search={{}}>
              {t('organization.samples')}
            </Link>
            <Link className="button" to="/organizations/$id/privacy" params={{ id }} search={{}}>
              {t('organization.privacy')}
            </Link>
            <Link className="button" to="/upload" search={{ organization: id }}>
              {t('shell.nav.upload')}
            </Link>
          </>
        ) : (
          <Link className="button" to="/organizations/$id/granted" params={{ id }} search={{}}>
            {t('organization.granted')}
          </Link>
        )
      }
    >
      {one.suspended && <p className="note failed">{t('organization.suspended')}</p>}
      <Facts organization={one} />
      {measures && (
        <>
          <ListSheet<Stream>
            title={t('organization.streams.title')}
            empty={t('organization.streams.empty')}
            path={`${base}/streams?limit=200`}
          >
            {(streams) => <StreamTable organization={id} streams={streams} />}
          </ListSheet>
          <DeviceList organization={one.id} />
          <ListSheet<Entry>
            title={t('organization.batches.title')}
            empty={t('organization.batches.empty')}
            path={`${base}/entries?kind=1&order=newest&limit=10${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`}
            next={(cursor) => (
              <Link className="button" to="/organizations/$id" params={{ id }} search={{ after: cursor }}>
                {t('shell.list.next')}
              </Link>
            )}
          >
            {(entries) => <BatchTable entries={entries} />}
          </ListSheet>
        </>
      )}
      <ListSheet<Entry>
        title={t('organization.documents.title')}
        empty={t('organization.documents.empty')}
        path={`${base}/entries?kind=2&limit=50`}
      >
        {(entries) => <DocumentTable entries={entries} />}
      </ListSheet>
      <ListSheet<RegisteredKey>
        title={t('organization.keys.title')}
        empty={t('organization.keys.empty')}
        path={`${base}/keys`}
      >
        {(keys) => <KeyTable keys={keys} />}
      </ListSheet>
      {(measures || one.kind === 'platform') && (
        <ListSheet<Binding>
          title={t('organization.bindings.title')}
          empty={t(measures ? 'organization.bindings.empty' : 'organization.bindings.none')}
          path={`${base}/bindings`}
        >
          {(bindings) => <BindingTable bindings={bindings} />}
        </ListSheet>
      )}
    </Page>
  )
}

/** What it says of itself in public, and since when the registry knows it. */
function Facts({ organization: { region, industry, website, platform, since } }: { organization: Organization }) {
  const { t } = useTranslation()
  return (
    <section className="sheet">
      <dl className="facts">
        <Fact name={t('apply.profile.region')}>{region}</Fact>
        <Fact name={t('apply.profile.industry')}>{industry}</Fact>
        <Fact name={t('apply.profile.website')}>
          {website !== null && (
            <a href={website} rel="noreferrer nofollow">
              {website}
            </a>
          )}
        </Fact>
        <Fact name={t('organization.platform')}>{platform !== null && <OrganizationLink id={platform} />}</Fact>
        <Fact name={t('organization.since')}>{formatMoment(Date.parse(since) / 1000)}</Fact>
      </dl>
    </section>
  )
}

/** What it did not say leaves no gap. */
function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === false) return null
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function ListSheet<T>({
  title,
  empty,
  path,
  children,
  next,
}: {
  title: string
  empty: string
  path: string
  children: (items: readonly T[]) => ReactNode
  next?: (after: string) => ReactNode
}) {
  const { t } = useTranslation()
  const list = useQuery({ queryKey: ['list', path], queryFn: () => getJson<ListPage<T>>(path) })
  return (
    <section className="sheet">
      <h2>{title}</h2>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="muted">{empty}</p>}
      {list.data !== undefined && list.data.items.length > 0 && children(list.data.items)}
      {list.data?.next != null && next !== undefined && <div className="row end">{next(list.data.next)}</div>}
    </section>
  )
}
