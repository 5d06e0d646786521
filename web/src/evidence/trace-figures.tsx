import { kindInfo, type Verdict } from '@tanlian/evidence'
import { zoneOf } from '@tanlian/units'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, formatQuantity, formatSeconds, formatShare } from '../format.ts'
import { ScrollBox } from '../shell/scroll-box.tsx'
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
  const points = useMemo(() => {
    const first = verdict.series[0]?.from ?? 0
    return seriesOf(verdict, zoneOf(filter.zone).toLocal(first) - first)
  }, [verdict, filter.zone])
  const types = [...new Set(points.map((point) => point.type))]
  const [chosen, setChosen] = useState(types[0])
  const shown = points.filter((point) => point.type === (chosen ?? types[0]))
  return (
    <section className="sheet" aria-label={t('check:totals.title')}>
      <h2>{t('check:totals.title')}</h2>
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
            <b>{formatSeconds(verdict.delaySeconds.median)}</b>
            <span>{t('check:totals.delay')}</span>
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
            <h2>{t('trace.figures.course')}</h2>
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
    </section>
  )
}

function Totals({ verdict }: { verdict: Verdict }) {
  const { t } = useTranslation()
  return (
    <ScrollBox className="table-wrap" label={t('check:totals.title')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('check:totals.type')}</th>
            <th scope="col">{t('check:totals.validity')}</th>
            <th scope="col" className="number">
              {t('check:totals.total')}
            </th>
            <th scope="col" className="number">
              {t('check:totals.mean')}
            </th>
            <th scope="col" className="number">
              {t('check:totals.readings')}
            </th>
            <th scope="col" className="number">
              {t('check:totals.seconds')}
            </th>
          </tr>
        </thead>
        <tbody>
          {verdict.totals.map((total) => {
            const kind = kindInfo(total.type)
            const seconds = BigInt(total.seconds)
            return (
              <tr key={`${total.type}/${total.validity}`}>
                <td>{kindName(total.type)}</td>
                <td>{t(`check:validity.${total.validity}`)}</td>
                <td className="number" data-testid="total">
                  {kind === undefined || kind.sort === 'gauge' ? (
                    '–'
                  ) : (
                    <b>{formatQuantity(total.quantity, seconds, kind)}</b>
                  )}
                </td>
                <td className="number">{kind === undefined ? '–' : meanOf(total.quantity, total.seconds, kind)}</td>
                <td className="number">{formatCount(total.count)}</td>
                <td className="number">{formatSeconds(total.seconds)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </ScrollBox>
  )
}

/** Of a gauge the mean over time; of a delta the amount in an hour. */
function meanOf(quantity: bigint, seconds: number, kind: { unit: string; sort: 'delta' | 'gauge' }): string {
  if (seconds === 0) return '–'
  if (kind.sort === 'gauge') return formatQuantity(quantity, BigInt(seconds), kind)
  return `${formatQuantity((quantity * 3600n) / BigInt(seconds), 3600n, kind)}/h`
}

function PointTable({ points, zone }: { points: readonly Point[]; zone: string }) {
  const { t } = useTranslation()
  return (
    <ScrollBox className="table-wrap twin" label={t('trace.figures.course')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('trace.figures.from')}</th>
            <th scope="col" className="number">
              {t('trace.figures.amount')}
            </th>
            <th scope="col" className="number">
              {t('check:totals.readings')}
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => {
            const kind = kindInfo(point.type)
            return (
              <tr key={point.from}>
                <td>{formatMoment(point.from, zone)}</td>
                <td className="number">
                  {kind === undefined ? '–' : formatQuantity(point.quantity, BigInt(point.seconds), kind)}
                </td>
                <td className="number">{formatCount(point.count)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </ScrollBox>
  )
}
