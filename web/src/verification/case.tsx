import { kindInfo } from '@tanlian/evidence'
import { askStatement } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { formatCount } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { CheckFindings } from '../report/check-findings.tsx'
import { Comparison } from '../report/comparison.tsx'
import { SignBox } from '../report/sign-box.tsx'
import { StageWord } from '../report/stage-word.tsx'
import { client, getJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import { Findings } from './findings.tsx'
import { Materiality } from './materiality.tsx'
import type { CaseRecord, ReportWhole } from './record.ts'
import { SampleList } from './sample-list.tsx'
import './texts.ts'
import { Visits } from './visits.tsx'

/** Readings of a sample, unless the verifier wants another number. */
const SAMPLE = 60

/** The workbench on one report (核查工作台): risks, sample down to the raw frame, findings on the row, opinion to sign. */
export function CasePage() {
  const { t } = useTranslation()
  const { id, cid } = useParams({ strict: false }) as { id: string; cid: string }
  const path = `/v1/organizations/${id}/verifications/${cid}`
  const work = useQuery({ queryKey: ['case', id, cid], queryFn: () => getJson<CaseRecord>(path), retry: false })
  const again = () => void work.refetch()
  const { data } = work
  return (
    <Page
      title={
        data === undefined
          ? t('verification:case')
          : t('report:titleOf', { subject: data.report.subject, period: data.report.period })
      }
      lead={
        data === undefined ? undefined : (
          <span className="row">
            <OrganizationLink id={data.report.organization} />
            <StageWord stage={data.report.stage} />
            <Link to="/reports/$cid" params={{ cid }} search={{}}>
              {t('verification:openReport')}
            </Link>
          </span>
        )
      }
    >
      {work.isPending && <p role="status">{t('shell.loading')}</p>}
      {work.isError && <Problem error={work.error} onRetry={again} />}
      {data !== undefined && (
        <>
          <Risks work={data} />
          <h2 className="part">{t('verification:sampleTitle')}</h2>
          {data.items.length === 0 && data.as === 'verifier' ? (
            <section className="sheet">
              <SignBox
                organization={Number(id)}
                label={t('verification:signPlan')}
                summary={t('verification:planSummary', { count: SAMPLE })}
                note={`plan/${cid}`}
                prepare={() => askStatement(client, 'sampling-plan', `${path}/plan-content?size=${SAMPLE}`)}
                onLogged={again}
              />
            </section>
          ) : (
            <SampleList organization={data.report.organization} items={data.items} />
          )}
          <h2 className="part">{t('report:checks.title')}</h2>
          <CheckFindings path={`/v1/reports/${cid}`} methodology={data.report.methodology} />
          <LastYear report={cid} />
          {data.as === 'verifier' && <Materiality report={cid} reported={data.report.outputs} />}
          <Findings path={path} as={data.as} report={data.report} findings={data.findings} onChange={again} />
          <Visits organization={Number(id)} path={path} work={data} onChange={again} />
          {data.as === 'verifier' && <Opinion organization={Number(id)} path={path} work={data} onDone={again} />}
        </>
      )}
    </Page>
  )
}

/** This year against last (同比). */
function LastYear({ report }: { report: string }) {
  const { i18n } = useTranslation()
  const whole = useQuery({
    queryKey: ['report', report, 'whole'],
    queryFn: () => getJson<ReportWhole>(`/v1/reports/${report}`),
  })
  if (whole.data === undefined) return null
  const { comparison, lines } = whole.data
  return (
    <Comparison
      comparison={comparison}
      nameOf={(name) => textsIn(lines.find((line) => line.name === name) ?? { zh: name, en: name }, i18n.language)}
    />
  )
}

/** Where the sample is drawn denser, and why; and what the verifier's own witness holds. */
function Risks({ work: { risks, audits } }: { work: CaseRecord }) {
  const { t, i18n } = useTranslation()
  return (
    <>
      <p className={audits.held < audits.batches ? 'note' : 'note verified'}>
        {t('verification:audits', { held: formatCount(audits.held), batches: formatCount(audits.batches) })}
      </p>
      <Table
        label={t('verification:risks')}
        columns={[
          { head: t('verification:stratum'), lead: true, cell: ({ stratum }) => stratumName(stratum, i18n.language) },
          { head: t('verification:risk'), number: true, cell: ({ points }) => formatCount(points) },
          {
            head: t('verification:reasons'),
            cell: ({ reasons }) =>
              reasons.map((one) => t(`verification:reasonOf.${one}`, one)).join(i18n.language === 'en' ? ', ' : '、'),
          },
        ]}
        rows={risks}
        keyOf={({ stratum }) => stratum}
      />
    </>
  )
}

/** A stratum is a kind of reading; its code is shown where the kind is not known. */
function stratumName(stratum: string, language: string): string {
  const kind = /^[0-9a-f]{6}$/.test(stratum) ? kindInfo(Number.parseInt(stratum, 16)) : undefined
  return kind === undefined ? stratum : language === 'en' ? kind.en : kind.zh
}

const OUTCOMES = ['unqualified', 'qualified', 'adverse', 'returned'] as const

/** The opinion (核查意见): the platform puts in what was recomputed and audited; the verifier answers for it with its key. */
function Opinion({
  organization,
  path,
  work,
  onDone,
}: {
  organization: number
  path: string
  work: CaseRecord
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]>('unqualified')
  const [statement, setStatement] = useState('')
  if (work.report.stage !== 'submitted') return null
  return (
    <>
      <h2 className="part">{t('verification:opinion')}</h2>
      <section className="sheet stack">
        <label className="field">
          <span>{t('verification:outcome.label')}</span>
          <select value={outcome} onChange={(event) => setOutcome(event.target.value as typeof outcome)}>
            {OUTCOMES.map((one) => (
              <option key={one} value={one}>
                {t(`verification:outcome.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{t('verification:statement')}</span>
          <textarea rows={4} value={statement} onChange={(event) => setStatement(event.target.value)} />
        </label>
        {statement === '' ? (
          <p className="small muted">{t('verification:statementFirst')}</p>
        ) : (
          <SignBox
            organization={organization}
            label={t('verification:signOpinion')}
            summary={t('verification:opinionSummary', { outcome: t(`verification:outcome.${outcome}`) })}
            note={`opinion/${work.report.cid}`}
            prepare={() => askStatement(client, 'opinion', `${path}/opinion-content`, { outcome, statement })}
            onLogged={onDone}
          />
        )}
      </section>
    </>
  )
}
