import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { saveFile } from '../save-file.ts'
import { Problem } from '../shell/problem.tsx'
import { forgetKey, type KeptKey, keepKey, keyFromFile, listKeys } from './keyring.ts'
import { NewKey } from './new-key.tsx'
import { RecoverKey } from './recover-key.tsx'

/** The signing keys of this browser: make, export, bring back. They never leave it unencrypted. */
export function KeysPage() {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const keys = useQuery({ queryKey: ['keys'], queryFn: listKeys })
  const [error, setError] = useState<unknown>(undefined)
  const changed = () => queries.invalidateQueries({ queryKey: ['keys'] })

  const open = async (file: File | undefined) => {
    if (file === undefined) return
    try {
      setError(undefined)
      await keepKey(keyFromFile(await file.text(), file.name.replace(/\.json$/, ''), Date.now()))
      await changed()
    } catch (cause) {
      setError(cause)
    }
  }
  return (
    <div className="page narrow">
      <header className="page-head">
        <h1>{t('keys.title')}</h1>
        <p>{t('keys.lead')}</p>
      </header>
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
        <label className="field">
          <span>{t('keys.bring.file')}</span>
          <input type="file" accept=".json,application/json" onChange={(event) => void open(event.target.files?.[0])} />
        </label>
        {error !== undefined && <Problem error={error} />}
        <details>
          <summary>{t('keys.bring.phrase')}</summary>
          <RecoverKey onMade={() => void changed()} />
        </details>
      </section>
    </div>
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
        <dd>{kept.organization ?? t('keys.noOrganization')}</dd>
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
