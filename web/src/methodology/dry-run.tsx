import {
  calculate,
  choicesOf,
  type Example,
  type Given,
  type Input,
  type Outcome,
  type Program,
  type ReportData,
  shownTexts,
  type TraceNode,
  traceOf,
} from '@tanlian/accounting'
import { useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { Problem } from '../shell/problem.tsx'
import { type Column, Table } from '../shell/table.tsx'
import { ChoiceSelect } from './choice-select.tsx'
import { unitText, writtenText } from './figure.ts'
import { Why, wordsOf } from './why.tsx'

/** Tries a methodology out (试算) on a worked example or on one's own values: nothing is kept or sent. */
export function DryRun({ program }: { program: Program }) {
  const { t, i18n } = useTranslation()
  const { examples } = program.methodology
  const [data, setData] = useState<ReportData>(() => examples[0]?.data ?? emptyData(program))
  const outcome = useMemo(() => attempt(program, data), [program, data])
  return (
    <section className="sheet stack" data-testid="dry-run">
      <div className="row between">
        <h2>{t('methodology:try.title')}</h2>
        {examples.length > 0 && (
          <label className="row">
            {t('methodology:try.example')}
            <select onChange={(event) => setData((examples[Number(event.target.value)] as Example).data)}>
              {examples.map((example, at) => (
                <option key={example.words.en} value={at}>
                  {textsIn(example.words, i18n.language)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <DataForm program={program} data={data} onChange={setData} />
      {outcome instanceof Error ? <Problem error={outcome} /> : <Results outcome={outcome} />}
    </section>
  )
}

/** Fields for every input, and rows for every group. */
function DataForm({
  program,
  data,
  onChange,
}: {
  program: Program
  data: ReportData
  onChange: (data: ReportData) => void
}) {
  const { t, i18n } = useTranslation()
  const { methodology } = program
  const single = methodology.inputs.filter(({ group }) => group === undefined)
  const setRows = (group: string, rows: readonly Given[]) =>
    onChange({ ...data, groups: { ...data.groups, [group]: rows } })
  return (
    <div className="stack">
      {single.length > 0 && (
        <div className="grid">
          {single.map((input) => (
            <Field
              key={input.name}
              input={input}
              choices={choicesOf(program, input)}
              value={data.values[input.name]}
              onChange={(text) => onChange({ ...data, values: withValue(data.values, input.name, text) })}
            />
          ))}
        </div>
      )}
      {[...methodology.groups].map(([group, words]) => {
        const rows = data.groups[group] ?? []
        const inputs = methodology.inputs.filter((input) => input.group === group)
        return (
          <fieldset key={group} className="stack">
            <legend>{textsIn(words, i18n.language)}</legend>
            {[...rows.entries()].map(([at, row]) => (
              // A row has no name but its place.
              <div key={at} className="grid">
                {inputs.map((input) => (
                  <Field
                    key={input.name}
                    input={input}
                    choices={choicesOf(program, input)}
                    value={row[input.name]}
                    onChange={(text) =>
                      setRows(
                        group,
                        rows.map((one, place) => (place === at ? withValue(one, input.name, text) : one)),
                      )
                    }
                  />
                ))}
              </div>
            ))}
            <div className="row">
              <button type="button" onClick={() => setRows(group, [...rows, rows.at(-1) ?? {}])}>
                {t('methodology:try.addRow')}
              </button>
              {rows.length > 0 && (
                <button type="button" className="plain" onClick={() => setRows(group, rows.slice(0, -1))}>
                  {t('methodology:try.removeRow')}
                </button>
              )}
            </div>
          </fieldset>
        )
      })}
    </div>
  )
}

function Field({
  input: { words, unit, optional },
  choices,
  value,
  onChange,
}: {
  input: Input
  choices: readonly string[]
  value: string | undefined
  onChange: (text: string) => void
}) {
  const { t, i18n } = useTranslation()
  const label = textsIn(words, i18n.language)
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {optional && <span className="muted"> {t('methodology:try.optional')}</span>}
      </label>
      {choices.length > 0 ? (
        <ChoiceSelect id={id} choices={choices} value={value ?? ''} onChange={onChange} />
      ) : (
        <input
          id={id}
          value={value ?? ''}
          inputMode={unit === undefined ? 'text' : 'decimal'}
          onChange={(event) => onChange(event.target.value.trim())}
        />
      )}
      {unit !== undefined && unit.text !== '1' && <span className="small muted">{unitText(unit.text)}</span>}
    </div>
  )
}

/** What the methodology makes of the values: outputs, each with its reason, and the checks that do not hold. */
function Results({ outcome }: { outcome: Outcome }) {
  const { t, i18n } = useTranslation()
  const { methodology } = outcome.program
  const [asked, setAsked] = useState<string>()
  const trace = useMemo(
    () => traceOf(outcome, () => ({ kind: 'manual', reference: t('methodology:try.typed') })),
    [outcome, t],
  )
  const failed = outcome.checks.filter(({ rows }) => rows.length > 0)
  const columns: readonly Column<(typeof methodology.outputs)[number]>[] = [
    {
      head: t('methodology:output.name'),
      lead: true,
      cell: ({ equation }) => textsIn(wordsOf(methodology, equation) ?? { zh: equation, en: equation }, i18n.language),
    },
    {
      head: t('methodology:output.value'),
      number: true,
      cell: ({ equation }) => {
        const unit = methodology.equations.find(({ name }) => name === equation)?.unit.text ?? ''
        return `${shownTexts(outcome, equation).map(writtenText).join(' + ')} ${unitText(unit)}`.trimEnd()
      },
    },
    { head: t('methodology:output.role'), cell: ({ role }) => t(`methodology:role.${role}`) },
    {
      head: t('methodology:output.scope'),
      cell: ({ scope, gas }) =>
        [gas, scope === undefined ? undefined : t('methodology:output.inScope', { scope })].filter(Boolean).join(' · '),
    },
    {
      head: t('methodology:why.title'),
      quiet: true,
      cell: ({ equation }) => (
        <button
          type="button"
          className="plain"
          aria-expanded={asked === equation}
          onClick={() => setAsked(asked === equation ? undefined : equation)}
        >
          {t('methodology:why.ask')}
        </button>
      ),
    },
  ]
  const tops: readonly TraceNode[] = asked === undefined ? [] : (trace.outputs.get(asked) ?? [])
  return (
    <div className="stack">
      <Table
        label={t('methodology:output.title')}
        columns={columns}
        rows={methodology.outputs}
        keyOf={({ equation }) => equation}
      />
      {asked !== undefined && <Why tops={tops} methodology={methodology} />}
      {failed.length > 0 && (
        <ul className="plain-list">
          {failed.map(({ check, rows }) => (
            <li key={check.name} className={check.severity === 'error' ? 'note failed' : 'note'}>
              {textsIn(check.words, i18n.language)}
              {rows.length > 0 &&
                rows[0] !== undefined &&
                ` (${t('methodology:why.row', { row: rows.map((row) => row + 1).join(', ') })})`}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function withValue(given: Given, name: string, text: string): Given {
  const { [name]: _before, ...rest } = given
  return text === '' ? rest : { ...rest, [name]: text }
}

function emptyData({ methodology }: Program): ReportData {
  return { values: {}, groups: Object.fromEntries([...methodology.groups.keys()].map((group) => [group, []])) }
}

function attempt(program: Program, data: ReportData): Outcome | Error {
  try {
    return calculate(program, data)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
