import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { client, getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useWork } from '../shell/work.ts'
import { doAct } from './act.ts'
import { organizationName } from './name.ts'
import { useOrganizationName } from './organization-link.tsx'
import type { Binding, Organization } from './record.ts'
import { type OpenKey, Unlock } from './unlock.tsx'

/** Asks for the binding to a platform (绑定), and shows when the platform has confirmed it. */
export function AskBinding({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const platforms = useQuery({
    queryKey: ['platforms'],
    queryFn: () => getJson<Page<Organization>>('/v1/organizations?kind=platform&limit=100'),
  })
  const bindings = useQuery({
    queryKey: ['bindings', organization],
    queryFn: () => getJson<Page<Binding>>(`/v1/organizations/${organization}/bindings`),
    refetchInterval: ({ state }) => (state.data?.items.some((one) => one.state === 'bound') ? false : 4000),
  })
  const [chosen, setChosen] = useState<number | undefined>(undefined)
  const [key, setKey] = useState<OpenKey | undefined>(undefined)
  const { working: sending, error, work } = useWork()
  const platform = chosen ?? platforms.data?.items[0]?.id
  const bound = bindings.data?.items.find((one) => one.state === 'bound')
  const requested = bindings.data?.items.find((one) => one.state === 'requested')
  const name = useOrganizationName(bound?.platform ?? requested?.platform ?? 0)

  const ask = async () => {
    if (key === undefined || platform === undefined) return
    await work(async () => {
      await doAct(client, 'RequestBinding', { organization, platform }, key.privateKey)
      await bindings.refetch()
    })
  }
  if (bound !== undefined) {
    return (
      <div className="note" role="status">
        <p>
          <strong>{t('apply.binding.bound', { platform: name })}</strong>
        </p>
        <Link className="button primary" to="/upload" search={{ organization: String(organization) }}>
          {t('apply.binding.upload')}
        </Link>
      </div>
    )
  }
  return (
    <div className="stack">
      <h2>{t('apply.step.binding')}</h2>
      <p className="muted">{t('apply.binding.lead')}</p>
      {requested !== undefined && (
        <p className="note" role="status">
          {t('apply.binding.waiting', { platform: name })}
        </p>
      )}
      {requested === undefined && (
        <>
          {platforms.isError && <Problem error={platforms.error} />}
          {platforms.data?.items.length === 0 && <p className="note">{t('apply.binding.noPlatform')}</p>}
          <label className="field">
            <span>{t('apply.binding.platform')}</span>
            <select value={platform ?? ''} onChange={(event) => setChosen(Number(event.target.value))}>
              {platforms.data?.items.map((one) => (
                <option key={one.id} value={one.id}>{`${organizationName(one)} · ${one.id}`}</option>
              ))}
            </select>
          </label>
          {key === undefined ? (
            <Unlock purpose="acts" onOpen={setKey} />
          ) : (
            <div className="row">
              <button
                type="button"
                className="primary"
                disabled={sending || platform === undefined}
                onClick={() => void ask()}
              >
                {sending ? t('apply.submit.working') : t('apply.binding.button')}
              </button>
            </div>
          )}
          {error !== undefined && <Problem error={error} />}
        </>
      )}
    </div>
  )
}
