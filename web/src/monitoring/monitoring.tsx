import { Link, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useOrganizationName } from '../organization/organization-link.tsx'
import { first } from '../search.ts'
import { Page } from '../shell/page.tsx'
import { useSession } from '../shell/session.ts'
import { Alerts } from './alerts.tsx'
import { Channels } from './channels.tsx'
import { Complaints } from './complaints.tsx'
import { LiveWall } from './live-wall.tsx'
import { Overview } from './overview.tsx'
import { Quality } from './quality.tsx'
import { Rules } from './rules.tsx'

/** What is seen of one organization, and of all. */
const OF_ONE = ['wall', 'quality', 'alerts', 'rules'] as const
/** And for its owners alone. */
const OF_OWNERS = [...OF_ONE, 'channels'] as const
const OF_ALL = ['overview', 'alerts', 'rules', 'complaints'] as const

/** Real-time collection and early warning (实时搜集和预警): for an enterprise its own streams, for the regulator every organization's. */
export function MonitoringPage() {
  const { t } = useTranslation()
  const search = useSearch({ strict: false })
  const organization = Number(first(search, 'organization') ?? 0)
  const isOne = Number.isSafeInteger(organization) && organization > 0
  const name = useOrganizationName(isOne ? organization : 0)
  const own = useSession().data?.organizations ?? []
  const isRegulator = own.some(({ kind }) => kind === 'regulator')
  const role = own.find(({ id }) => id === organization)?.role
  const tabs = !isOne ? OF_ALL : role === 'owner' ? OF_OWNERS : OF_ONE
  const tab = tabs.find((one) => one === first(search, 'tab')) ?? tabs[0]
  return (
    <Page
      title={isOne ? t('monitoring.titleOf', { name }) : t('monitoring.title')}
      lead={t('monitoring.lead')}
      actions={
        isOne && (
          <Link className="button" to="/monitoring" search={{}}>
            {t('monitoring.all')}
          </Link>
        )
      }
    >
      <nav className="tabs row" aria-label={t('monitoring.parts')}>
        {tabs.map((one) => (
          <Link
            key={one}
            className="button"
            aria-current={one === tab ? 'page' : undefined}
            to="/monitoring"
            search={{ ...(isOne ? { organization: String(organization) } : {}), tab: one }}
          >
            {t(`monitoring.tab.${one}`)}
          </Link>
        ))}
      </nav>
      {tab === 'overview' && <Overview />}
      {tab === 'complaints' && <Complaints />}
      {tab === 'wall' && <LiveWall organization={organization} />}
      {tab === 'quality' && <Quality organization={organization} />}
      {tab === 'channels' && <Channels organization={organization} />}
      {(tab === 'alerts' || tab === 'rules') &&
        (isRegulator || (isOne && role !== undefined) ? (
          tab === 'alerts' ? (
            <Alerts organization={isOne ? organization : undefined} mayAct={isRegulator || role !== 'reader'} />
          ) : (
            <Rules
              organization={isOne ? organization : undefined}
              mayWrite={isOne ? role === 'owner' || role === 'editor' : isRegulator}
            />
          )
        ) : (
          <div className="note">
            <p>{t('monitoring.signIn')}</p>
            <Link className="button" to="/sign-in" search={{}}>
              {t('shell.nav.signIn')}
            </Link>
          </div>
        ))}
    </Page>
  )
}
