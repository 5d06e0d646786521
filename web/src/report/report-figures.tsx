import { dataOf, type TraceNode } from '@tanlian/accounting'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { unitText, writtenText } from '../methodology/figure.ts'
import { useNames } from '../methodology/names.ts'
import { Why } from '../methodology/why.tsx'
import { type Column, Table } from '../shell/table.tsx'
import type { Made } from './made.ts'
import { type About, InputOrigin, ReportInputs } from './report-inputs.tsx'
import { Sureness } from './sureness.tsx'

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
        <Link to="/methodologies/$id" params={{ id: methodology.cid.toString() }} search={{}}>
          {textsIn(methodology.name, i18n.language)} {methodology.version}
        </Link>
      </p>
      <Results made={made} />
      <Sureness
        outcome={made.again.outcome}
        trace={made.again.trace}
        data={dataOf(made.report.inputs)}
        seed={made.again.blocks[0].cid.toString()}
      />
      <h2 className="part">{t('report:inputs')}</h2>
      <ReportInputs made={made} />
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
  const shown = values.map((value) => `${writtenText(value)} ${unitText(unit)}`.trimEnd())
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

/** What stands behind an input of the trace. */
function Behind({ made, node }: { made: About; node: TraceNode }) {
  const input = made.report.inputs.find(
    ({ name, group, row }) => name === node.name && (group === null ? undefined : row) === node.row,
  )
  return input === undefined ? null : <InputOrigin made={made} input={input} />
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
