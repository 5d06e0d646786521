import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount, shorten } from '../format.ts'
import { first } from '../search.ts'
import { client } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { LiveLog } from './live-log.tsx'
import { SearchBox } from './search-box.tsx'

/** The first page: one search box over everything, what the log holds now, and what just entered it. */
export function Home() {
  const { t } = useTranslation()
  const query = first(useSearch({ strict: false }), 'q') ?? ''
  const log = useQuery({ queryKey: ['log'], queryFn: () => client.log(), refetchInterval: 15_000 })
  return (
    <div className="page">
      <section className="home-hero">
        <h1>{t('home.title')}</h1>
        <p>{t('home.lead')}</p>
        <SearchBox query={query} />
      </section>
      <section className="sheet" aria-label={t('home.log.title')}>
        <div className="row between">
          <h2>{t('home.log.title')}</h2>
        </div>
        {log.data !== undefined && (
          <div className="grid log-figures">
            <div className="figure">
              <b>{formatCount(log.data.size)}</b>
              <span>{t('home.log.size')}</span>
            </div>
            <div className="figure">
              <b className="mono" title={log.data.root}>
                {shorten(log.data.root)}
              </b>
              <span>{t('home.log.root')}</span>
            </div>
            <div className="figure">
              <b>{log.data.block === null ? '–' : formatCount(log.data.block)}</b>
              <span>{t('home.log.block')}</span>
            </div>
          </div>
        )}
        {log.data !== undefined && <LiveLog size={log.data.size} askedMs={log.dataUpdatedAt} />}
        {log.isError && <Problem error={log.error} onRetry={() => void log.refetch()} />}
      </section>
      <nav className="grid" aria-label={t('home.title')}>
        <Link className="sheet way" to="/trace" search={{}}>
          <h3>{t('home.ways.trace')}</h3>
          <span className="muted small">{t('home.ways.traceBody')}</span>
        </Link>
        <Link className="sheet way" to="/tamper" search={{}}>
          <h3>{t('home.ways.tamper')}</h3>
          <span className="muted small">{t('home.ways.tamperBody')}</span>
        </Link>
        <a className="sheet way" href="/check">
          <h3>{t('home.ways.check')}</h3>
          <span className="muted small">{t('home.ways.checkBody')}</span>
        </a>
      </nav>
    </div>
  )
}
