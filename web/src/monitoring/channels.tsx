import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment } from '../format.ts'
import { getJson, http, postJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { Deliveries } from './deliveries.tsx'
import type { Channels as Ways, Webhook } from './record.ts'

/** Where an organization's alerts are sent (通知): signed webhooks and mails, what became of each, and how a receiver checks them. For owners. */
export function Channels({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const base = `/v1/organizations/${organization}`
  const ways = useQuery({ queryKey: ['channels', base], queryFn: () => getJson<Ways>(`${base}/channels`) })
  if (ways.isPending) return <p role="status">{t('shell.loading')}</p>
  if (ways.isError) return <Problem error={ways.error} onRetry={() => void ways.refetch()} />
  const { webhook, mail } = ways.data
  return (
    <>
      <Webhooks base={base} hosts={webhook.hosts} />
      <section className="sheet">
        <h2>{t('monitoring.channel.check')}</h2>
        <p>{t('monitoring.channel.checkHow')}</p>
        <dl className="facts">
          <dt>{t('monitoring.channel.key')}</dt>
          <dd>
            <code>{webhook.key}</code>
          </dd>
          <dt>{t('monitoring.channel.headers')}</dt>
          <dd>
            <code>tanlian-time</code> · <code>tanlian-delivery</code> · <code>tanlian-signature</code>
          </dd>
        </dl>
      </section>
      <section className="sheet">
        <h2>{t('monitoring.channel.mail')}</h2>
        <p>
          {mail.from === null ? t('monitoring.channel.noMail') : t('monitoring.channel.mailFrom', { from: mail.from })}
        </p>
      </section>
      <Deliveries base={base} />
    </>
  )
}

function Webhooks({ base, hosts }: { base: string; hosts: readonly string[] }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const path = `${base}/webhooks`
  const list = useQuery({
    queryKey: ['webhooks', path],
    queryFn: () => getJson<{ items: readonly Webhook[] }>(path),
  })
  const [url, setUrl] = useState('')
  const [problem, setProblem] = useState<unknown>(undefined)
  const then = (job: Promise<unknown>) =>
    job
      .then(() => {
        setProblem(undefined)
        setUrl('')
      }, setProblem)
      .finally(() => void queries.invalidateQueries({ queryKey: ['webhooks'] }))
  const add = (event: FormEvent) => {
    event.preventDefault()
    void then(postJson(path, { url: url.trim() }))
  }
  return (
    <section className="sheet stack" data-testid="webhooks">
      <h2>{t('monitoring.channel.webhooks')}</h2>
      <p>{t('monitoring.channel.webhooksMean')}</p>
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="muted">{t('monitoring.channel.none')}</p>}
      {list.data !== undefined && list.data.items.length > 0 && (
        <Table
          label={t('monitoring.channel.webhooks')}
          rows={list.data.items}
          keyOf={({ id }) => id}
          columns={[
            { head: t('monitoring.channel.url'), lead: true, cell: (one) => <code>{one.url}</code> },
            { head: t('monitoring.channel.since'), cell: ({ created }) => formatMoment(Date.parse(created) / 1000) },
            {
              head: t('monitoring.channel.remove'),
              quiet: true,
              cell: ({ id, url: of }) => (
                <button
                  type="button"
                  className="plain"
                  aria-label={t('monitoring.channel.removeOne', { url: of })}
                  onClick={() => void then(http.send(`${path}/${id}`, { method: 'DELETE' }))}
                >
                  {t('monitoring.channel.remove')}
                </button>
              ),
            },
          ]}
        />
      )}
      {hosts.length === 0 ? (
        <p className="note">{t('monitoring.channel.noHosts')}</p>
      ) : (
        <form className="stack" onSubmit={add}>
          <label className="field">
            <span>{t('monitoring.channel.url')}</span>
            <input
              type="url"
              required
              maxLength={500}
              placeholder={`https://${hosts[0]}/`}
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          </label>
          <p className="small muted">{t('monitoring.channel.hosts', { hosts: hosts.join(', ') })}</p>
          <div className="row">
            <button type="submit" className="primary">
              {t('monitoring.channel.add')}
            </button>
          </div>
        </form>
      )}
      {problem !== undefined && <Problem error={problem} />}
    </section>
  )
}
