import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { first } from '../search.ts'
import { getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { ScrollBox } from '../shell/scroll-box.tsx'
import { organizationName } from './name.ts'
import type { Organization } from './record.ts'

/** Every organization the registry knows, a page at a time. */
export function OrganizationsPage() {
  const { t } = useTranslation()
  const after = first(useSearch({ strict: false }), 'after')
  const path = `/v1/organizations?limit=50${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`
  const list = useQuery({ queryKey: ['organizations', after], queryFn: () => getJson<Page<Organization>>(path) })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('organizations.title')}</h1>
        <p>{t('organizations.lead')}</p>
      </header>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data !== undefined && (
        <section className="sheet">
          {list.data.items.length === 0 && <p>{t('organizations.empty')}</p>}
          {list.data.items.length > 0 && (
            <ScrollBox className="table-wrap" label={t('organizations.title')}>
              <table>
                <caption>{t('organizations.caption')}</caption>
                <thead>
                  <tr>
                    <th scope="col" className="number">
                      {t('organization.id')}
                    </th>
                    <th scope="col">{t('organization.name')}</th>
                    <th scope="col">{t('organization.kind')}</th>
                    <th scope="col">
                      <span className="visually-hidden">{t('shell.nav.trace')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {list.data.items.map((one) => (
                    <tr key={one.id}>
                      <td className="number">{one.id}</td>
                      <td>
                        <Link to="/organizations/$id" params={{ id: String(one.id) }} search={{}}>
                          {organizationName(one)}
                        </Link>
                      </td>
                      <td>{t(`party.${one.kind}`)}</td>
                      <td>
                        {one.kind === 'enterprise' && (
                          <Link to="/trace" search={{ organization: String(one.id) }}>
                            {t('shell.nav.trace')}
                          </Link>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </ScrollBox>
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
      <div className="row">
        <Link className="button" to="/apply" search={{}}>
          {t('organizations.apply')}
        </Link>
      </div>
    </div>
  )
}
