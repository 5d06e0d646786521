import { calculate, dataOf, type Program, traceOf } from '@tanlian/accounting'
import { reportStatement, setInputs } from '@tanlian/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { unitText, writtenText } from '../methodology/figure.ts'
import { loadProgramOf } from '../methodology/load.ts'
import { wordsOf } from '../methodology/why.tsx'
import { client, getJson, postJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { CheckFindings } from './check-findings.tsx'
import { Comparison } from './comparison.tsx'
import { DraftGaps } from './draft-gaps.tsx'
import { DraftInputs } from './draft-inputs.tsx'
import type { DraftInput, DraftRecord } from './draft-record.ts'
import { DraftSheet } from './draft-sheet.tsx'
import { SignBox } from './sign-box.tsx'
import { Sureness } from './sureness.tsx'
import './texts.ts'

/** The report editor (报告编制): gaps first, then inputs with their origins, what they come to, and the signature. */
export function DraftPage() {
  const { t } = useTranslation()
  const { id, draft: draftId } = useParams({ strict: false }) as { id: string; draft: string }
  const path = `/v1/organizations/${id}/reports/${draftId}`
  const draft = useQuery({ queryKey: ['draft', draftId], queryFn: () => getJson<DraftRecord>(path), retry: false })
  const methodology = draft.data?.methodology
  const program = useQuery({
    queryKey: ['library', 'program', methodology],
    queryFn: () => loadProgramOf(methodology as string),
    enabled: methodology !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return (
    <Page
      title={
        draft.data === undefined
          ? t('report:draft.title')
          : t('report:titleOf', { subject: draft.data.subject, period: draft.data.period })
      }
      lead={t('report:draft.lead')}
      actions={
        <Link to="/organizations/$id/reports" params={{ id }} search={{}} className="button">
          {t('report:draft.all')}
        </Link>
      }
    >
      {(draft.isPending || (program.isPending && !draft.isError)) && <p role="status">{t('shell.loading')}</p>}
      {draft.isError && <Problem error={draft.error} onRetry={() => void draft.refetch()} />}
      {program.isError && <Problem error={program.error} />}
      {draft.data !== undefined && program.data !== undefined && (
        <Editor key={draft.data.version} draft={draft.data} program={program.data} path={path} />
      )}
    </Page>
  )
}

function Editor({ draft, program, path }: { draft: DraftRecord; program: Program; path: string }) {
  const { t, i18n } = useTranslation()
  const queries = useQueryClient()
  const [inputs, setLocal] = useState<readonly DraftInput[]>(draft.inputs)
  const [answers, setAnswers] = useState(draft.answers)
  const [error, setError] = useState<unknown>()
  const [logged, setLogged] = useState<string>()
  const isChanged = inputs !== draft.inputs || answers !== draft.answers
  const run = async (work: () => Promise<unknown>) => {
    setError(undefined)
    try {
      queries.setQueryData(['draft', draft.id], await work())
    } catch (cause) {
      setError(cause)
    }
  }
  const save = () => run(() => setInputs(client, draft, inputs.map(asked), answers))
  const fill = () =>
    run(() =>
      postJson(`${path}/filling`, { version: draft.version, split: draft.type === 'year' ? 'month' : 'period' }),
    )
  if (logged !== undefined)
    return (
      <p className="note verified" role="status">
        {t('report:draft.logged')}{' '}
        <Link to="/reports/$cid" params={{ cid: logged }} search={{}}>
          {t('report:draft.open')}
        </Link>
      </p>
    )
  return (
    <>
      <DraftGaps draft={draft} program={program} />
      <DraftSheet
        path={path}
        version={draft.version}
        onApplied={() => void queries.invalidateQueries({ queryKey: ['draft', draft.id] })}
      />
      <DraftInputs
        organization={draft.organization}
        period={draft}
        program={program}
        inputs={inputs}
        onChange={setLocal}
      />
      {error !== undefined && <Problem error={error} />}
      <div className="row">
        <button type="button" className="primary" disabled={!isChanged} onClick={() => void save()}>
          {t('report:draft.save')}
        </button>
        <button type="button" disabled={isChanged} onClick={() => void fill()}>
          {t('report:draft.fill')}
        </button>
        {isChanged && (
          <button
            type="button"
            className="plain"
            onClick={() => {
              setLocal(draft.inputs)
              setAnswers(draft.answers)
            }}
          >
            {t('methodology:edit.undo')}
          </button>
        )}
      </div>
      {draft.outputs !== null && (
        <>
          <h2 className="part">{t('report:checks.title')}</h2>
          <CheckFindings
            path={path}
            methodology={draft.methodology}
            version={draft.version}
            answers={answers}
            onAnswers={setAnswers}
          />
          <h2 className="part">{t('report:results')}</h2>
          <Table
            label={t('report:results')}
            columns={[
              { head: t('methodology:output.name'), lead: true, cell: ([, line]) => textsIn(line, i18n.language) },
              {
                head: t('methodology:output.value'),
                number: true,
                cell: ([, { value, unit }]) => `${writtenText(value)} ${unitText(unit)}`.trimEnd(),
              },
              { head: t('methodology:output.role'), cell: ([, { role }]) => t(`report:role.${role}`) },
            ]}
            rows={[...draft.outputs.entries()]}
            keyOf={([at]) => at}
          />
          <DraftSureness draft={draft} program={program} />
          <Comparison
            comparison={draft.comparison}
            nameOf={(name) => textsIn(wordsOf(program.methodology, name) ?? { zh: name, en: name }, i18n.language)}
          />
        </>
      )}
      <h2 className="part">{t('report:draft.submit')}</h2>
      <section className="sheet">
        {isChanged ? (
          <p className="note">{t('report:draft.saveFirst')}</p>
        ) : draft.outputs === null ? (
          <p className="note">{t('report:draft.incomplete')}</p>
        ) : (
          <SignBox
            organization={draft.organization}
            label={t('report:draft.sign')}
            summary={t('report:draft.summary', {
              title: t('report:titleOf', { subject: draft.subject, period: draft.period }),
              total: totalOf(draft),
              manual: draft.manual,
            })}
            note={`report/${draft.id}`}
            prepare={() => reportStatement(client, draft)}
            onLogged={({ cid }) => setLogged(cid.toString())}
          />
        )}
      </section>
    </>
  )
}

/** How sure the results are as they stand; nothing where they cannot be computed here. */
function DraftSureness({ draft: { id, inputs }, program }: { draft: DraftRecord; program: Program }) {
  const made = useMemo(() => attempt(program, inputs), [program, inputs])
  return made === undefined ? null : <Sureness {...made} seed={id} />
}

function attempt(program: Program, inputs: readonly DraftInput[]) {
  try {
    const data = dataOf(inputs)
    const outcome = calculate(program, data)
    const kinds = new Map(inputs.map(({ name, row, origin }) => [`${name} ${row}`, origin.kind]))
    const trace = traceOf(outcome, (name, row) => ({ kind: kinds.get(`${name} ${row}`) ?? 'manual', reference: '' }))
    return { outcome, trace, data }
  } catch {
    return undefined
  }
}

function totalOf({ outputs }: DraftRecord): string {
  const total = outputs?.find(({ role }) => role === 'total')
  return total === undefined ? '–' : `${writtenText(total.value)} ${unitText(total.unit)}`
}

/** An input as it is sent: what a total comes to is the platform's to look up. */
function asked({ value, ...input }: DraftInput) {
  return input.origin.kind === 'total' ? input : { ...input, value }
}
