import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { saveFile } from '../save-file.ts'
import { getJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { BringKey } from './bring-key.tsx'
import { forgetKey, type KeptKey, listKeys } from './keyring.ts'
import { NewKey } from './new-key.tsx'
import { OrganizationLink } from './organization-link.tsx'
import { RecoverKey } from './recover-key.tsx'

/** The signing keys of this browser: make, export, bring back. They never leave it unencrypted. */
export function KeysPage() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const keys = useQuery({ queryKey: ['keys'], queryFn: listKeys })
  const changed = () => queries.invalidateQueries({ queryKey: ['keys'] })
  return (
    <Page narrow title={t('keys.title')} lead={t('keys.lead')}>
      {keys.isError && <Problem error={keys.error} />}
      {keys.data?.length === 0 && <p className="note">{t('keys.empty')}</p>}
      {keys.data?.map((key) => (
        <KeyCard key={key.address} kept={key} onForget={() => void forgetKey(key.address).then(changed)} />
      ))}
      <section className="sheet">
        <h2>{t('keys.make.title')}</h2>
        <NewKey onMade={() => void changed()} />
      </section>
      <section className="sheet">
        <h2>{t('keys.bring.title')}</h2>
        <BringKey onKept={() => void changed()} />
        <details>
          <summary>{t('keys.bring.phrase')}</summary>
          <RecoverKey onMade={() => void changed()} />
        </details>
      </section>
    </Page>
  )
}

/** Whose key the registry says it is, and for what. */
function KeyOwner({ kept: { address, purpose } }: { kept: KeptKey }) {
  const { t } = useTranslation()
  const known = useQuery({
    queryKey: ['registered', address],
    queryFn: () => getJson<{ key: { organization: number; purpose: string } | null }>(`/v1/keys/${address}`),
  })
  const key = known.data?.key
  if (key === undefined) return '…'
  // A reader's key signs nothing, so the registry does not know it.
  if (key === null) return t(purpose === 'reader' ? 'keys.purpose.reader' : 'keys.noOrganization')
  return (
    <>
      <OrganizationLink id={key.organization} /> · {t(`keys.purpose.${key.purpose}`)}
    </>
  )
}

function KeyCard({ kept, onForget }: { kept: KeptKey; onForget: () => void }) {
  const { t } = useTranslation()
  const [asked, setAsked] = useState(false)
  return (
    <section className="sheet">
      <h2>{kept.name}</h2>
      <dl className="facts">
        <dt>{t('keys.address')}</dt>
        <dd>
          <code>{kept.address}</code>
        </dd>
        <dt>{t('keys.organization')}</dt>
        <dd>
          <KeyOwner kept={kept} />
        </dd>
        <dt>{t('keys.made')}</dt>
        <dd>{formatMoment(kept.madeMs / 1000)}</dd>
      </dl>
      <div className="row">
        <button
          type="button"
          onClick={() =>
            saveFile(
              `tanlian-key-${kept.keystore.address}.json`,
              'application/json',
              JSON.stringify(kept.keystore, null, 2),
            )
          }
        >
          {t('keys.export')}
        </button>
        {asked ? (
          <>
            <span className="small">{t('keys.forgetSure')}</span>
            <button type="button" onClick={onForget}>
              {t('keys.forgetYes')}
            </button>
            <button type="button" className="plain" onClick={() => setAsked(false)}>
              {t('keys.forgetNo')}
            </button>
          </>
        ) : (
          <button type="button" className="plain" onClick={() => setAsked(true)}>
            {t('keys.forget')}
          </button>
        )}
      </div>
    </section>
  )
}
