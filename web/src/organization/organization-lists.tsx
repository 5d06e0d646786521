import { DATASET_KIND } from '@tanlian/sdk'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { typeNumber, typeText } from '../evidence/filter.ts'
import { kindName } from '../evidence/kind-name.ts'
import { formatBytes, formatCount, formatMoment, formatSeconds, formatWindow } from '../format.ts'
import { StatusWord } from '../shell/status.tsx'
import { Table } from '../shell/table.tsx'
import { OrganizationLink } from './organization-link.tsx'
import type { Binding, Entry, RegisteredKey, Stream } from './record.ts'

/** Streams that are shown at first: an organization may have hundreds. */
const FEW = 12

/** What it measures, each a step from its trace. */
export function StreamTable({ organization, streams }: { organization: string; streams: readonly Stream[] }) {
  const { t } = useTranslation()
  const [all, setAll] = useState(streams.length <= FEW)
  return (
    <>
      <Table
        label={t('organization.streams.title')}
        rows={all ? streams : streams.slice(0, FEW)}
        keyOf={({ stream }) => stream}
        columns={[
          { head: t('organization.streams.number'), number: true, cell: ({ stream }) => stream },
          {
            head: t('organization.streams.kind'),
            lead: true,
            cell: ({ stream, type }) => (
              <Link
                to="/organizations/$id/streams/$stream"
                params={{ id: organization, stream: String(stream) }}
                search={{}}
              >
                {kindName(typeNumber(type))}
              </Link>
            ),
          },
          {
            head: t('organization.streams.device'),
            cell: ({ device, name }) => (
              <Link to="/organizations/$id/devices/$device" params={{ id: organization, device }} search={{}}>
                {name === undefined ? device : `${device} · ${name}`}
              </Link>
            ),
          },
          { head: t('organization.streams.interval'), cell: ({ interval }) => formatSeconds(interval) },
          {
            head: t('shell.nav.trace'),
            quiet: true,
            cell: ({ stream, type }) => (
              <Link to="/trace" search={{ organization, type: typeText(typeNumber(type)), stream: String(stream) }}>
                {t('shell.nav.trace')}
              </Link>
            ),
          },
        ]}
      />
      {!all && (
        <button type="button" onClick={() => setAll(true)}>
          {t('organization.streams.more', { n: formatCount(streams.length) })}
        </button>
      )}
    </>
  )
}

/** Its signed batches. */
export function BatchTable({ entries }: { entries: readonly Entry[] }) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('organization.batches.title')}
      rows={entries}
      keyOf={({ sequence }) => sequence}
      columns={[
        {
          head: t('batch.title'),
          lead: true,
          cell: ({ sequence, cid }) => (
            <Link to="/batches/$cid" params={{ cid }} search={{}} title={cid}>
              {t('home.log.batchNumber', { n: formatCount(sequence) })}
            </Link>
          ),
        },
        {
          head: t('organization.batches.window'),
          cell: ({ from, to, sealed }) =>
            from === null || to === null ? <Untold sealed={sealed} /> : formatWindow(from, to),
        },
        {
          head: t('organization.batches.readings'),
          number: true,
          cell: ({ readings, sealed }) => (readings === null ? <Untold sealed={sealed} /> : formatCount(readings)),
        },
        {
          head: t('home.log.chainBlock'),
          number: true,
          cell: ({ block }) => (block === null ? '' : formatCount(block)),
        },
        { head: t('home.log.status'), cell: ({ status }) => <StatusWord word={status} /> },
      ]}
    />
  )
}

/** What a sealed batch does not tell this reader. */
function Untold({ sealed }: { sealed: boolean }) {
  const { t } = useTranslation()
  return sealed ? <span className="muted">{t('shell.withheld.word')}</span> : null
}

/** Its signed documents; a data set opens as a table. */
export function DocumentTable({ entries }: { entries: readonly Entry[] }) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('organization.documents.title')}
      rows={entries}
      keyOf={({ sequence }) => sequence}
      columns={[
        {
          head: t('batch.documentTitle'),
          lead: true,
          cell: ({ sequence, cid, document }) => (
            <Link to={document === DATASET_KIND ? '/datasets/$cid' : '/batches/$cid'} params={{ cid }} search={{}}>
              {t('home.log.documentNumber', { n: formatCount(sequence) })}
            </Link>
          ),
        },
        {
          head: t('organization.documents.kind'),
          cell: ({ document }) => (document === null ? '' : t(`document.${document}`, { defaultValue: document })),
        },
        { head: t('batch.field.bytes'), number: true, cell: ({ bytes }) => (bytes === null ? '' : formatBytes(bytes)) },
        {
          head: t('batch.field.received'),
          cell: ({ received }) => (received === null ? '' : formatMoment(Date.parse(received) / 1000)),
        },
        { head: t('home.log.status'), cell: ({ status }) => <StatusWord word={status} /> },
      ]}
    />
  )
}

/** Keys that the registry names for it, now and before. */
export function KeyTable({ keys }: { keys: readonly RegisteredKey[] }) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('organization.keys.title')}
      rows={keys}
      keyOf={({ address }) => address}
      columns={[
        { head: t('organization.keys.purpose'), lead: true, cell: ({ purpose }) => t(`keys.purpose.${purpose}`) },
        { head: t('keys.address'), cell: ({ address }) => <code>{address}</code> },
        {
          head: t('organization.keys.range'),
          cell: ({ purpose, from, to }) =>
            purpose === 'acts'
              ? '–'
              : to >= Number.MAX_SAFE_INTEGER
                ? t('organization.keys.rangeOpen', { from: formatCount(from) })
                : t('organization.keys.rangeText', { from: formatCount(from), to: formatCount(to) }),
        },
        {
          head: t('home.log.status'),
          cell: ({ active }) => t(active ? 'organization.keys.active' : 'organization.keys.ended'),
        },
      ]}
    />
  )
}

/** Its bindings, from request to end. */
export function BindingTable({ bindings }: { bindings: readonly Binding[] }) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('organization.bindings.title')}
      rows={bindings}
      keyOf={({ id }) => id}
      columns={[
        {
          head: t('organization.bindings.enterprise'),
          lead: true,
          cell: ({ enterprise }) => <OrganizationLink id={enterprise} />,
        },
        { head: t('organization.bindings.platform'), cell: ({ platform }) => <OrganizationLink id={platform} /> },
        { head: t('organization.bindings.state'), cell: ({ state }) => t(`binding.${state}`) },
      ]}
    />
  )
}
