import type { Methodology, ReportInput, TraceNode } from '@tanlian/accounting'
import { toHex } from '@tanlian/evidence'
import { periodOf } from '@tanlian/units'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { searchOf } from '../evidence/filter.ts'
import { writtenText } from '../methodology/figure.ts'
import { Why, wordsOf } from '../methodology/why.tsx'
import { type Column, Table } from '../shell/table.tsx'
import type { Made } from './made.ts'

/** A result: the name of its equation, its values (one for each row of a group), its unit. */
interface Result {
  readonly name: string
  readonly unit: string
  readonly values: readonly string[]
}

const REMAINDER = /\.remainder$/

/** The whole of a report that was computed here: by which methodology, what came out, from what. */
export function MadeFigures({ made }: { made: Made }) {
  const { t, i18n } = useTranslation()
  const { methodology } = made.again.outcome.program
  return (
    <>
      <h2 className="part">{t('report:results')}</h2>
      <p className="small muted">
        <Link to="/methodologies/$id" params={{ id: methodology.id }} search={{}}>
          {textsIn(methodology.name, i18n.language)} {methodology.version}
        </Link>{' '}
        · <code>{methodology.cid.toString()}</code>
      </p>
      <Results made={made} />
      <h2 className="part">{t('report:inputs')}</h2>
      <Inputs made={made} />
    </>
  )
}

/** Results, each with why it is so; one that has a value a row is folded. */
function Results({ made: { report, again, organization } }: { made: Made }) {
  const { t } = useTranslation()
  const nameOf = useNames(again.outcome.program.methodology)
  const [asked, setAsked] = useState<string>()
  const tops = asked === undefined ? [] : (again.trace.outputs.get(asked) ?? [])
  const columns: readonly Column<Result>[] = [
    {
      head: t('methodology:output.name'),
      lead: true,
      cell: ({ name }) =>
        REMAINDER.test(name) ? t('report:remainder', { of: nameOf(name.replace(REMAINDER, '')) }) : nameOf(name),
    },
    { head: t('methodology:output.value'), number: true, cell: (result) => <Values result={result} /> },
    {
      head: t('methodology:why.title'),
      quiet: true,
      cell: ({ name }) =>
        REMAINDER.test(name) ? null : (
          <button
            type="button"
            className="plain"
            aria-expanded={asked === name}
            onClick={() => setAsked(asked === name ? undefined : name)}
          >
            {t('methodology:why.ask')}
          </button>
        ),
    },
  ]
  return (
    <>
      <Table label={t('report:results')} columns={columns} rows={gather(again.outputs)} keyOf={({ name }) => name} />
      {asked !== undefined && (
        <section className="sheet" aria-label={t('methodology:why.title')}>
          <h3>{nameOf(asked)}</h3>
          <Why
            tops={tops}
            methodology={again.outcome.program.methodology}
            evidenceOf={(node) => <Behind made={{ report, organization }} node={node} />}
          />
        </section>
      )}
    </>
  )
}

function Values({ result: { values, unit } }: { result: Result }) {
  const { t } = useTranslation()
  const shown = values.map((value) => `${writtenText(value)} ${unit === '1' ? '' : unit}`)
  if (shown.length === 1) return shown[0]
  return (
    <details>
      <summary>{t('report:rows', { count: shown.length })}</summary>
      <ol className="row-values">
        {[...shown.entries()].map(([row, text]) => (
          <li key={row}>{text}</li>
        ))}
      </ol>
    </details>
  )
}

/** What was measured, analysed or entered, with where each is from: those that a report has once, then a table for each group. */
function Inputs({ made: { report, again, organization } }: { made: Made }) {
  const { t, i18n } = useTranslation()
  const { methodology } = again.outcome.program
  const nameOf = useNames(methodology)
  const about = { report, organization }
  const groups = [...new Set(report.inputs.map(({ group }) => group))]
  const shownOf = (input: ReportInput) => {
    const unit = methodology.inputs.find(({ name }) => name === input.name)?.unit?.text
    if (unit === undefined) return input.value
    return `${writtenText(input.value)} ${unit === '1' ? '' : unit}`
  }
  return groups.map((group) => {
    const inputs = report.inputs.filter((input) => input.group === group)
    if (group === null)
      return (
        <Table
          key=""
          label={t('report:inputs')}
          columns={[
            { head: t('report:input'), lead: true, cell: ({ name }) => nameOf(name) },
            { head: t('methodology:output.value'), number: true, cell: shownOf },
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
          <>
            {shownOf(input)}
            <span className="small muted">
              {' '}
              {input.origin.kind !== 'choice' && <InputOrigin made={about} input={input} />}
            </span>
          </>
        )
      },
    }))
    return (
      <section key={group}>
        <h3 className="part">{title}</h3>
        <Table
          label={title}
          columns={[{ head: '#', lead: true, cell: (row) => row + 1 }, ...columns]}
          rows={rows}
          keyOf={(row) => row}
        />
      </section>
    )
  })
}

type About = Pick<Made, 'report' | 'organization'>

/** What stands behind an input of the trace. */
function Behind({ made, node }: { made: About; node: TraceNode }) {
  const input = made.report.inputs.find(
    ({ name, group, row }) => name === node.name && (group === null ? undefined : row) === node.row,
  )
  return input === undefined ? null : <InputOrigin made={made} input={input} />
}

/** Where a value is from: a total leads to its proof, a document to its block. */
function InputOrigin({ made: { report, organization }, input }: { made: About; input: ReportInput }) {
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

/** Lines of one name together, in their order. */
function gather(outputs: Made['again']['outputs']): readonly Result[] {
  const found = new Map<string, { name: string; unit: string; values: string[] }>()
  for (const [name, value, unit] of outputs) {
    const result = found.get(name) ?? { name, unit, values: [] }
    found.set(name, result)
    result.values.push(value)
  }
  return [...found.values()]
}

function useNames(methodology: Methodology): (name: string) => string {
  const { i18n } = useTranslation()
  return (name) => textsIn(wordsOf(methodology, name) ?? { zh: name, en: name }, i18n.language)
}
