import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment } from '../format.ts'
import { getJson, type Page, postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import type { Delivery } from './record.ts'

const TONES = { waiting: 'unchecked', sent: '', failed: 'failed' } as const

/** What was sent because of alerts, the last first: whether it arrived, why not, and when it is tried again; each can be sent once more. */
export function Deliveries({ base }: { base: string }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const path = `${base}/deliveries?limit=50`
  const list = useQuery({
    queryKey: ['deliveries', path],
    queryFn: () => getJson<Page<Delivery>>(path),
    refetchInterval: 5000,
  })
  const [problem, setProblem] = useState<unknown>(undefined)
  const replay = (id: number) =>
    void postJson(`${base}/deliveries/${id}/replay`, {})
      .then(() => setProblem(undefined), setProblem)
      .finally(() => void queries.invalidateQueries({ queryKey: ['deliveries'] }))
  return (
    <section className="sheet" data-testid="deliveries">
      <h2>{t('monitoring.channel.deliveries')}</h2>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {problem !== undefined && <Problem error={problem} />}
      {list.data?.items.length === 0 && <p className="muted">{t('monitoring.channel.nothingSent')}</p>}
      {list.data !== undefined && list.data.items.length > 0 && (
        <Table
          label={t('monitoring.channel.deliveries')}
          rows={list.data.items}
          keyOf={({ id }) => id}
          columns={[
            { head: t('monitoring.channel.to'), lead: true, cell: ({ target }) => target },
            { head: t('monitoring.channel.by'), cell: ({ channel }) => t(`monitoring.channel.kinds.${channel}`) },
            { head: t('monitoring.state'), cell: (one) => <State delivery={one} /> },
            { head: t('monitoring.channel.tries'), number: true, cell: ({ attempts }) => formatCount(attempts) },
            { head: t('monitoring.channel.why'), cell: ({ failure }) => failure ?? '' },
            {
              head: t('monitoring.channel.replay'),
              quiet: true,
              cell: ({ id, state }) =>
                state !== 'waiting' && (
                  <button type="button" className="plain" onClick={() => replay(id)}>
                    {t('monitoring.channel.replay')}
                  </button>
                ),
            },
          ]}
        />
      )}
    </section>
  )
}

function State({ delivery: { state, nextTry } }: { delivery: Delivery }) {
  const { t } = useTranslation()
  return (
    <span className={`status ${TONES[state]}`}>
      {t(`monitoring.channel.states.${state}`, {
        at: nextTry === null ? '' : formatMoment(Date.parse(nextTry) / 1000),
      })}
    </span>
  )
}
