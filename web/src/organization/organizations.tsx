import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { first } from '../search.ts'
import { getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { organizationName } from './name.ts'
import type { Organization } from './record.ts'

/** Every organization the registry knows, a page at a time. */
export function OrganizationsPage() {
  const { t } = useTranslation()
  const after = first(useSearch({ strict: false }), 'after')
  const path = `/v1/organizations?limit=50${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`
  const list = useQuery({ queryKey: ['organizations', after], queryFn: () => getJson<ListPage<Organization>>(path) })
  return (
    <Page
      title={t('organizations.title')}
      lead={t('organizations.lead')}
      actions={
        <Link className="button" to="/apply" search={{}}>
          {t('organizations.apply')}
        </Link>
      }
    >
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data !== undefined && (
        <section className="sheet">
          {list.data.items.length === 0 && <p>{t('organizations.empty')}</p>}
          {list.data.items.length > 0 && (
            <Table
              label={t('organizations.title')}
              caption={t('organizations.caption')}
              rows={list.data.items}
              keyOf={(one) => one.id}
              columns={[
                { head: t('organization.id'), number: true, cell: (one) => one.id },
                { head: t('organization.name'), lead: true, cell: (one) => <Name organization={one} /> },
                { head: t('organization.kind'), cell: (one) => t(`party.${one.kind}`) },
                { head: t('apply.profile.region'), cell: (one) => one.region ?? '' },
                { head: t('apply.profile.industry'), cell: (one) => one.industry ?? '' },
                { head: t('shell.nav.trace'), quiet: true, cell: (one) => <Trace organization={one} /> },
              ]}
            />
          )}
          <div className="row end">
            {after !== undefined && (
              <Link className="button" to="/organizations" search={{}}>
                {t('shell.list.first')}
              </Link>
            )}
            {list.data.next !== null && (
              <Link className="button" to="/organizations" search={{ after: list.data.next }}>
                {t('shell.list.next')}
              </Link>
            )}
          </div>
        </section>
      )}
    </Page>
  )
}

function Name({ organization }: { organization: Organization }) {
  return (
    <Link to="/organizations/$id" params={{ id: String(organization.id) }} search={{}}>
      {organizationName(organization)}
    </Link>
  )
}

/** Only who measures can be traced. */
function Trace({ organization: { id, kind } }: { organization: Organization }) {
  const { t } = useTranslation()
  if (kind !== 'enterprise') return null
  return (
    <Link to="/trace" search={{ organization: String(id) }}>
      {t('shell.nav.trace')}
    </Link>
  )
}
