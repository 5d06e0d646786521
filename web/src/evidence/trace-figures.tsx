import { kindInfo, type Verdict } from '@tanlian/evidence'
import { DEFAULT_ZONE, periodWindow, zoneOf } from '@tanlian/units'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, formatQuantity, formatSeconds, formatShare, formatUnit } from '../format.ts'
import { useOrganizationName } from '../organization/organization-link.tsx'
import { Table } from '../shell/table.tsx'
import type { TraceFilter } from './filter.ts'
import { kindName } from './kind-name.ts'
import { type Point, seriesOf } from './series.ts'

const Chart = lazy(() => import('./chart.tsx'))

/** The figures that a check proved: totals by type and validity with means, capture rate, delay, and their course over time. */
export function TraceFigures({
  verdict,
  filter,
  onMode,
}: {
  verdict: Verdict
  filter: TraceFilter
  onMode: (mode: 'total' | 'readings') => void
}) {
  const { t, i18n } = useTranslation()
  const name = useOrganizationName(filter.organization)
  const points = useMemo(() => {
    const first = verdict.series[0]?.from ?? 0
    const from = periodWindow(filter.from, filter.zone).from
    return seriesOf(verdict, from, zoneOf(filter.zone).toLocal(first) - first)
  }, [verdict, filter.from, filter.zone])
  const types = [...new Set(points.map((point) => point.type))]
  const [chosen, setChosen] = useState(types[0])
  const shown = points.filter((point) => point.type === (chosen ?? types[0]))
  return (
    <>
      <h2>{t('trace.figures.of', { name, window: windowOf(filter) })}</h2>
      {verdict.totals.length === 0 ? <p className="note">{t('check:totals.none')}</p> : <Totals verdict={verdict} />}
      <div className="grid">
        <div className="figure">
          <b data-testid="capture">{formatShare(verdict.capture.seconds, verdict.capture.of)}</b>
          <span title={t('check:totals.captureOf', { share: '', streams: verdict.streams.length })}>
            {t('check:totals.capture')}
          </span>
        </div>
        {verdict.delaySeconds !== undefined && (
          <div className="figure">
            <b data-testid="delay">{formatSeconds(verdict.delaySeconds.median)}</b>
            <span>{t(verdict.delaySeconds.median > HISTORY_S ? 'trace.figures.history' : 'check:totals.delay')}</span>
          </div>
        )}
        <div className="figure">
          <b>{formatCount(verdict.witnesses.length)}</b>
          <span>{t('trace.figures.witnesses')}</span>
        </div>
      </div>
      <p className="small muted">{t('trace.figures.ownAudit')}</p>
      {shown.length > 0 && (
        <>
          <div className="row between">
            <h2>{t(filter.mode === 'total' ? 'trace.figures.courseOfBatches' : 'trace.figures.course')}</h2>
            <span className="row">
              {types.length > 1 && (
                <select
                  aria-label={t('check:totals.type')}
                  value={chosen ?? types[0]}
                  onChange={(event) => setChosen(Number(event.target.value))}
                >
                  {types.map((type) => (
                    <option key={type} value={type}>
                      {kindName(type)}
                    </option>
                  ))}
                </select>
              )}
              {filter.mode === 'total' ? (
                <button type="button" onClick={() => onMode('readings')}>
                  {t('trace.figures.open')}
                </button>
              ) : (
                <button type="button" onClick={() => onMode('total')}>
                  {t('trace.figures.close')}
                </button>
              )}
            </span>
          </div>
          <Suspense fallback={<p role="status">{t('shell.loading')}</p>}>
            <Chart key={i18n.language} points={shown} zone={filter.zone} />
          </Suspense>
          <details>
            <summary>{t('trace.figures.twin', { n: formatCount(shown.length) })}</summary>
            <PointTable points={shown} zone={filter.zone} />
          </details>
        </>
      )}
    </>
  )
}

/** The days of a question as people say them, with the zone where it is not the usual one. */
function windowOf({ from, through, zone }: TraceFilter): string {
  const days = from === through ? from : `${from} – ${through}`
  return zone === DEFAULT_ZONE ? days : `${days} (${zone})`
}

/** Beyond so many seconds between measuring and logging, data is history that was brought in later. */
const HISTORY_S = 30 * 86_400

function Totals({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('check:totals.title')}
      rows={verdict.totals}
      keyOf={(total) => `${total.type}/${total.validity}`}
      columns={[
        { head: t('check:totals.type'), lead: true, cell: ({ type }) => kindName(type) },
        { head: t('check:totals.validity'), cell: ({ validity }) => t(`check:validity.${validity}`) },
        {
          head: t('check:totals.total'),
          number: true,
          cell: ({ type, quantity, seconds }) => {
            const kind = kindInfo(type)
            if (kind === undefined || kind.sort === 'gauge') return <span data-testid="total">–</span>
            return <b data-testid="total">{formatQuantity(quantity, BigInt(seconds), kind)}</b>
          },
        },
        { head: t('check:totals.mean'), number: true, cell: meanOf },
        { head: t('check:totals.readings'), number: true, cell: ({ count }) => formatCount(count) },
        { head: t('check:totals.seconds'), number: true, cell: ({ seconds }) => formatSeconds(seconds) },
      ]}
    />
  )
}

/** Of a gauge the mean over time; of a delta the amount in an hour, which for energy is a power. */
function meanOf({ type, quantity, seconds }: Verdict['totals'][number]): string {
  const kind = kindInfo(type)
  if (kind === undefined || seconds === 0) return '–'
  if (kind.sort === 'gauge') return formatQuantity(quantity, BigInt(seconds), kind)
  const hourly = (quantity * 3600n) / BigInt(seconds)
  return kind.unit === 'Wh' ? formatUnit(hourly, 'W', 'kW') : `${formatUnit(hourly, kind.unit)}/h`
}

function PointTable({ points, zone }: { points: readonly Point[]; zone: string }) {
  const { t } = useTranslation()
  return (
    <Table
      label={t('trace.figures.course')}
      className="twin"
      rows={points}
      keyOf={(point) => point.from}
      columns={[
        { head: t('trace.figures.from'), lead: true, cell: ({ from }) => formatMoment(from, zone) },
        {
          head: t('trace.figures.amount'),
          number: true,
          cell: ({ type, quantity, seconds }) => {
            const kind = kindInfo(type)
            return kind === undefined ? '–' : formatQuantity(quantity, BigInt(seconds), kind)
          },
        },
        { head: t('check:totals.readings'), number: true, cell: ({ count }) => formatCount(count) },
      ]}
    />
  )
}
