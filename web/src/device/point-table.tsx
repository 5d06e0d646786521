import { kindInfo } from '@tanlian/evidence'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { typeNumber } from '../evidence/filter.ts'
import { formatCount, formatQuantity, formatWindow } from '../format.ts'
import { Table } from '../shell/table.tsx'
import type { Series, SeriesPoint } from './record.ts'

/** Rows at first, and with each press of the button. */
const PORTION = 24
/** Sums of a day or longer are asked of the trace; shorter ones are opened into their readings. */
const DAY = 86_400

/** The table twin of a chart: the same points, each with the way to its proof. */
export function PointTable({ id, series }: { id: string; series: Series }) {
  const { t } = useTranslation()
  const [shown, setShown] = useState(PORTION)
  const kind = kindInfo(typeNumber(series.type))
  const rows = [...series.points].reverse()
  return (
    <>
      <Table
        label={t('stream.points')}
        caption={t('stream.points')}
        rows={rows.slice(0, shown)}
        keyOf={({ start, validity }) => `${start}/${validity}`}
        columns={[
          { head: t('stream.when'), lead: true, cell: ({ start, end }) => formatWindow(start, end) },
          {
            head: t(kind?.sort === 'gauge' ? 'stream.mean' : 'stream.total'),
            number: true,
            cell: ({ quantity, seconds }) =>
              kind === undefined ? quantity : formatQuantity(BigInt(quantity), BigInt(seconds), kind),
          },
          { head: t('stream.readings'), number: true, cell: ({ readings }) => formatCount(readings) },
          { head: t('check:totals.validity'), cell: ({ validity }) => t(`check:validity.${validity}`) },
          {
            head: t('stream.proof'),
            cell: (point) => <ProofLink id={id} series={series} point={point} />,
          },
        ]}
      />
      {rows.length > shown && (
        <button type="button" onClick={() => setShown(shown + PORTION)}>
          {t('stream.more', { n: formatCount(rows.length - shown) })}
        </button>
      )}
    </>
  )
}

function ProofLink({ id, series, point }: { id: string; series: Series; point: SeriesPoint }) {
  const { t } = useTranslation()
  const { device, stream, type } = series
  if (point.cid !== null)
    return (
      <Link
        to="/organizations/$id/devices/$device"
        params={{ id, device }}
        search={{ stream: String(stream), batch: point.cid, at: String(point.start) }}
      >
        {t('stream.open')}
      </Link>
    )
  if (point.end - point.start >= DAY)
    return (
      <Link
        to="/trace"
        search={{
          organization: id,
          type,
          stream: String(stream),
          from: dayOf(point.start),
          through: dayOf(point.end - 1),
        }}
      >
        {t('stream.trace')}
      </Link>
    )
  return (
    <Link
      to="/organizations/$id/streams/$stream"
      params={{ id, stream: String(stream) }}
      search={{ from: String(point.start), to: String(point.end), step: 'reading' }}
    >
      {t('stream.readingsOf')}
    </Link>
  )
}

/** The day in Shanghai, YYYY-MM-DD. */
function dayOf(seconds: number): string {
  return new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 10)
}
