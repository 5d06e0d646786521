import { TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { typeNumber } from '../evidence/filter.ts'
import { kindName } from '../evidence/kind-name.ts'
import { formatCount, formatMoment, formatSeconds } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { first } from '../search.ts'
import { getJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { Table } from '../shell/table.tsx'
import { DeviceKeys, isKeyChange } from './device-keys.tsx'
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
  const mayWrite = useHasRole(Number(id), 'editor')
  // Its first key is what a device begins with here.
  const isNew = one.error instanceof TanlianError && one.error.code === 'E_NOT_FOUND'
  return (
    <Page title={t('device.title', { device })} lead={<OrganizationLink id={Number(id)} />}>
      {one.isPending && <p role="status">{t('shell.loading')}</p>}
      {isNew && mayWrite && (
        <>
          <p className="note">{t('device.unknown')}</p>
          <DeviceKeys organization={Number(id)} device={{ device, streams: [], keys: [] }} />
        </>
      )}
      {one.isError && !(isNew && mayWrite) && <Problem error={one.error} onRetry={() => void one.refetch()} />}
      {batch !== undefined && stream !== undefined && at !== undefined && (
        <ReadingView key={`${batch}/${stream}/${at}`} cid={batch} stream={Number(stream)} start={Number(at)} />
      )}
      {one.data !== undefined && (
        <>
          <Streams id={id} device={one.data} />
          <DeviceKeys organization={Number(id)} device={one.data} />
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
        rows={device.streams.filter((one) => !isKeyChange(one))}
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
          { head: t('gateway.point'), cell: ({ more }) => pointOf(more) },
          { head: t('organization.streams.interval'), cell: ({ interval }) => formatSeconds(interval) },
          {
            head: t('device.since'),
            number: true,
            cell: ({ since }) => t('home.log.batchNumber', { n: formatCount(since) }),
          },
          {
            head: t('device.lastHeard'),
            cell: ({ received }) => (received === null ? '–' : formatMoment(Date.parse(received) / 1000)),
          },
          { head: t('device.says'), cell: ({ more }) => <Declaration more={more} /> },
        ]}
      />
    </section>
  )
}

type More = Device['streams'][number]['more']

/** What the plant calls it, with the unit that the device writes. */
function pointOf({ name, unit }: More): string {
  return [name ?? '–', ...(typeof unit === 'string' && unit !== '1' ? [unit] : [])].join(' · ')
}

/** All that the signed declaration says of a stream, in its own words: they are data, and stand so in the batch. */
function Declaration({ more }: { more: More }) {
  const { t } = useTranslation()
  return (
    <details className="small">
      <summary>{t('device.saysAll')}</summary>
      <dl className="facts">
        {Object.entries(more).map(([name, value]) => (
          <div key={name} className="contents">
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
