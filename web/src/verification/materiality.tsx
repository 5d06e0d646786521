import { materialityOf } from '@tanlian/accounting'
import { formatNumber, parseRatio, type Ratio, roundRatioTo } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { locale } from '../format.ts'
import { SourceLine } from '../methodology/confidence.tsx'
import { unitText, writtenText } from '../methodology/figure.ts'
import { getJson } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import type { Recomputation } from './record.ts'
import './texts.ts'

/**
 * Whether what the verifier found is material (重要性): the reported total against the verifier's own figure, which begins as what the report comes to when it is
 * done again.
 */
export function Materiality({ report, reported }: { report: string; reported: readonly ReportedTotal[] }) {
  const { t, i18n } = useTranslation()
  const id = useId()
  const again = useQuery({
    queryKey: ['recomputation', report],
    queryFn: () => getJson<Recomputation>(`/v1/reports/${report}/recomputation`),
    retry: false,
  })
  const [own, setOwn] = useState<string>()
  const total = again.data?.outputs.find(({ role }) => role === 'total')
  const said = reported.find(({ name }) => name === total?.name)
  if (again.isError) return <Problem error={again.error} onRetry={() => void again.refetch()} />
  if (total === undefined || said === undefined) return null
  const figure = own ?? total.value
  const verified = attempt(figure)
  const found = verified === undefined ? undefined : materialityOf(parseRatio(said.value), verified)
  return (
    <>
      <h2 className="part">{t('verification:materiality.title')}</h2>
      <section className="sheet stack" data-material={String(found?.material)}>
        <p>{t('verification:materiality.reported', { name: textsIn(total, i18n.language), value: amount(said) })}</p>
        <div className="field">
          <label htmlFor={id}>{t('verification:materiality.own', { unit: unitText(total.unit) })}</label>
          <input id={id} inputMode="decimal" value={figure} onChange={(event) => setOwn(event.target.value.trim())} />
        </div>
        {found === undefined ? (
          <p className="note failed">{t('verification:materiality.number')}</p>
        ) : (
          <p role="status" className={found.material ? 'note failed' : 'note'}>
            {t(`verification:materiality.${found.material ? 'material' : 'immaterial'}`, {
              difference: `${rounded(found.difference)} ${unitText(total.unit)}`,
              percent: found.percent === undefined ? '–' : rounded(found.percent),
              threshold: found.threshold.percent,
            })}
          </p>
        )}
        {found !== undefined && (
          <p className="small muted">
            <SourceLine source={found.threshold.source} />
          </p>
        )}
      </section>
    </>
  )
}

/** A line as it was reported. */
export interface ReportedTotal {
  readonly name: string
  readonly value: string
  readonly unit: string
}

function amount({ value, unit }: ReportedTotal): string {
  return `${writtenText(value)} ${unitText(unit)}`
}

function attempt(text: string): Ratio | undefined {
  try {
    return parseRatio(text)
  } catch {
    return undefined
  }
}

function rounded(value: Ratio): string {
  return formatNumber(roundRatioTo(value, 2, 'half-even'), locale(), 2)
}
