import { kindInfo } from '@tanlian/evidence'
import type { Granted } from '@tanlian/sdk'
import { useTranslation } from 'react-i18next'
import { kindName } from '../evidence/kind-name.ts'
import { formatCount, formatQuantity, formatSeconds } from '../format.ts'
import { type Column, Table } from '../shell/table.tsx'

type Total = Granted['totals'][number]

/** What a reader's key opened, summed up here, and of how many batches it is all, a part or nothing. */
export function GrantedFigures({ granted: { batches, totals, readings } }: { granted: Granted }) {
  const { t } = useTranslation()
  const countOf = (state: Granted['batches'][number]['state']) =>
    batches.filter((batch) => batch.state === state).length
  const columns: readonly Column<Total>[] = [
    { head: t('privacy:choice.type'), lead: true, cell: ({ type }) => kindName(type) },
    { head: t('privacy:open.stream'), number: true, cell: ({ stream }) => formatCount(stream) },
    { head: t('privacy:open.validity'), cell: ({ validity }) => t(`check:validity.${validity}`) },
    { head: t('privacy:open.readings'), number: true, cell: ({ count }) => formatCount(count) },
    { head: t('privacy:open.time'), number: true, cell: ({ seconds }) => formatSeconds(seconds) },
    {
      head: t('privacy:open.amount'),
      number: true,
      cell: ({ type, quantity, seconds }) => {
        const kind = kindInfo(type)
        return kind === undefined ? '–' : formatQuantity(quantity, BigInt(seconds), kind)
      },
    },
  ]
  return (
    <>
      <p>{t('privacy:open.opened', { readings: formatCount(readings) })}</p>
      <ul className="plain-list">
        <li>{t('privacy:open.whole', { batches: formatCount(countOf('whole')) })}</li>
        {countOf('part') > 0 && <li>{t('privacy:open.part', { batches: formatCount(countOf('part')) })}</li>}
        {countOf('closed') > 0 && <li>{t('privacy:open.closed', { batches: formatCount(countOf('closed')) })}</li>}
      </ul>
      {totals.length > 0 && (
        <Table
          label={t('privacy:open.title')}
          columns={columns}
          rows={totals}
          keyOf={({ type, stream, validity }) => `${type}/${stream}/${validity}`}
        />
      )}
    </>
  )
}
