import { TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { SourceLine } from '../methodology/confidence.tsx'
import { unitText, writtenText } from '../methodology/figure.ts'
import { Problem } from '../shell/problem.tsx'
import { useSession } from '../shell/session.ts'
import { Table } from '../shell/table.tsx'
import { type EstimateLine, listPositions, type Position, type PositionPlant } from './record.ts'
import { surplusOf } from './surplus.ts'
import './texts.ts'

/** What a reader of the reason needs travels when somebody asks for it. */
const WhyAllowance = lazy(() => import('./why-allowance.tsx'))

/**
 * Expected surplus or deficit of allowances (预计配额盈缺), a card for each sector: always an estimate. For the organization, regulators and verifiers of
 * its reports; for others the platform tells nothing, and nothing is shown.
 */
export function Allowances({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const someone = (useSession().data?.organizations.length ?? 0) > 0
  const found = useQuery({
    queryKey: ['allowances', organization],
    queryFn: () => listPositions(organization),
    enabled: someone,
    retry: false,
  })
  if (!someone || (found.error instanceof TanlianError && found.error.code === 'E_NOT_FOUND')) return null
  return (
    <>
      <h2 className="part">{t('allowance:title')}</h2>
      {found.isError && <Problem error={found.error} onRetry={() => void found.refetch()} />}
      {found.data?.length === 0 && <p className="note">{t('allowance:noSector')}</p>}
      <div className="stack">
        {found.data?.map((position) => (
          <PositionCard key={position.sector} position={position} />
        ))}
      </div>
    </>
  )
}

function PositionCard({ position }: { position: Position }) {
  const { t, i18n } = useTranslation()
  const { sector, year, rule, plants, soFar, projected, problem } = position
  const [asked, setAsked] = useState<string>()
  const title = t('allowance:of', { sector: t(`methodology:sector.${sector}`, sector), year })
  const isWhole = plants.every(({ basis, months }) => basis === 'none' || months === 12)
  const silent = plants.filter(({ basis }) => basis === 'none')
  const surplus = projected === null ? undefined : surplusOf(projected)
  const valueIn = (lines: readonly EstimateLine[] | undefined, of: string) => {
    const line = lines?.find(({ name }) => name === of)
    return line === undefined ? '–' : `${writtenText(line.value)} ${unitText(line.unit)}`
  }
  return (
    <section className="sheet stack" aria-label={title} data-testid={`allowance-${sector}`}>
      <div className="row">
        <h3>{title}</h3>
        <span className="status unchecked">{t('allowance:estimate')}</span>
        {rule?.state === 'draft' && <span className="status unchecked">{t('allowance:draft')}</span>}
      </div>
      {surplus !== undefined && (
        <p className="figure">
          <b>{surplus.text}</b>
          <span>
            {t(`allowance:standing.${surplus.standing}`)}
            {isWhole ? '' : ` · ${t('allowance:projected', { months: monthsOf(plants) })}`}
          </span>
        </p>
      )}
      {problem !== null && <Problem error={new TanlianError(problem.code, problem.message)} />}
      {problem === null && projected === null && rule !== null && (
        <p className="note">{t('allowance:noReports', { year })}</p>
      )}
      {projected !== null && (
        <Table
          label={title}
          columns={[
            { head: t('allowance:what'), lead: true, cell: (line) => textsIn(line, i18n.language) },
            ...(isWhole
              ? []
              : [
                  {
                    head: t('allowance:soFar', { months: monthsOf(plants) }),
                    number: true,
                    cell: ({ name }: EstimateLine) => valueIn(soFar?.lines, name),
                  },
                ]),
            {
              head: t(isWhole ? 'allowance:whole' : 'allowance:year'),
              number: true,
              cell: ({ name }) => valueIn(projected.lines, name),
            },
            {
              head: t('methodology:why.title'),
              quiet: true,
              cell: ({ name }) => (
                <button
                  type="button"
                  className="plain"
                  aria-expanded={asked === name}
                  onClick={() => setAsked(asked === name ? undefined : name)}
                >
                  {t('methodology:why.ask')}
                </button>
              ),
            },
          ]}
          rows={projected.lines}
          keyOf={({ name }) => name}
        />
      )}
      {asked !== undefined && rule !== null && projected !== null && (
        <Suspense fallback={<p role="status">{t('shell.loading')}</p>}>
          <WhyAllowance rule={rule.cid} estimate={projected} plants={plants} asked={asked} />
        </Suspense>
      )}
      {projected?.checks.map((check) => (
        <p key={check.name} className="note">
          {textsIn(check, i18n.language)}
        </p>
      ))}
      {projected !== null && projected.unverified.length > 0 && (
        <p className="status unchecked">{t('allowance:unverified')}</p>
      )}
      {silent.length > 0 && projected !== null && (
        <p className="note">
          {t('allowance:silent', { subjects: silent.map(({ subject }) => subject).join(', '), year })}
        </p>
      )}
      {rule !== null && (
        <p className="small muted">
          {t('allowance:means')} {t('allowance:rule')}{' '}
          <Link to="/methodologies/$id" params={{ id: rule.cid }} search={{}}>
            {textsIn(rule, i18n.language)}
          </Link>{' '}
          · <SourceLine source={rule.source} />
        </p>
      )}
    </section>
  )
}

/** Months that the plants with the fewest have; those without any stand for themselves. */
function monthsOf(plants: readonly PositionPlant[]): number {
  return Math.min(...plants.filter(({ basis }) => basis !== 'none').map(({ months }) => months))
}
