import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { unitText, writtenText } from '../methodology/figure.ts'
import { Table } from '../shell/table.tsx'
import './texts.ts'

/** Each line against the same stretch of the year before (同比). */
export interface ComparisonRecord {
  readonly report: string
  readonly lines: readonly {
    readonly name: string
    readonly unit: string
    readonly before: string
    readonly now: string
    readonly changePercent: string | null
  }[]
}

/** This year against last; `nameOf` gives the methodology's words for a line. */
export function Comparison({
  comparison,
  nameOf,
}: {
  comparison: ComparisonRecord | null
  nameOf: (name: string) => string
}) {
  const { t } = useTranslation()
  const shown = (value: string, unit: string) => `${writtenText(value)} ${unitText(unit)}`.trimEnd()
  return (
    <>
      <h2 className="part">{t('report:compare.title')}</h2>
      {comparison === null ? (
        <p className="note">{t('report:compare.none')}</p>
      ) : (
        <>
          <p className="small">
            <Link to="/reports/$cid" params={{ cid: comparison.report }} search={{}}>
              {t('report:compare.before')}
            </Link>
          </p>
          <Table
            label={t('report:compare.title')}
            columns={[
              { head: t('methodology:output.name'), lead: true, cell: ([, { name }]) => nameOf(name) },
              { head: t('report:compare.last'), number: true, cell: ([, { before, unit }]) => shown(before, unit) },
              { head: t('report:compare.now'), number: true, cell: ([, { now, unit }]) => shown(now, unit) },
              {
                head: t('report:compare.change'),
                number: true,
                cell: ([, { changePercent }]) =>
                  changePercent === null
                    ? '–'
                    : `${changePercent.startsWith('-') ? '' : '+'}${writtenText(changePercent)} %`,
              },
            ]}
            rows={[...comparison.lines.entries()]}
            keyOf={([at]) => at}
          />
        </>
      )}
    </>
  )
}
