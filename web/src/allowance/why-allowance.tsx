import { calculate, type Origin, type TraceNode, traceOf } from '@tanlian/accounting'
import { loadProgram } from '@tanlian/accounting/library'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { Why, wordsOf } from '../methodology/why.tsx'
import { Problem } from '../shell/problem.tsx'
import type { Estimate, PositionPlant } from './record.ts'
import './texts.ts'

/** Why an expected figure is what it is: the rule is run again in this browser, down to its benchmarks and to the reports that were read. */
export default function WhyAllowance({
  rule,
  estimate,
  plants,
  asked,
}: {
  rule: string
  estimate: Estimate
  plants: readonly PositionPlant[]
  asked: string
}) {
  const { t, i18n } = useTranslation()
  const program = useQuery({
    queryKey: ['library', 'program', rule],
    queryFn: () => loadProgram(rule),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  // A row of the rule is a plant that has reports.
  const rows = plants.filter(({ basis }) => basis !== 'none')
  const trace = useMemo(() => {
    if (program.data === undefined) return undefined
    const told = plants.filter(({ basis }) => basis !== 'none')
    return traceOf(calculate(program.data, estimate.data), (name, row) => originOf(told, name, row))
  }, [program.data, estimate, plants])
  if (program.isError) return <Problem error={program.error} />
  if (program.data === undefined || trace === undefined) return <p role="status">{t('shell.loading')}</p>
  const { methodology } = program.data
  const words = wordsOf(methodology, asked)
  return (
    <section className="sheet sunk" aria-label={t('methodology:why.title')}>
      <h4>{words === undefined ? asked : textsIn(words, i18n.language)}</h4>
      <Why
        tops={trace.outputs.get(asked) ?? []}
        methodology={methodology}
        evidenceOf={(node) => <Behind node={node} plant={rows[node.row ?? 0]} />}
      />
    </section>
  )
}

/** What stands behind a value: the reports that it was read from, or the plant's own word. */
function Behind({ node: { origin, row }, plant }: { node: TraceNode; plant: PositionPlant | undefined }) {
  const { t } = useTranslation()
  if (origin?.kind !== 'voucher' || plant === undefined || row === undefined)
    return <span className="muted">{t(origin?.kind === 'choice' ? 'allowance:byYear' : 'allowance:stated')}</span>
  return (
    <span>
      {plant.subject}:{' '}
      {plant.reports.map(({ cid, period }, place) => (
        <span key={cid}>
          {place === 0 ? '' : ', '}
          <Link to="/reports/$cid" params={{ cid }} search={{}}>
            {period}
          </Link>
        </span>
      ))}
      {plant.months < 12 && ` · ${t('allowance:timesMonths', { months: plant.months })}`}
    </span>
  )
}

function originOf(plants: readonly PositionPlant[], name: string, row: number): Origin {
  if (name === 'year') return { kind: 'choice', reference: '' }
  const plant = plants[row]
  if (plant === undefined || plants.some(({ facts }) => Object.hasOwn(facts, name)))
    return { kind: 'manual', reference: name }
  return { kind: 'voucher', reference: plant.reports.map(({ cid }) => cid).join(' ') }
}
