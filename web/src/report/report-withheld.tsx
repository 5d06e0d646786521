import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Problem } from '../shell/problem.tsx'
import { AnswerSign } from '../shell/status.tsx'
import { Withheld } from '../shell/withheld.tsx'
import { isSame, madeOfBlocks } from './made.ts'
import { MadeFigures } from './report-figures.tsx'

/** A report whose totals its owner has not published: the calculation is done again from the public blocks, and what cannot be checked is said. */
export function ReportWithheld({ cid }: { cid: string }) {
  const { t } = useTranslation()
  const made = useQuery({
    queryKey: ['report', cid, 'blocks'],
    queryFn: () => madeOfBlocks(cid),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  if (made.isPending) return <p role="status">{t('shell.loading')}</p>
  if (made.isError) return <Problem error={made.error} onRetry={() => void made.refetch()} />
  const same = isSame(made.data)
  const lines = [
    { name: 'document', ok: true },
    { name: same ? 'calculation' : 'difference', ok: same },
    { name: 'totals', ok: null },
  ] as const
  return (
    <>
      <Withheld>
        <ul className="verdict-lines">
          {lines.map(({ name, ok }) => (
            <li key={name} data-ok={String(ok)}>
              <div className="summary">
                <span className={`status ${ok === null ? 'unchecked' : ok ? 'verified' : 'failed'}`}>
                  <AnswerSign ok={ok} />
                </span>
                <span className="line-title">{t(`report:withheld.${name}.title`)}</span>
                <span className="line-detail">{t(`report:withheld.${name}.detail`)}</span>
              </div>
            </li>
          ))}
        </ul>
      </Withheld>
      <MadeFigures made={made.data} />
    </>
  )
}
