import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment } from '../format.ts'
import { getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { Table } from '../shell/table.tsx'
import type { Device } from './record.ts'

/** The devices of an organization (设备): what each measures, how it is known, when it was heard. Editors enrol a new one here. */
export function DeviceList({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const id = String(organization)
  const mayWrite = useHasRole(organization, 'editor')
  const path = `/v1/organizations/${id}/devices?limit=200`
  const list = useQuery({ queryKey: ['device', path], queryFn: () => getJson<Page<Device>>(path) })
  return (
    <section className="sheet">
      <h2>{t('device.list')}</h2>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="muted">{t('device.none')}</p>}
      {list.data !== undefined && list.data.items.length > 0 && (
        <Table
          label={t('device.list')}
          rows={list.data.items}
          keyOf={({ device }) => device}
          columns={[
            {
              head: t('gateway.device'),
              lead: true,
              cell: ({ device }) => (
                <Link to="/organizations/$id/devices/$device" params={{ id, device }} search={{}}>
                  {device}
                </Link>
              ),
            },
            { head: t('monitoring.streams'), number: true, cell: ({ streams }) => formatCount(streams.length) },
            {
              head: t('device.known'),
              hint: t('device.knownMeans'),
              cell: (one) => t(`device.knownBy.${knownBy(one)}`),
            },
            { head: t('device.lastHeard'), cell: (one) => lastHeard(one) },
          ]}
        />
      )}
      {mayWrite && <NewDevice id={id} />}
    </section>
  )
}

/** How a device is known, the strongest first: by a key of its own, by its certificate, by a key that batches declare, by the gateway alone. */
function knownBy({ keys, streams }: Device): 'key' | 'certificate' | 'declared' | 'revoked' | 'gateway' {
  const inUse = keys.filter(({ revoked }) => revoked === null)
  if (inUse.some(({ kind }) => kind === 'ed25519')) return 'key'
  if (inUse.length > 0) return 'certificate'
  if (keys.length > 0) return 'revoked'
  return streams.some(({ key }) => key !== null) ? 'declared' : 'gateway'
}

function lastHeard({ streams }: Device): string {
  const heard = streams.flatMap(({ received }) => (received === null ? [] : [Date.parse(received) / 1000]))
  return heard.length === 0 ? '–' : formatMoment(Math.max(...heard))
}

/** A device is enrolled on its own page, which need not have any data yet. */
function NewDevice({ id }: { id: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const [device, setDevice] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void navigate({ to: '/organizations/$id/devices/$device', params: { id, device: device.trim() }, search: {} })
  }
  return (
    <form className="row" onSubmit={submit}>
      <label className="field">
        <span>{t('device.newName')}</span>
        <input
          required
          maxLength={60}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          value={device}
          onChange={(event) => setDevice(event.target.value)}
        />
      </label>
      <button type="submit">{t('device.newButton')}</button>
    </form>
  )
}
