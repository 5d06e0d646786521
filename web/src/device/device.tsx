import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { typeNumber } from '../evidence/filter.ts'
import { kindName } from '../evidence/kind-name.ts'
import { formatCount, formatMoment, formatSeconds, shorten } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { first } from '../search.ts'
import { getJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { ReadingView } from './reading-view.tsx'
import type { Device } from './record.ts'

/** A device (设备): what it measures, how it is known, and any reading of it down to the raw message. */
export function DevicePage() {
  const { t } = useTranslation()
  const { id, device } = useParams({ strict: false }) as { id: string; device: string }
  const search = useSearch({ strict: false })
  const [batch, stream, at] = [first(search, 'batch'), first(search, 'stream'), first(search, 'at')]
  const path = `/v1/organizations/${encodeURIComponent(id)}/devices/${encodeURIComponent(device)}`
  const one = useQuery({ queryKey: ['device', path], queryFn: () => getJson<Device>(path), retry: 1 })
  return (
    <Page title={t('device.title', { device })} lead={<OrganizationLink id={Number(id)} />}>
      {one.isPending && <p role="status">{t('shell.loading')}</p>}
      {one.isError && <Problem error={one.error} onRetry={() => void one.refetch()} />}
      {batch !== undefined && stream !== undefined && at !== undefined && (
        <ReadingView key={`${batch}/${stream}/${at}`} cid={batch} stream={Number(stream)} start={Number(at)} />
      )}
      {one.data !== undefined && (
        <>
          <Streams id={id} device={one.data} />
          <Keys device={one.data} />
        </>
      )}
    </Page>
  )
}

function Streams({ id, device }: { id: string; device: Device }) {
  const { t } = useTranslation()
  return (
    <section className="sheet">
      <h2>{t('organization.streams.title')}</h2>
      {device.streams.length === 0 && <p className="muted">{t('device.noStreams')}</p>}
      <Table
        label={t('organization.streams.title')}
        rows={device.streams}
        keyOf={({ stream }) => stream}
        columns={[
          { head: t('organization.streams.number'), number: true, cell: ({ stream }) => stream },
          {
            head: t('organization.streams.kind'),
            lead: true,
            cell: ({ stream, type }) => (
              <Link to="/organizations/$id/streams/$stream" params={{ id, stream: String(stream) }} search={{}}>
                {kindName(typeNumber(type))}
              </Link>
            ),
          },
          { head: t('organization.streams.interval'), cell: ({ interval }) => formatSeconds(interval) },
          { head: t('device.since'), number: true, cell: ({ since }) => formatCount(since) },
          {
            head: t('device.says'),
            cell: ({ more }) =>
              Object.entries(more)
                .map(([name, value]) => `${name}: ${value}`)
                .join(' · '),
          },
          {
            head: t('device.lastHeard'),
            cell: ({ received }) => (received === null ? '–' : formatMoment(Date.parse(received) / 1000)),
          },
        ]}
      />
    </section>
  )
}

function Keys({ device }: { device: Device }) {
  const { t } = useTranslation()
  return (
    <section className="sheet">
      <h2>{t('device.keys')}</h2>
      {device.keys.length === 0 ? (
        <p className="muted">
          {t(device.streams.some(({ key }) => key !== null) ? 'device.declaredOnly' : 'device.noKeys')}
        </p>
      ) : (
        <Table
          label={t('device.keys')}
          rows={device.keys}
          keyOf={({ key }) => key}
          columns={[
            { head: t('device.key'), lead: true, cell: ({ key }) => <code title={key}>{shorten(key, 8)}</code> },
            { head: t('device.kind'), cell: ({ kind }) => t(`device.kinds.${kind}`) },
            {
              head: t('device.counters'),
              cell: ({ firstCounter, lastCounter }) =>
                t('device.range', {
                  from: formatCount(firstCounter),
                  to: lastCounter === null ? '…' : formatCount(lastCounter),
                }),
            },
            { head: t('device.enrolled'), cell: ({ enrolled }) => formatMoment(Date.parse(enrolled) / 1000) },
            {
              head: t('device.state'),
              cell: ({ revoked, reason }) =>
                revoked === null ? t('device.inUse') : t('device.revoked', { reason: reason ?? '' }),
            },
          ]}
        />
      )}
    </section>
  )
}
