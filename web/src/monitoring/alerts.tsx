import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatAge, formatCount } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { first } from '../search.ts'
import { getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { Age } from './age.tsx'
import { AlertDetail } from './alert-detail.tsx'
import { type Alert, SEVERITIES, STATES } from './record.ts'
import { SeverityWord } from './severity.tsx'
import { useNow, useProjected } from './use-projected.ts'

/** Alerts of one organization or of all, the last raised first; one of them is opened below. */
export function Alerts({ organization, mayAct }: { organization: number | undefined; mayAct: boolean }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const nowMs = useNow()
  const connection = useProjected('alerts')
  const search = useSearch({ strict: false })
  const [state, severity, opened] = [first(search, 'state'), first(search, 'severity'), first(search, 'alert')]
  const query = new URLSearchParams({
    limit: '50',
    ...(state === undefined ? {} : { state }),
    ...(severity === undefined ? {} : { severity }),
  })
  const path = organization === undefined ? `/v1/alerts?${query}` : `/v1/organizations/${organization}/alerts?${query}`
  const list = useQuery({ queryKey: ['alerts', path], queryFn: () => getJson<Page<Alert>>(path) })
  const narrow = (more: Readonly<Record<string, string | undefined>>) =>
    void navigate({ to: '/monitoring', search: { ...search, ...more } })
  const one = list.data?.items.find(({ id }) => id === opened)
  return (
    <>
      <section className="sheet">
        <div className="row between">
          <h2>{t('monitoring.tab.alerts')}</h2>
          <Age connection={connection} />
        </div>
        <div className="row">
          <Choice
            label={t('monitoring.state')}
            value={state}
            options={STATES.map((name) => [name, t(`monitoring.states.${name}`)])}
            onChoose={(value) => narrow({ state: value })}
          />
          <Choice
            label={t('monitoring.severity')}
            value={severity}
            options={SEVERITIES.map((name) => [name, t(`monitoring.severities.${name}`)])}
            onChoose={(value) => narrow({ severity: value })}
          />
        </div>
        {list.isPending && <p role="status">{t('shell.loading')}</p>}
        {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
        {list.data?.items.length === 0 && <p className="muted">{t('monitoring.noAlerts')}</p>}
        {list.data !== undefined && list.data.items.length > 0 && (
          <Table
            label={t('monitoring.tab.alerts')}
            rows={list.data.items}
            keyOf={({ id }) => id}
            columns={[
              {
                head: t('monitoring.alert'),
                lead: true,
                cell: ({ id, name }) => (
                  <button
                    type="button"
                    className="plain"
                    aria-expanded={id === opened}
                    onClick={() => narrow({ alert: id })}
                  >
                    {name}
                  </button>
                ),
              },
              { head: t('monitoring.severity'), cell: ({ severity }) => <SeverityWord severity={severity} /> },
              { head: t('monitoring.state'), cell: ({ state }) => t(`monitoring.states.${state}`) },
              { head: t('home.log.organization'), cell: ({ organization: id }) => <OrganizationLink id={id} /> },
              {
                head: t('monitoring.where'),
                cell: ({ stream, device }) => [device, stream].filter((part) => part !== null).join(' · '),
              },
              { head: t('monitoring.times'), number: true, cell: ({ times }) => formatCount(times) },
              { head: t('monitoring.last'), cell: ({ last }) => formatAge(Date.parse(last), nowMs) },
            ]}
          />
        )}
      </section>
      {one !== undefined && <AlertDetail key={one.id} alert={one} mayAct={mayAct} />}
    </>
  )
}

function Choice({
  label,
  value,
  options,
  onChoose,
}: {
  label: string
  value: string | undefined
  options: readonly (readonly [value: string, text: string])[]
  onChoose: (value: string | undefined) => void
}) {
  const { t } = useTranslation()
  return (
    <label className="row">
      {label}
      <select
        value={value ?? ''}
        onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}
      >
        <option value="">{t('monitoring.any')}</option>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
