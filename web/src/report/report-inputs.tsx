import { choiceWords, type Methodology, type ReportInput } from '@tanlian/accounting'
import { toHex } from '@tanlian/evidence'
import { periodOf, periodWindow } from '@tanlian/units'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { searchOf } from '../evidence/filter.ts'
import { unitText, writtenText } from '../methodology/figure.ts'
import { useNames } from '../methodology/names.ts'
import { type Column, Table } from '../shell/table.tsx'
import type { Made } from './made.ts'

/** Rows of a group that are shown at once; a longer one is opened by whoever wants it. */
const SHOWN = 6

/** The report and whose it is: what an input's origin is found with. */
export type About = Pick<Made, 'report' | 'organization'>

/** What was measured, analysed or entered, with where each is from: those that a report has once, then a table for each group. */
export function ReportInputs({ made: { report, again, organization } }: { made: Made }) {
  const { t, i18n } = useTranslation()
  const { methodology } = again.outcome.program
  const about = { report, organization }
  const nameOf = useNames(methodology)
  return [...new Set(report.inputs.map(({ group }) => group))].map((group) => {
    const inputs = report.inputs.filter((input) => input.group === group)
    if (group === null)
      return (
        <Table
          key=""
          label={t('report:inputs')}
          columns={[
            { head: t('report:input'), lead: true, cell: ({ name }) => nameOf(name) },
            {
              head: t('methodology:output.value'),
              number: true,
              cell: (input) => valueText(methodology, input, i18n.language),
            },
            { head: t('report:from'), cell: (input) => <InputOrigin made={about} input={input} /> },
          ]}
          rows={inputs}
          keyOf={({ name }) => name}
        />
      )
    const rows = [...new Set(inputs.map(({ row }) => row))]
    const title = textsIn(methodology.groups.get(group) ?? { zh: group, en: group }, i18n.language)
    const columns: readonly Column<number>[] = [...new Set(inputs.map(({ name }) => name))].map((name) => ({
      head: nameOf(name),
      cell: (row) => {
        const input = inputs.find((one) => one.row === row && one.name === name)
        if (input === undefined) return '–'
        return (
          <span>
            {valueText(methodology, input, i18n.language)}
            {input.origin.kind !== 'choice' && (
              <span className="small muted">
                {' '}
                <InputOrigin made={about} input={input} />
              </span>
            )}
          </span>
        )
      },
    }))
    return (
      <details key={group} className="part" open={rows.length <= SHOWN}>
        <summary>
          <strong>{title}</strong> <span className="small muted">{t('report:rows', { count: rows.length })}</span>
        </summary>
        <Table
          label={title}
          columns={[{ head: '#', lead: true, cell: (row) => rowText(about, inputs, row) }, ...columns]}
          rows={rows}
          keyOf={(row) => row}
        />
      </details>
    )
  })
}

/** Where a value is from: a total leads to its proof, a document to its block. */
export function InputOrigin({ made: { report, organization }, input }: { made: About; input: ReportInput }) {
  const { t } = useTranslation()
  const { origin } = input
  switch (origin.kind) {
    case 'total': {
      const search = searchOf({
        organization,
        types: [toHex(origin.type).slice(0, 6)],
        streams: origin.streams ?? [],
        from: periodOf(origin.from, 'day', report.zone),
        through: periodOf(origin.to - 1, 'day', report.zone),
        zone: report.zone,
        mode: 'total',
      })
      return (
        <Link to="/trace" search={search}>
          {t('report:origin.total')}
        </Link>
      )
    }
    case 'analysis':
    case 'voucher':
      return (
        <Link to="/batches/$cid" params={{ cid: origin.document.toString() }} search={{}}>
          {t(`report:origin.${origin.kind}`)}
        </Link>
      )
    case 'choice':
      return t('report:origin.choice')
    case 'manual':
      return (
        <span>
          <span className="status unchecked">{t('report:origin.manual')}</span> {origin.reason}
        </span>
      )
  }
}

/** A value with its unit; a choice by what people call it. */
function valueText(methodology: Methodology, { name, value }: ReportInput, language: string): string {
  const unit = methodology.inputs.find((input) => input.name === name)?.unit?.text
  if (unit !== undefined) return `${writtenText(value)} ${unitText(unit)}`.trimEnd()
  const words = choiceWords(value)
  return words === undefined ? value : textsIn(words, language)
}

/** A row by its number, and by its month where a total of it is of one. */
function rowText({ report: { zone } }: About, inputs: readonly ReportInput[], row: number): string {
  for (const { row: of, origin } of inputs) {
    if (of !== row || origin.kind !== 'total') continue
    const month = periodOf(origin.from, 'month', zone)
    const { from, to } = periodWindow(month, zone)
    if (from === origin.from && to === origin.to) return `${row + 1} · ${month}`
  }
  return String(row + 1)
}
