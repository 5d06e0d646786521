import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useOrganizationName } from '../organization/organization-link.tsx'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { Choice } from './choice.tsx'
import { Grants } from './grants.tsx'
import { ReaderKeys } from './reader-keys.tsx'
import { useChoice, useReaderKeys, useStreams } from './record.ts'
import { WhoSees } from './who-sees-table.tsx'
import './texts.ts'

/** Confidential data (数据隐私): how an enterprise keeps each type, its readers' keys, whom it lets read, and who learns what. */
export function PrivacyPage() {
  const { t } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const organization = Number(id)
  const name = useOrganizationName(organization)
  const may = useHasRole(organization, 'editor')
  const isMember = useHasRole(organization, 'reader')
  const choice = useChoice(organization)
  const streams = useStreams(organization)
  const keys = useReaderKeys(organization)
  const failed = [choice, streams, keys].find(({ isError }) => isError)
  return (
    <Page
      title={t('privacy:title', { organization: name })}
      lead={t('privacy:lead')}
      actions={
        <Link className="button" to="/organizations/$id/granted" params={{ id }} search={{}}>
          {t('privacy:granted.link')}
        </Link>
      }
    >
      {failed !== undefined && <Problem error={failed.error} onRetry={() => void failed.refetch()} />}
      {choice.data !== undefined && streams.data !== undefined && keys.data !== undefined && (
        <>
          <Choice
            key={choice.data.since}
            organization={organization}
            choice={choice.data}
            streams={streams.data}
            hasReader={keys.data.some(({ ended }) => ended === null)}
            may={may}
            onChanged={() => void choice.refetch()}
          />
          <ReaderKeys organization={organization} keys={keys.data} may={may} onChanged={() => void keys.refetch()} />
          {isMember ? (
            <Grants organization={organization} streams={streams.data} may={may} />
          ) : (
            <p className="note">
              {t('privacy:signIn')} <Link to="/sign-in">{t('shell.nav.signIn')}</Link>
            </p>
          )}
          <WhoSees choice={choice.data} streams={streams.data} />
        </>
      )}
    </Page>
  )
}
