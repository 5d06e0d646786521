import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { useMethodology, useNames } from '../methodology/names.ts'
import { getJson, type Page as ListPage } from '../service.ts'
import { Problem } from '../shell/problem.tsx'

/** A question that a cross-check raises, never a verdict. */
interface CheckFinding {
  readonly rule: string
  readonly severity: string
  readonly subject: string
  readonly zh: string
  readonly en: string
  readonly months: readonly string[]
  readonly source: { readonly document: string; readonly article: string | null; readonly confidence: string }
  readonly answer: string | null
}

/** What stands between the names of one subject: `a + b`, `a / b`, `part: a`. */
const SIGNS = /( \+ | \/ |: )/

type Answers = readonly (readonly [rule: string, subject: string, text: string])[]

/** What cross-checks ask (交叉核对): of a draft with a field for each answer, of a report with the answers that were given. */
export function CheckFindings({
  path,
  methodology,
  version,
  answers,
  onAnswers,
}: {
  path: string
  /** CID of the report's methodology, which names what is asked about. */
  methodology: string
  /** Asks again when the draft has changed. */
  version?: number
  answers?: Answers
  onAnswers?: (answers: Answers) => void
}) {
  const { t, i18n } = useTranslation()
  const nameOf = useNames(useMethodology(methodology))
  const found = useQuery({
    queryKey: ['check-findings', path, version],
    queryFn: () => getJson<ListPage<CheckFinding>>(`${path}/findings`),
    retry: false,
  })
  if (found.isError) return <Problem error={found.error} onRetry={() => void found.refetch()} />
  if (found.data === undefined) return <p role="status">{t('shell.loading')}</p>
  if (found.data.items.length === 0) return <p className="note">{t('report:checks.none')}</p>
  return found.data.items.map((finding) => {
    const { rule, subject, severity, months, source, answer } = finding
    const own = answers?.find(([of, about]) => of === rule && about === subject)?.[2] ?? ''
    const change = (text: string) => {
      const others = (answers ?? []).filter(([of, about]) => of !== rule || about !== subject)
      onAnswers?.(text === '' ? others : [...others, [rule, subject, text]])
    }
    return (
      <section key={`${rule} ${subject} ${months.join()}`} className={severity === 'hold' ? 'note failed' : 'note'}>
        <p>
          <strong>{subject.split(SIGNS).map(nameOf).join('')}</strong> · {textsIn(finding, i18n.language)}
        </p>
        <p className="small muted">
          {[
            t(`report:checks.severity.${severity}`),
            monthsText(months),
            `${source.document} ${source.article ?? ''}`.trim(),
          ]
            .filter((part) => part !== '')
            .join(' · ')}
        </p>
        {onAnswers === undefined ? (
          answer !== null && <blockquote>{answer}</blockquote>
        ) : (
          <label className="field">
            <span>{t('report:checks.answer')}</span>
            <textarea rows={2} value={own} onChange={(event) => change(event.target.value)} />
          </label>
        )}
      </section>
    )
  })
}

/** Months in a row by the first and the last of them. */
function monthsText(months: readonly string[]): string {
  const runs: string[][] = []
  for (const month of [...months].sort()) {
    const run = runs.at(-1)
    if (run !== undefined && monthNumber(run.at(-1)) + 1 === monthNumber(month)) run.push(month)
    else runs.push([month])
  }
  return runs.map((run) => (run.length < 3 ? run.join(', ') : `${run[0]} – ${run.at(-1)}`)).join(', ')
}

/** `2025-03` as a count of months. */
function monthNumber(month = ''): number {
  const [year, ofYear] = month.split('-').map(Number)
  return 12 * (year ?? 0) + (ofYear ?? 0)
}
