import { kindInfo } from '@tanlian/evidence'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { typeNumber, typeText } from '../evidence/filter.ts'
import { formatCount, formatMoment, formatSeconds, shorten } from '../format.ts'
import { first } from '../search.ts'
import { getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { ScrollBox } from '../shell/scroll-box.tsx'
import { StatusWord } from '../shell/status.tsx'
import { organizationName } from './name.ts'
import type { BatchEntry, Binding, Organization, RegisteredKey, Stream } from './record.ts'

/** One organization: who it is, what it measures, what it signed, with which keys, and to whom it is bound. */
export function OrganizationPage() {
  const { t } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const search = useSearch({ strict: false })
  const base = `/v1/organizations/${encodeURIComponent(id)}`
  const organization = useQuery({ queryKey: ['organization', id], queryFn: () => getJson<Organization>(base) })
  if (organization.isError)
    return (
      <div className="page">
        <Problem error={organization.error} onRetry={() => void organization.refetch()} />
      </div>
    )
  if (organization.data === undefined)
    return (
      <div className="page" role="status">
        {t('shell.loading')}
      </div>
    )
  const one = organization.data
  return (
    <div className="page">
      <header className="page-head">
        <h1>{organizationName(one)}</h1>
        <p>{t('organization.headline', { id: one.id, kind: t(`party.${one.kind}`) })}</p>
        <div className="row">
          <Link className="button primary" to="/trace" search={{ organization: id }}>
            {t('organization.trace')}
          </Link>
          <Link className="button" to="/upload" search={{ organization: id }}>
            {t('shell.nav.upload')}
          </Link>
        </div>
      </header>
      <ListSheet<Stream>
        title={t('organization.streams.title')}
        empty={t('organization.streams.empty')}
        path={`${base}/streams?limit=200`}
      >
        {(streams) => <StreamTable organization={id} streams={streams} />}
      </ListSheet>
      <ListSheet<BatchEntry>
        title={t('organization.batches.title')}
        empty={t('organization.batches.empty')}
        path={`${base}/entries?kind=1&limit=25${pageOf(first(search, 'after'))}`}
        next={(after) => (
          <Link className="button" to="/organizations/$id" params={{ id }} search={{ after }}>
            {t('shell.list.next')}
          </Link>
        )}
      >
        {(entries) => <BatchTable entries={entries} />}
      </ListSheet>
      <ListSheet<RegisteredKey>
        title={t('organization.keys.title')}
        empty={t('organization.keys.empty')}
        path={`${base}/keys`}
      >
        {(keys) => <KeyTable keys={keys} />}
      </ListSheet>
      <ListSheet<Binding>
        title={t('organization.bindings.title')}
        empty={t('organization.bindings.empty')}
        path={`${base}/bindings`}
      >
        {(bindings) => <BindingTable bindings={bindings} />}
      </ListSheet>
    </div>
  )
}

const pageOf = (after: string | undefined) => (after === undefined ? '' : `&after=${encodeURIComponent(after)}`)

function ListSheet<T>({
  title,
  empty,
  path,
  children,
  next,
}: {
  title: string
  empty: string
  path: string
  children: (items: readonly T[]) => ReactNode
  next?: (after: string) => ReactNode
}) {
  const { t } = useTranslation()
  const list = useQuery({ queryKey: ['list', path], queryFn: () => getJson<Page<T>>(path) })
  return (
    <section className="sheet">
      <h2>{title}</h2>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && <p className="muted">{empty}</p>}
      {list.data !== undefined && list.data.items.length > 0 && (
        <ScrollBox className="table-wrap" label={title}>
          {children(list.data.items)}
        </ScrollBox>
      )}
      {list.data?.next != null && next !== undefined && <div className="row end">{next(list.data.next)}</div>}
    </section>
  )
}

function StreamTable({ organization, streams }: { organization: string; streams: readonly Stream[] }) {
  const { t, i18n } = useTranslation()
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" className="number">
            {t('organization.streams.number')}
          </th>
          <th scope="col">{t('organization.streams.kind')}</th>
          <th scope="col">{t('organization.streams.device')}</th>
          <th scope="col">{t('organization.streams.interval')}</th>
          <th scope="col">
            <span className="visually-hidden">{t('shell.nav.trace')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {streams.map((stream) => {
          const kind = kindInfo(typeNumber(stream.type))
          return (
            <tr key={stream.stream}>
              <td className="number">{stream.stream}</td>
              <td>
                {kind === undefined ? typeText(typeNumber(stream.type)) : i18n.language === 'en' ? kind.en : kind.zh}
              </td>
              <td>{stream.device}</td>
              <td>{formatSeconds(stream.interval)}</td>
              <td>
                <Link
                  to="/trace"
                  search={{ organization, type: typeText(typeNumber(stream.type)), stream: String(stream.stream) }}
                >
                  {t('shell.nav.trace')}
                </Link>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function BatchTable({ entries }: { entries: readonly BatchEntry[] }) {
  const { t } = useTranslation()
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" className="number">
            {t('home.log.sequence')}
          </th>
          <th scope="col">{t('organization.batches.window')}</th>
          <th scope="col" className="number">
            {t('organization.batches.readings')}
          </th>
          <th scope="col">{t('home.log.digest')}</th>
          <th scope="col" className="number">
            {t('home.log.chainBlock')}
          </th>
          <th scope="col">{t('home.log.status')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.sequence}>
            <td className="number">{formatCount(entry.sequence)}</td>
            <td>
              {entry.from === undefined || entry.to === undefined
                ? ''
                : `${formatMoment(entry.from)} – ${formatMoment(entry.to)}`}
            </td>
            <td className="number">{entry.readings === undefined ? '' : formatCount(entry.readings)}</td>
            <td>
              <Link to="/batches/$cid" params={{ cid: entry.cid }} search={{}}>
                <code title={entry.digest}>{shorten(entry.digest)}</code>
              </Link>
            </td>
            <td className="number">{entry.block === null ? '' : formatCount(entry.block)}</td>
            <td>
              <StatusWord word={entry.index === null ? 'sealed' : 'anchored'} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function KeyTable({ keys }: { keys: readonly RegisteredKey[] }) {
  const { t } = useTranslation()
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('keys.address')}</th>
          <th scope="col">{t('organization.keys.purpose')}</th>
          <th scope="col">{t('organization.keys.range')}</th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.address}>
            <td>
              <code>{key.address}</code>
            </td>
            <td>{t(`keys.purpose.${key.purpose}`)}</td>
            <td>
              {key.purpose === 'acts'
                ? t(key.active ? 'organization.keys.active' : 'organization.keys.ended')
                : t('organization.keys.rangeText', {
                    from: formatCount(key.from),
                    to: key.to >= Number.MAX_SAFE_INTEGER ? '∞' : formatCount(key.to),
                  })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function BindingTable({ bindings }: { bindings: readonly Binding[] }) {
  const { t } = useTranslation()
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('organization.bindings.enterprise')}</th>
          <th scope="col">{t('organization.bindings.platform')}</th>
          <th scope="col">{t('organization.bindings.state')}</th>
        </tr>
      </thead>
      <tbody>
        {bindings.map((binding) => (
          <tr key={binding.id}>
            <td>
              <Link to="/organizations/$id" params={{ id: String(binding.enterprise) }} search={{}}>
                {binding.enterprise}
              </Link>
            </td>
            <td>
              <Link to="/organizations/$id" params={{ id: String(binding.platform) }} search={{}}>
                {binding.platform}
              </Link>
            </td>
            <td>{t(`binding.${binding.state}`)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
