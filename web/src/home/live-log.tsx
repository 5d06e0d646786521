import { cidFromDigest, fromHex } from '@tanlian/evidence'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAge, formatCount, shorten } from '../format.ts'
import { ScrollBox } from '../shell/scroll-box.tsx'
import { StatusWord } from '../shell/status.tsx'
import { latestEntries } from './latest.ts'
import { type Live, type LogEntry, useLive } from './live.ts'

/** Entries shown. */
const SHOWN = 12
/** Age at which what is shown is called stale, milliseconds; the log is asked again every quarter of a minute. */
const STALE_MS = 60_000

/** The last entries of the log, live, with the age of what is shown. @param askedMs when the log was last asked, Unix milliseconds */
export function LiveLog({ size, askedMs }: { size: number; askedMs: number }) {
  const { t } = useTranslation()
  const latest = useQuery({
    queryKey: ['log', 'entries', size],
    queryFn: () => latestEntries(size, SHOWN),
    placeholderData: keepPreviousData,
  })
  const live = useLive(latest.data ?? [])
  return (
    <>
      <LiveAge live={live} heardMs={Math.max(askedMs, live.heardMs ?? 0)} />
      {live.entries.length === 0 && latest.isSuccess && (
        <div className="note">
          <p>
            <strong>{t('home.log.empty.title')}</strong>
          </p>
          <p>{t('home.log.empty.body')}</p>
          <Link className="button" to="/apply" search={{}}>
            {t('shell.nav.apply')}
          </Link>
        </div>
      )}
      {live.entries.length > 0 && (
        <ScrollBox className="table-wrap" label={t('home.log.title')}>
          <table className="live-table">
            <caption>{t('home.log.caption')}</caption>
            <thead>
              <tr>
                <th scope="col" className="number">
                  {t('home.log.index')}
                </th>
                <th scope="col">{t('home.log.organization')}</th>
                <th scope="col">{t('home.log.kind')}</th>
                <th scope="col" className="number">
                  {t('home.log.sequence')}
                </th>
                <th scope="col" className="drop">
                  {t('home.log.digest')}
                </th>
                <th scope="col">{t('home.log.status')}</th>
              </tr>
            </thead>
            <tbody>
              {live.entries.map((entry) => (
                <EntryRow key={`${entry.kind}/${entry.organization}/${entry.sequence}`} entry={entry} />
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </>
  )
}

function EntryRow({ entry }: { entry: LogEntry }) {
  const { t } = useTranslation()
  const cid = cidFromDigest(fromHex(entry.digest)).toString()
  return (
    <tr>
      <td className="number">{entry.index === undefined ? '' : formatCount(entry.index)}</td>
      <td>
        <Link to="/organizations/$id" params={{ id: String(entry.organization) }} search={{}}>
          {entry.organization}
        </Link>
      </td>
      <td>{t(entry.kind === 1 ? 'home.log.batch' : 'home.log.document')}</td>
      <td className="number">{formatCount(entry.sequence)}</td>
      <td className="drop">
        <Link to="/batches/$cid" params={{ cid }} search={{}}>
          <code title={entry.digest}>{shorten(entry.digest)}</code>
        </Link>
      </td>
      <td>
        <StatusWord word={entry.index === undefined ? 'sealed' : 'anchored'} />
      </td>
    </tr>
  )
}

function LiveAge({ live, heardMs }: { live: Live; heardMs: number }) {
  const { t } = useTranslation()
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const age = formatAge(heardMs, nowMs)
  const isStale = nowMs - heardMs > STALE_MS
  const text = isStale
    ? t('home.live.stale', { age })
    : live.state === 'connecting'
      ? t('home.live.connecting')
      : live.state === 'lost'
        ? t('home.live.lost')
        : t('home.live.connected', { age })
  return (
    <p className="small muted row">
      <span className={live.state === 'connected' && !isStale ? 'live-dot on' : 'live-dot'} aria-hidden="true" />
      <span data-testid="live-age">{text}</span>
    </p>
  )
}
