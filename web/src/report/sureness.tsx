import {
  type Mark,
  marksOf,
  monteCarlo,
  type Outcome,
  type Propagated,
  propagate,
  type Quality,
  qualityOf,
  type ReportData,
  type Trace,
} from '@tanlian/accounting'
import { formatNumber, type Ratio, roundRatioTo } from '@tanlian/units'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { formatCount, locale } from '../format.ts'
import { unitText } from '../methodology/figure.ts'
import { wordsOf } from '../methodology/why.tsx'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import './texts.ts'

/** Draws of one simulation: enough for two digits of an interval, and done within a second or two. */
const DRAWS = 1000
/** Values named as what makes an interval wide. */
const NAMED = 5

/** A total with how sure it is. */
interface Sure {
  readonly name: string
  readonly unit: string
  readonly uncertain: Propagated | undefined
  readonly quality: Quality
}

/**
 * How sure the totals of a report are, computed here: the 95 % interval (不确定性), the quality of the data behind them (数据质量评分), and what must be told of
 * their values: fallbacks, defaults, what nobody compared with its source.
 * @param seed of the draws, so that everybody who asks gets the same digits
 */
export function Sureness({
  outcome,
  trace,
  data,
  seed,
}: {
  outcome: Outcome
  trace: Trace
  data: ReportData
  seed: string
}) {
  const { t } = useTranslation()
  const made = useMemo(() => attempt(outcome, trace, data), [outcome, trace, data])
  const nameOf = useNames(outcome)
  if (made instanceof Error) return <Problem error={made} />
  const { totals, marks } = made
  const [first] = totals
  return (
    <>
      <h2 className="part">{t('report:sure.title')}</h2>
      <p className="small muted">{t('report:sure.lead')}</p>
      <Table
        label={t('report:sure.title')}
        columns={[
          { head: t('methodology:output.name'), lead: true, cell: ({ name }) => nameOf(name) },
          {
            head: t('report:sure.interval'),
            number: true,
            cell: ({ uncertain, unit }) =>
              uncertain === undefined
                ? t('report:sure.none')
                : `${rounded(uncertain.value)} ± ${rounded(uncertain.halfWidth)} ${unitText(unit)} (± ${rounded(uncertain.percent)} %)`,
          },
          {
            head: t('report:sure.quality'),
            hint: t('report:sure.qualityHint'),
            number: true,
            cell: ({ quality }) => t('report:sure.score', { score: rounded(quality.score) }),
          },
        ]}
        rows={totals}
        keyOf={({ name }) => name}
      />
      {first?.uncertain !== undefined && <Shares uncertain={first.uncertain} nameOf={nameOf} />}
      {first?.uncertain !== undefined && (
        <Draws key={seed} outcome={outcome} data={data} total={first} seed={seed} nameOf={nameOf} />
      )}
      {first !== undefined && <Weakest quality={first.quality} nameOf={nameOf} />}
      <Marks marks={marks} nameOf={nameOf} />
    </>
  )
}

type NameOf = (name: string) => string

function Shares({ uncertain: { shares }, nameOf }: { uncertain: Propagated; nameOf: NameOf }) {
  const { t } = useTranslation()
  const most = [...shares]
    .filter(({ percent }) => percent.numerator > 0n)
    .sort((a, b) => Number(rounding(b.percent) - rounding(a.percent)))
    .slice(0, NAMED)
  if (most.length === 0) return null
  return (
    <p className="small">
      {t('report:sure.shares')}{' '}
      {most
        .map(({ of, row, percent }) =>
          t('report:sure.share', {
            name: row === undefined ? nameOf(of) : `${nameOf(of)} · ${t('methodology:why.row', { row: row + 1 })}`,
            percent: rounded(percent),
          }),
        )
        .join('; ')}
    </p>
  )
}

/** The same interval by drawing at random (蒙特卡罗), on demand: it takes a moment. */
function Draws({
  outcome: { program },
  data,
  total: { name, unit },
  seed,
  nameOf,
}: {
  outcome: Outcome
  data: ReportData
  total: Sure
  seed: string
  nameOf: NameOf
}) {
  const { t } = useTranslation()
  const [drawn, setDrawn] = useState<ReturnType<typeof monteCarlo>>()
  const count = formatCount(DRAWS)
  if (drawn === undefined)
    return (
      <p>
        <button type="button" onClick={() => setDrawn(monteCarlo(program, data, name, { seed, draws: DRAWS }))}>
          {t('report:sure.draw', { count })}
        </button>
      </p>
    )
  return (
    <p role="status" data-testid="drawn">
      {t('report:sure.drawn', {
        ...{ count, name: nameOf(name), unit },
        ...{ mean: rounded(drawn.mean), low: rounded(drawn.low), high: rounded(drawn.high) },
      })}
    </p>
  )
}

/** The lines of emissions that rest on the weakest values. */
function Weakest({ quality: { lines }, nameOf }: { quality: Quality; nameOf: NameOf }) {
  const { t } = useTranslation()
  const worst = lines.reduce((most, { grade }) => Math.max(most, grade), 1)
  const names = new Set(
    lines.filter(({ grade }) => grade === worst).flatMap((line) => line.worst.map(({ name }) => nameOf(name))),
  )
  if (worst === 1) return null
  return (
    <p className="small">{t('report:sure.weakest', { grade: worst, names: [...names].slice(0, NAMED).join(' · ') })}</p>
  )
}

function Marks({ marks, nameOf }: { marks: readonly Mark[]; nameOf: NameOf }) {
  const { t } = useTranslation()
  if (marks.length === 0) return null
  return (
    <ul className="plain-list small">
      {(['fallback', 'default', 'unverified'] as const).map((mark) => {
        const names = marks.filter((one) => one.mark === mark).map(({ parameter }) => nameOf(parameter))
        if (names.length === 0) return null
        return (
          <li key={mark}>
            <span className="status unchecked">{t(`report:sure.mark.${mark}`)}</span> {names.join(' · ')}
          </li>
        )
      })}
    </ul>
  )
}

function attempt(outcome: Outcome, trace: Trace, data: ReportData) {
  const { program } = outcome
  const { methodology } = program
  try {
    const totals = methodology.outputs
      .filter(({ role }) => role === 'total')
      .map(({ equation }): Sure => {
        const unit = methodology.equations.find(({ name }) => name === equation)?.unit.text ?? ''
        const uncertain = methodology.uncertainty.length === 0 ? undefined : propagate(program, data, equation)
        return { name: equation, unit, uncertain, quality: qualityOf(trace, equation) }
      })
    return { totals, marks: marksOf(outcome) }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function useNames({ program }: Outcome): NameOf {
  const { i18n } = useTranslation()
  return (name) => textsIn(wordsOf(program.methodology, name) ?? { zh: name, en: name }, i18n.language)
}

function rounded(value: Ratio): string {
  return formatNumber(roundRatioTo(value, 2, 'half-even'), locale(), 2)
}

/** Hundredths, to be compared. */
function rounding(value: Ratio): bigint {
  return (value.numerator * 100n) / value.denominator
}
