import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatMoment } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { saveFile } from '../save-file.ts'
import { client, getBytes, getJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { isWithheld } from '../shell/withheld.tsx'
import { type Made, madeOfPackage } from './made.ts'
import { PublishReport } from './publish-report.tsx'
import type { ReportRecord, ReportWhole } from './record.ts'
import { Reopen } from './reopen.tsx'
import { ReportCheck } from './report-check.tsx'
import { MadeFigures } from './report-figures.tsx'
import { ReportWithheld } from './report-withheld.tsx'
import { StageWord } from './stage-word.tsx'
import './texts.ts'

/**
 * A report for everybody (公开报告): what it says, done again whole in this browser, and every figure opened down to the readings behind it.
 * The platform's word counts for nothing here but the time of day.
 */
export function ReportPage() {
  const { t, i18n } = useTranslation()
  const { cid } = useParams({ strict: false }) as { cid: string }
  const record = useQuery({
    queryKey: ['report', cid],
    queryFn: async () => {
      const [report, { size }] = await Promise.all([getJson<ReportWhole>(`/v1/reports/${cid}`), client.log()])
      return { ...report, isLogged: report.index < size }
    },
    // A report that was just submitted is in the log in a moment.
    refetchInterval: ({ state }) => (state.data?.isLogged === false ? 1000 : false),
    retry: 1,
  })
  const pack = useQuery({
    queryKey: ['report', cid, 'package'],
    queryFn: () => getBytes(`/v1/reports/${cid}/package`),
    enabled: record.data?.isLogged === true,
    staleTime: Number.POSITIVE_INFINITY,
    retry: (count, error) => count < 1 && !isWithheld(error),
  })
  const { data } = record
  return (
    <Page
      title={data === undefined ? t('report:one') : t('report:titleOf', { subject: data.subject, period: data.period })}
      lead={data === undefined ? undefined : <Head record={data} />}
      actions={
        pack.data === undefined ? undefined : (
          <>
            <a className="button" href={`/v1/reports/${cid}/pdf?lang=${i18n.language === 'en' ? 'en' : 'zh'}`} download>
              PDF
            </a>
            <button type="button" onClick={() => saveFile(`${cid}.car`, 'application/vnd.ipld.car', pack.data)}>
              {t('report:download', { bytes: formatBytes(pack.data.length) })}
            </button>
          </>
        )
      }
    >
      {(record.isPending || (pack.isPending && data?.isLogged === true)) && <p role="status">{t('shell.loading')}</p>}
      {data?.isLogged === false && <p role="status">{t('report:onItsWay')}</p>}
      {record.isError && <Problem error={record.error} onRetry={() => void record.refetch()} />}
      {pack.isError && isWithheld(pack.error) && <ReportWithheld cid={cid} />}
      {pack.isError && !isWithheld(pack.error) && <Problem error={pack.error} onRetry={() => void pack.refetch()} />}
      {data?.isLogged === true && !data.public && <PublishReport cid={cid} organization={data.organization} />}
      {data !== undefined && <Reopen key={cid} report={data} onDone={() => void record.refetch()} />}
      {pack.data !== undefined && (
        <>
          <ReportCheck cid={cid} bytes={pack.data} />
          <Figures bytes={pack.data} />
        </>
      )}
    </Page>
  )
}

function Head({ record }: { record: ReportRecord }) {
  const { t } = useTranslation()
  return (
    <span className="row">
      <OrganizationLink id={record.organization} />
      <StageWord stage={record.stage} />
      <span>{t('report:submitted', { time: formatMoment(Date.parse(record.submitted) / 1000) })}</span>
      {record.correctedBy !== null && (
        <Link to="/reports/$cid" params={{ cid: record.correctedBy }} search={{}}>
          {t('report:correctedBy')}
        </Link>
      )}
      {record.corrects !== null && (
        <Link to="/reports/$cid" params={{ cid: record.corrects }} search={{}}>
          {t('report:correctsOther')}
        </Link>
      )}
    </span>
  )
}

/** Results and inputs, computed here from the package; a tap on a result opens why it is so. */
function Figures({ bytes }: { bytes: Uint8Array }) {
  const made = useMemo(() => attempt(bytes), [bytes])
  return made instanceof Error ? <Problem error={made} /> : <MadeFigures made={made} />
}

function attempt(bytes: Uint8Array): Made | Error {
  try {
    return madeOfPackage(bytes)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
