import type { ReportLine } from '@tanlian/accounting'
import { TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { chainOf } from '../evidence/run-check.ts'
import { formatCount } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { client } from '../service.ts'
import { CheckedLine } from '../shell/checked-line.tsx'
import { codeText, errorText } from '../shell/error-text.ts'
import { Problem } from '../shell/problem.tsx'
import { AnswerSign } from '../shell/status.tsx'
import { runReport } from './run-report.ts'

/** The whole report done again in this browser, line by line, with what was checked and what was not. */
export function ReportCheck({ cid, bytes }: { cid: string; bytes: Uint8Array }) {
  const { t, i18n } = useTranslation()
  const check = useQuery({
    queryKey: ['report', cid, 'check'],
    queryFn: async ({ signal }) => runReport({ bytes, chain: chainOf(await client.wellKnown()) }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  const news = check.data
  const status = news?.stage === 'checked' ? news.status : news === undefined ? undefined : 'failed'
  return (
    <section
      className="sheet"
      aria-label={t('report:check.title')}
      {...(status === undefined ? {} : { 'data-verdict': status })}
    >
      {check.isPending && <p role="status">{t('report:check.running')}</p>}
      {check.isError && <Problem error={check.error} onRetry={() => void check.refetch()} />}
      {status !== undefined && (
        <div className={`note ${status}`} role="status">
          <p className="row big">
            <AnswerSign ok={status === 'verified' ? true : status === 'failed' ? false : null} />
            <strong>{t(`report:check.${status}`)}</strong>
          </p>
          <p>{t('report:check.not')}</p>
        </div>
      )}
      {news?.stage === 'failed' && <p className="note failed">{saidOf(news, i18n.language)}</p>}
      {news?.stage === 'checked' && (
        <details open={status !== 'verified'}>
          <summary>
            {t('report:check.lines', {
              held: news.lines.filter(({ ok }) => ok === true).length,
              all: news.lines.length,
              ms: formatCount(Math.round(news.ms)),
            })}
          </summary>
          <ol className="verdict-lines">
            {news.lines.map((line) => (
              <Line key={line.step} line={line} />
            ))}
          </ol>
          {news.chainError !== undefined && <p className="note">{saidOf(news.chainError, i18n.language)}</p>}
          {news.witnesses.length > 0 && (
            <p className="small">
              {t('report:check.witnessed')}{' '}
              {news.witnesses.map((organization) => (
                <OrganizationLink key={organization} id={organization} />
              ))}
            </p>
          )}
        </details>
      )}
    </section>
  )
}

function Line({ line: { step, ok, code, message, values } }: { line: ReportLine }) {
  const { t, i18n } = useTranslation()
  const shown = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      // Where the report stands has its own word.
      name === 'stage'
        ? t(`report:stage.${value}.word`)
        : typeof value === 'number' || typeof value === 'bigint'
          ? formatCount(value)
          : String(value),
    ]),
  )
  const known = code === undefined ? undefined : codeText(code, i18n.language)
  return (
    <CheckedLine step={step} ok={ok} title={t(`report:step.${step}.title`)}>
      {ok === true ? t(`report:step.${step}.held`, shown) : i18n.language === 'en' ? (message ?? known) : known}
      {code !== undefined && ok === false && <code> {code}</code>}
    </CheckedLine>
  )
}

/** What a worker could not do: in English with its values, in Chinese the code's sentence. */
function saidOf({ code, message }: { readonly code: string; readonly message: string }, language: string): string {
  return errorText(new TanlianError(code, message), language)
}
