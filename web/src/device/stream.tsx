import { kindInfo } from '@tanlian/evidence'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { typeNumber } from '../evidence/filter.ts'
import { kindName } from '../evidence/kind-name.ts'
import { formatCount, formatQuantity, formatSeconds, formatWindow } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { first, type Search } from '../search.ts'
import { getJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { PointTable } from './point-table.tsx'
import { type Series, STEPS } from './record.ts'

const Chart = lazy(() => import('../evidence/chart.tsx'))

const ZONE = 'Asia/Shanghai'
const DAY = 86_400
/** Windows that one button shows, in days; the last is all there is. */
const WINDOWS = [
  ['day', 1],
  ['week', 7],
  ['month', 31],
  ['year', 366],
  ['all', undefined],
] as const

/** The course of one stream (数据流走势) from single readings to years; every point leads to its proof. */
export function StreamPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { id, stream } = useParams({ strict: false }) as { id: string; stream: string }
  const search = useSearch({ strict: false })
  const [from, to, step] = [first(search, 'from'), first(search, 'to'), first(search, 'step')]
  const query = new URLSearchParams(
    Object.entries({ from, to, step }).filter(([, value]) => value !== undefined) as [string, string][],
  )
  const path = `/v1/organizations/${encodeURIComponent(id)}/streams/${encodeURIComponent(stream)}/series?${query}`
  const series = useQuery({
    queryKey: ['series', path],
    queryFn: () => getJson<Series>(path),
    placeholderData: keepPreviousData,
  })
  const show = (asked: Search) =>
    void navigate({ to: '/organizations/$id/streams/$stream', params: { id, stream }, search: asked })
  const one = series.data
  return (
    <Page
      title={one === undefined ? t('stream.title', { n: stream }) : `${kindName(typeNumber(one.type))} · ${one.device}`}
      lead={
        one !== undefined && (
          <>
            <OrganizationLink id={one.organization} />
            {' · '}
            {t('stream.lead', { n: stream, interval: formatSeconds(one.interval) })}
          </>
        )
      }
      actions={
        one !== undefined && (
          <Link
            className="button"
            to="/organizations/$id/devices/$device"
            params={{ id, device: one.device }}
            search={{}}
          >
            {t('stream.device')}
          </Link>
        )
      }
    >
      {series.isPending && <p role="status">{t('shell.loading')}</p>}
      {series.isError && <Problem error={series.error} onRetry={() => show({})} />}
      {one !== undefined && !series.isError && (
        <section className="sheet stack">
          <WindowButtons series={one} onShow={show} />
          <Course series={one} />
          <p className="small muted">{t('stream.asOf', { n: formatCount(one.sequence) })}</p>
          <PointTable key={path} id={id} series={one} />
        </section>
      )}
    </Page>
  )
}

function WindowButtons({ series, onShow }: { series: Series; onShow: (search: Search) => void }) {
  const { t } = useTranslation()
  const length = series.to - series.from
  const windowOf = (days: number | undefined): Search =>
    days === undefined ? {} : { from: String(Math.max(0, series.to - days * DAY)), to: String(series.to) }
  const move = (by: number): Search => ({
    from: String(Math.max(0, series.from + by * length)),
    to: String(Math.max(length, series.to + by * length)),
  })
  return (
    <div className="row between">
      <div className="row">
        <button type="button" aria-label={t('stream.earlier')} onClick={() => onShow(move(-1))}>
          ←
        </button>
        {WINDOWS.map(([name, days]) => (
          <button key={name} type="button" onClick={() => onShow(windowOf(days))}>
            {t(`stream.window.${name}`)}
          </button>
        ))}
        <button type="button" aria-label={t('stream.later')} onClick={() => onShow(move(1))}>
          →
        </button>
      </div>
      <label className="row">
        {t('stream.step')}
        <select
          value={series.step}
          onChange={(event) => onShow({ from: String(series.from), to: String(series.to), step: event.target.value })}
        >
          {STEPS.map((step) => (
            <option key={step} value={step}>
              {t(`stream.steps.${step}`)}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

/** The drawing; readings that are not valid are in the table, not in the line. */
function Course({ series }: { series: Series }) {
  const { t } = useTranslation()
  const type = typeNumber(series.type)
  const kind = kindInfo(type)
  const points = useMemo(
    () =>
      series.points
        .filter(({ validity }) => validity !== 2)
        .map(({ start, readings, quantity, seconds }) => ({
          type,
          from: start,
          count: readings,
          quantity: BigInt(quantity),
          seconds,
        })),
    [series, type],
  )
  const total = points.reduce((sum, { quantity }) => sum + quantity, 0n)
  const seconds = points.reduce((sum, point) => sum + BigInt(point.seconds), 0n)
  return (
    <>
      <div className="row between">
        <strong>{formatWindow(series.from, series.to)}</strong>
        {kind !== undefined && (
          <span>
            {t(kind.sort === 'gauge' ? 'stream.mean' : 'stream.total')} {formatQuantity(total, seconds, kind)}
          </span>
        )}
      </div>
      {points.length === 0 ? (
        <p className="note">{t('stream.empty')}</p>
      ) : (
        <Suspense fallback={<div className="chart" />}>
          <Chart points={points} zone={ZONE} />
        </Suspense>
      )}
    </>
  )
}
