import { cidFromDigest, fromHex } from '@tanlian/evidence'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatAge, formatCount } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { StatusWord } from '../shell/status.tsx'
import { Table } from '../shell/table.tsx'
import { latestEntries } from './latest.ts'
import { type Live, type LogEntry, useLive } from './live.ts'

/** Entries shown. */
const SHOWN = 6
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
        <Table
          label={t('home.log.title')}
          caption={t('home.log.caption')}
          keyOf={(entry) => `${entry.kind}/${entry.organization}/${entry.sequence}`}
          rows={live.entries}
          columns={[
            {
              head: t('home.log.statement'),
              lead: true,
              cell: (entry) => (
                <Link to="/batches/$cid" params={{ cid: cidOfEntry(entry) }} search={{}}>
                  {t(entry.kind === 1 ? 'home.log.batchNumber' : 'home.log.documentNumber', {
                    n: formatCount(entry.sequence),
                  })}
                </Link>
              ),
            },
            { head: t('home.log.organization'), cell: (entry) => <OrganizationLink id={entry.organization} /> },
            {
              head: t('home.log.index'),
              number: true,
              cell: (entry) => (entry.index === undefined ? '' : formatCount(entry.index)),
            },
            {
              head: t('home.log.status'),
              cell: (entry) => <StatusWord word={entry.index === undefined ? 'sealed' : 'anchored'} />,
            },
          ]}
        />
      )}
    </>
  )
}

const cidOfEntry = (entry: LogEntry) => cidFromDigest(fromHex(entry.digest)).toString()

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
