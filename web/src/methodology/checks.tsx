import type { Rule, RuleSet } from '@tanlian/accounting'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { locale } from '../format.ts'
import { SourceLine } from './confidence.tsx'
import { useMethodologyKnowing, useNames } from './names.ts'

/** Numbers of a rule that are shares of something: a person reads them in per cent. */
const SHARES = new Set(['tolerance', 'lean', 'floor', 'change', 'chance'])
const UNITS: Readonly<Record<string, string>> = { hours: 'hour', days: 'day', months: 'month', leanMonths: 'month' }

/** The rules of a set of cross-checks (核对规则集): what each asks, what it compares within which bounds, how grave it is and where it is from. */
export function Checks({ checks }: { checks: RuleSet }) {
  const { t, i18n } = useTranslation()
  const named = [...new Set(checks.rules.flatMap(({ names }) => Object.values(names).flat()))]
  const nameOf = useNames(useMethodologyKnowing(named))
  return (
    <>
      <p className="note">{t('methodology:shipped.checks.lead')}</p>
      {checks.rules.map((rule) => (
        <section key={rule.id} className="sheet stack" data-rule={rule.id}>
          <div className="row between">
            <h2>{textsIn(rule.words, i18n.language).replaceAll(/\{[a-z]+\}/gi, '…')}</h2>
            <span
              className={rule.severity === 'hold' ? 'status failed' : 'status'}
              title={t(`methodology:checks.severity.${rule.severity}.means`)}
            >
              {t(`methodology:checks.severity.${rule.severity}.word`)}
            </span>
          </div>
          <p>{t(`methodology:checks.test.${rule.test}`)}</p>
          <Parameters rule={rule} nameOf={nameOf} />
          <p className="small muted">
            <SourceLine source={rule.source} /> · <code>{rule.id}</code>
          </p>
        </section>
      ))}
    </>
  )
}

/** What a rule looks at, and its bounds. */
function Parameters({ rule: { names, numbers }, nameOf }: { rule: Rule; nameOf: (name: string) => string }) {
  const { t } = useTranslation()
  return (
    <dl className="facts">
      {Object.entries(names).map(([key, list]) => (
        <Fragment key={key}>
          <dt>{t(`methodology:checks.parameter.${key}`)}</dt>
          <dd>{list.map(nameOf).join(' · ')}</dd>
        </Fragment>
      ))}
      {Object.entries(numbers).map(([key, value]) => (
        <Fragment key={key}>
          <dt>{t(`methodology:checks.parameter.${key}`)}</dt>
          <dd>{boundText(key, value)}</dd>
        </Fragment>
      ))}
    </dl>
  )
}

function boundText(key: string, value: number): string {
  const unit = UNITS[key]
  if (unit !== undefined)
    return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(value)
  return new Intl.NumberFormat(locale(), {
    maximumSignificantDigits: 6,
    ...(SHARES.has(key) ? { style: 'percent' } : {}),
  }).format(value)
}
