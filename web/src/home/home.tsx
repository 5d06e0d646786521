import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount } from '../format.ts'
import { first } from '../search.ts'
import { client } from '../service.ts'
import { useTitle } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { LiveLog } from './live-log.tsx'
import { SearchBox } from './search-box.tsx'

/** The first page: one search box over everything, what can be done, what the log holds now, and what just entered it. */
export function Home() {
  const { t } = useTranslation()
  const query = first(useSearch({ strict: false }), 'q') ?? ''
  const log = useQuery({ queryKey: ['log'], queryFn: () => client.log(), refetchInterval: 15_000 })
  useTitle(t('home.title'))
  return (
    <div className="page">
      <section className="home-hero">
        <h1>{t('home.title')}</h1>
        <p>{t('home.lead')}</p>
        <SearchBox query={query} />
      </section>
      <nav className="grid ways" aria-label={t('home.ways.label')}>
        <Link className="sheet way" to="/trace" search={{}}>
          <h2>{t('home.ways.trace')}</h2>
          <span className="muted small">{t('home.ways.traceBody')}</span>
        </Link>
        <a className="sheet way" href="/check">
          <h2>{t('home.ways.check')}</h2>
          <span className="muted small">{t('home.ways.checkBody')}</span>
        </a>
        <Link className="sheet way" to="/tamper" search={{}}>
          <h2>{t('home.ways.tamper')}</h2>
          <span className="muted small">{t('home.ways.tamperBody')}</span>
        </Link>
        <Link className="sheet way" to="/apply" search={{}}>
          <h2>{t('home.ways.apply')}</h2>
          <span className="muted small">{t('home.ways.applyBody')}</span>
        </Link>
      </nav>
      <section className="sheet" aria-label={t('home.log.title')}>
        <h2>{t('home.log.title')}</h2>
        {log.isPending && <p role="status">{t('shell.loading')}</p>}
        {log.data !== undefined && (
          <>
            <p className="muted">
              {t(log.data.block === null ? 'home.log.none' : 'home.log.holds', {
                size: formatCount(log.data.size),
                block: formatCount(log.data.block ?? 0),
              })}
            </p>
            <LiveLog size={log.data.size} askedMs={log.dataUpdatedAt} />
            <p className="small muted">
              {t('home.log.root')} <code>{log.data.root}</code>
            </p>
          </>
        )}
        {log.isError && <Problem error={log.error} onRetry={() => void log.refetch()} />}
      </section>
    </div>
  )
}
