import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { formatCount, formatSeconds, formatShare } from '../format.ts'
import type { StreamFigures } from '../monitoring/record.ts'
import { type Column, Table } from '../shell/table.tsx'
import './texts.ts'

/** Streams with gaps that are listed at most. */
const SHOWN_POOR = 20

/** How each stream was collected: those that lack or repeat something, and whoever wants them the others. */
export function Collection({ organization, streams }: { organization: number; streams: readonly StreamFigures[] }) {
  const { t } = useTranslation()
  const columns: readonly Column<StreamFigures>[] = [
    {
      head: t('report:streams'),
      lead: true,
      cell: ({ stream, device }) => (
        <Link
          to="/organizations/$id/streams/$stream"
          params={{ id: String(organization), stream: String(stream) }}
          search={{}}
        >
          {stream} · {device}
        </Link>
      ),
    },
    { head: t('report:board.captured'), number: true, cell: (one) => formatShare(covered(one), one.expectedSeconds) },
    {
      head: t('report:board.missing'),
      number: true,
      cell: (one) => formatSeconds(Math.max(0, one.expectedSeconds - covered(one))),
    },
    {
      head: t('report:board.repeated'),
      number: true,
      cell: ({ repeated, refused }) => formatCount(repeated + refused),
    },
  ]
  const isPoor = (one: StreamFigures) => shareOf(one) < 1 || one.repeated + one.refused > 0
  const poor = streams.filter(isPoor).sort((a, b) => shareOf(a) - shareOf(b))
  const others = streams.filter((one) => !isPoor(one))
  const tableOf = (rows: readonly StreamFigures[]) => (
    <Table label={t('report:board.collection')} columns={columns} rows={rows} keyOf={({ stream }) => stream} />
  )
  return (
    <>
      {poor.length === 0 ? (
        <p className="note">{t('report:board.done.quality')}</p>
      ) : (
        tableOf(poor.slice(0, SHOWN_POOR))
      )}
      {others.length > 0 && (
        <details>
          <summary>{t('report:board.others', { count: others.length })}</summary>
          {tableOf(others)}
        </details>
      )}
    </>
  )
}

/** Which part of the time that was expected is covered; 1 where nothing was expected. */
export function shareOf(stream: StreamFigures): number {
  return stream.expectedSeconds === 0 ? 1 : covered(stream) / stream.expectedSeconds
}

function covered({ coveredSeconds }: StreamFigures): number {
  return coveredSeconds.reduce((sum, one) => sum + one, 0)
}
