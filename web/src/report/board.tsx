import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Allowances } from '../allowance/allowances.tsx'
import { Plants } from '../allowance/plants.tsx'
import { textsIn } from '../dataset/texts.ts'
import { formatCount } from '../format.ts'
import type { Alert, StreamFigures } from '../monitoring/record.ts'
import { useOrganizationName } from '../organization/organization-link.tsx'
import { getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { Table } from '../shell/table.tsx'
import { Collection, shareOf } from './collection.tsx'
import type { DraftRecord } from './draft-record.ts'
import { listReports, type ReportRecord } from './record.ts'
import { StageWord } from './stage-word.tsx'
import './texts.ts'

const DAY = 86_400
const SHOWN = 100

/** A date of the calendar for a plant, with where it stands. */
interface Deadline {
  readonly project: string
  readonly step: string
  readonly subject: string
  readonly zh: string
  readonly en: string
  readonly period: string
  readonly day: string
  /** Unix seconds at which that day has passed. */
  readonly due: number
  readonly state: 'done' | 'open' | 'late' | 'date'
  readonly report: string | null
}

/** An enterprise's month (本月): the way of its data in steps, what is missing first, and the days left. */
export function BoardPage() {
  const { t } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const organization = Number(id)
  const name = useOrganizationName(organization)
  const isMember = useHasRole(organization, 'reader')
  const month = useQuery({
    queryKey: ['board', organization, isMember],
    queryFn: () => loadBoard(organization, isMember),
    refetchInterval: 30_000,
    retry: 1,
  })
  return (
    <Page
      title={t('report:board.title', { organization: name })}
      lead={t('report:board.lead')}
      actions={
        <>
          <Link to="/organizations/$id/reports" params={{ id }} search={{}} className="button">
            {t('report:board.reports')}
          </Link>
          {isMember && (
            <a className="button" href={`/v1/organizations/${id}/deadlines.ics`}>
              {t('report:board.calendar')}
            </a>
          )}
        </>
      }
    >
      {month.isPending && <p role="status">{t('shell.loading')}</p>}
      {month.isError && <Problem error={month.error} onRetry={() => void month.refetch()} />}
      {month.data !== undefined && <Board organization={organization} board={month.data} isMember={isMember} />}
    </Page>
  )
}

interface Board {
  readonly streams: readonly StreamFigures[]
  readonly reports: readonly ReportRecord[]
  readonly drafts: readonly DraftRecord[]
  readonly deadlines: readonly Deadline[]
  readonly alerts: readonly Alert[]
}

function Board({ organization, board, isMember }: { organization: number; board: Board; isMember: boolean }) {
  const { t, i18n } = useTranslation()
  const mayEdit = useHasRole(organization, 'editor')
  const nowS = Date.now() / 1000
  const next = board.deadlines.filter(({ state }) => state === 'open' || state === 'late')
  return (
    <>
      <ol className="board-steps">
        {stepsOf(board, isMember).map(({ step, ok, values }) => (
          <li key={step} className={ok === undefined ? '' : ok ? 'done' : 'gap'}>
            <b>{t(`report:board.step.${step}`)}</b>
            <span>
              {ok === undefined ? t('report:board.noWord') : t(`report:board.${ok ? 'done' : 'gap'}.${step}`, values)}
            </span>
          </li>
        ))}
      </ol>
      {isMember && (
        <>
          <h2 className="part">{t('report:board.deadlines')}</h2>
          {board.deadlines.length === 0 && <p className="note">{t('report:board.noDeadlines')}</p>}
          {next.length > 0 && (
            <Table
              label={t('report:board.deadlines')}
              columns={[
                { head: t('report:board.what'), lead: true, cell: (one) => textsIn(one, i18n.language) },
                { head: t('report:new.subject'), cell: ({ subject }) => subject },
                { head: t('report:board.period'), cell: ({ period }) => period },
                { head: t('report:board.day'), cell: ({ day }) => day },
                {
                  head: t('report:board.left'),
                  number: true,
                  cell: ({ due, state }) => (
                    <span className={state === 'late' ? 'status failed' : ''}>
                      {t(state === 'late' ? 'report:board.late' : 'report:board.days', {
                        days: formatCount(Math.abs(Math.ceil((due - nowS) / DAY))),
                      })}
                    </span>
                  ),
                },
              ]}
              rows={next.slice(0, 12)}
              keyOf={({ project, step, period }) => `${project} ${step} ${period}`}
            />
          )}
        </>
      )}
      <Allowances organization={organization} />
      {isMember && <Plants organization={organization} mayEdit={mayEdit} />}
      <h2 className="part">{t('report:board.collection')}</h2>
      <Collection organization={organization} streams={board.streams} />
      <h2 className="part">{t('report:board.latest')}</h2>
      {board.reports.length === 0 && <p className="note">{t('report:own.noneLogged')}</p>}
      {board.reports.length > 0 && (
        <Table
          label={t('report:board.latest')}
          columns={[
            {
              head: t('report:list.report'),
              lead: true,
              cell: ({ cid, subject, period }) => (
                <Link to="/reports/$cid" params={{ cid }} search={{}}>
                  {t('report:titleOf', { subject, period })}
                </Link>
              ),
            },
            { head: t('report:list.stage'), cell: ({ stage }) => <StageWord stage={stage} /> },
          ]}
          rows={board.reports.slice(0, 6)}
          keyOf={({ cid }) => cid}
        />
      )}
    </>
  )
}

interface Step {
  readonly step: 'connect' | 'quality' | 'evidence' | 'report' | 'verify'
  /** Undefined where only members may know, or nothing is known. */
  readonly ok: boolean | undefined
  readonly values: Readonly<Record<string, string>>
}

/** The way of a month's data in steps; a step with a gap says how large it is. */
function stepsOf({ streams, reports, deadlines, alerts }: Board, isMember: boolean): readonly Step[] {
  const silent = streams.filter(({ readings }) => readings === 0).length
  const patchy = streams.filter((one) => one.readings > 0 && shareOf(one) < 0.98).length
  const open = alerts.filter(({ state }) => state !== 'resolved').length
  const late = deadlines.filter(({ state }) => state === 'late').length
  const back = reports.filter(({ stage, correctedBy }) => stage === 'returned' && correctedBy === null).length
  const count = (number: number) => ({ count: formatCount(number) })
  return [
    {
      step: 'connect',
      ok: streams.length === 0 ? undefined : silent < streams.length,
      values: count(streams.length - silent),
    },
    // Where nothing came there is nothing to find gaps in.
    { step: 'quality', ok: silent === streams.length ? undefined : patchy === 0, values: count(patchy) },
    { step: 'evidence', ok: isMember ? open === 0 : undefined, values: count(open) },
    { step: 'report', ok: isMember && deadlines.length > 0 ? late === 0 : undefined, values: count(late) },
    { step: 'verify', ok: reports.length === 0 ? undefined : back === 0, values: count(back) },
  ]
}

async function loadBoard(organization: number, isMember: boolean): Promise<Board> {
  const base = `/v1/organizations/${organization}`
  const now = Math.floor(Date.now() / 1000)
  const list = async <T,>(path: string): Promise<readonly T[]> =>
    isMember ? (await getJson<ListPage<T>>(`${base}/${path}`)).items : []
  const [collection, reports, drafts, deadlines, alerts] = await Promise.all([
    getJson<{ items: readonly StreamFigures[] }>(`${base}/collection?from=${now - 30 * DAY}&to=${now}`),
    listReports({ organization }, SHOWN),
    list<DraftRecord>(`reports?limit=${SHOWN}`),
    list<Deadline>('deadlines'),
    list<Alert>(`alerts?limit=${SHOWN}`),
  ])
  return { streams: collection.items, reports: reports.items, drafts, deadlines, alerts }
}
