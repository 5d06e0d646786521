import type { GrantItem } from '@tanlian/sdk'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { OrganizationLink, useOrganizationName } from '../organization/organization-link.tsx'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { type Column, Table } from '../shell/table.tsx'
import { GrantAccess, GrantPeriod, GrantScope, grantSight } from './grant-words.tsx'
import { OpenGranted } from './open-granted.tsx'
import { useGrants } from './record.ts'
import './texts.ts'

/** What an organization was granted (获得的授权), from whom, and the way to open it on this machine. */
export function GrantedPage() {
  const { t } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const organization = Number(id)
  const name = useOrganizationName(organization)
  const isMember = useHasRole(organization, 'reader')
  const grants = useGrants('granted', organization, isMember)
  const [chosen, setChosen] = useState<string>()
  const grant = grants.data?.find((one) => one.grant === chosen)
  const columns: readonly Column<GrantItem>[] = [
    {
      head: t('privacy:granted.owner'),
      lead: true,
      cell: ({ organization: owner }) => <OrganizationLink id={owner} />,
    },
    { head: t('privacy:grants.access'), cell: (one) => <GrantAccess grant={one} /> },
    { head: t('privacy:grants.scope'), cell: (one) => <GrantScope grant={one} /> },
    { head: t('privacy:grants.period'), cell: (one) => <GrantPeriod grant={one} /> },
    { head: t('privacy:granted.sight'), cell: (one) => grantSight(t, one) },
    {
      head: t('privacy:grants.state'),
      cell: ({ ended, created }) =>
        ended === null
          ? t('privacy:grants.stands', { time: formatMoment(Date.parse(created) / 1000) })
          : t('privacy:grants.ended', { time: formatMoment(Date.parse(ended) / 1000) }),
    },
    {
      head: t('privacy:granted.open'),
      quiet: true,
      cell: (one) =>
        one.access === 'read' ? (
          <button type="button" onClick={() => setChosen(one.grant)}>
            {t('privacy:granted.open')}
          </button>
        ) : (
          one.ended === null && (
            <Link className="button" to="/trace" search={{ organization: String(one.organization), type: one.types }}>
              {t('privacy:granted.ask')}
            </Link>
          )
        ),
    },
  ]
  return (
    <Page
      title={t('privacy:granted.title', { organization: name })}
      lead={t('privacy:granted.lead')}
      actions={
        <Link className="button" to="/organizations/$id/privacy" params={{ id }} search={{}}>
          {t('privacy:granted.own')}
        </Link>
      }
    >
      {!isMember && (
        <p className="note">
          {t('privacy:signIn')} <Link to="/sign-in">{t('shell.nav.signIn')}</Link>
        </p>
      )}
      {isMember && grants.isPending && <p role="status">{t('shell.loading')}</p>}
      {grants.isError && <Problem error={grants.error} onRetry={() => void grants.refetch()} />}
      {grants.data?.length === 0 && <p className="note">{t('privacy:granted.none')}</p>}
      {grants.data !== undefined && grants.data.length > 0 && (
        <section className="sheet">
          <Table
            label={t('privacy:granted.link')}
            columns={columns}
            rows={grants.data}
            keyOf={({ grant: key }) => key}
          />
        </section>
      )}
      {grant !== undefined && <OpenGranted key={grant.grant} grant={grant} />}
    </Page>
  )
}
