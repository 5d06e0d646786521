import { decodeDocument, digestOf, ENTRY_DOCUMENT, parseCid } from '@tanlian/evidence'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { checkLogged, type LoggedStep } from '../evidence/logged.ts'
import { formatCount, formatMoment } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { listReports, type ReportRecord } from '../report/record.ts'
import { StageWord } from '../report/stage-word.tsx'
import '../report/texts.ts'
import { client } from '../service.ts'
import { AnswerSign } from '../shell/status.tsx'
import { type Column, Table } from '../shell/table.tsx'
import { Retire } from './publish.tsx'
import type { MethodologyRecord, MethodologyState, PublicationRecord } from './record.ts'

/** Reports named on a methodology's page; the list of reports has them all. */
const NAMED = 20

/** How far a methodology or factor set has come, in a word. */
export function MethodologyStateWord({ state }: { state: MethodologyState }) {
  const { t } = useTranslation()
  return (
    <span
      className={state === 'published' ? 'status' : 'status unchecked'}
      title={t(`methodology:state.${state}.means`)}
    >
      {t(`methodology:state.${state}.word`)}
    </span>
  )
}

/** How a version lived (方法学的发布与停用): each step with its place in the log, checked here; then the reports that rest on it. */
export function MethodologyLife({ item }: { item: MethodologyRecord }) {
  const { t } = useTranslation()
  return (
    <>
      <h2 className="part">{t('methodology:life.title')}</h2>
      <p className="row">
        <MethodologyStateWord state={item.state} />
        <span className="muted">{t(`methodology:state.${item.state}.means`)}</span>
      </p>
      {item.publications.map((publication) => (
        <Publication key={publication.document} publication={publication} />
      ))}
      {item.state === 'published' && <Retire item={item} />}
      {item.reports > 0 && <Uses item={item} />}
    </>
  )
}

function Publication({ publication }: { publication: PublicationRecord }) {
  const { t } = useTranslation()
  const { document, state, organization, time, reason } = publication
  const steps = useQuery({
    queryKey: ['logged', document],
    queryFn: () => followDocument(document),
    retry: 1,
    // What was signed a moment ago is in the log in a moment.
    refetchInterval: ({ state: { data } }) => (data?.at(-1)?.step === 'entry' ? 1000 : false),
  })
  return (
    <section className="sheet" data-publication={state}>
      <p className="row">
        <strong>{t(`methodology:state.${state}.word`)}</strong>
        <OrganizationLink id={organization} />
        <span>{formatMoment(time)}</span>
        <Link to="/batches/$cid" params={{ cid: document }} search={{}}>
          {t('methodology:life.entry')}
        </Link>
      </p>
      {reason !== null && <blockquote>{reason}</blockquote>}
      <ul className="plain-list small">
        {(steps.data ?? []).map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </ul>
    </section>
  )
}

function Step({ step: { step, ok, values } }: { step: LoggedStep }) {
  const { t } = useTranslation()
  const state = ok === null ? 'open' : ok ? 'held' : 'failed'
  const text = step === 'entry' ? `methodology:life.step.${state}` : `device.step.${step}.${state}`
  const shown = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? formatCount(value) : value]),
  )
  return (
    <li data-step={step} data-ok={String(ok)}>
      <span className={`status ${ok === null ? 'unchecked' : ok ? 'verified' : 'failed'}`}>
        <AnswerSign ok={ok} />
        {t(text, shown)}
      </span>
    </li>
  )
}

/** Reports that rest on it: they keep this version for good. */
function Uses({ item }: { item: MethodologyRecord }) {
  const { t } = useTranslation()
  const found = useQuery({
    queryKey: ['reports', 'uses', item.cid],
    queryFn: () => listReports({ uses: item.cid }, NAMED),
  })
  const columns: readonly Column<ReportRecord>[] = [
    {
      head: t('report:list.report'),
      lead: true,
      cell: (report) => (
        <Link to="/reports/$cid" params={{ cid: report.cid }} search={{}}>
          {t('report:titleOf', { subject: report.subject, period: report.period })}
        </Link>
      ),
    },
    { head: t('report:list.organization'), cell: ({ organization }) => <OrganizationLink id={organization} /> },
    { head: t('report:list.stage'), cell: ({ stage }) => <StageWord stage={stage} /> },
  ]
  return (
    <>
      <h2 className="part">{t('methodology:life.uses', { count: item.reports })}</h2>
      <p className="small muted">{t('methodology:life.keep')}</p>
      <Table
        label={t('methodology:life.uses', { count: item.reports })}
        columns={columns}
        rows={found.data?.items ?? []}
        keyOf={({ cid }) => cid}
      />
    </>
  )
}

/** From the document's own bytes to the chain. */
async function followDocument(cid: string): Promise<readonly LoggedStep[]> {
  const wanted = parseCid(cid)
  const { organization, sequence } = decodeDocument(await client.block(cid))
  return checkLogged({ kind: ENTRY_DOCUMENT, organization, sequence, digest: digestOf(wanted) })
}
