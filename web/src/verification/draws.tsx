import { askStatement } from '@tanlian/sdk'
import { periodWindow } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatCount, formatMoment, formatWindow } from '../format.ts'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { SignBox } from '../report/sign-box.tsx'
import { client, getJson, type Page as ListPage } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Table } from '../shell/table.tsx'
import type { DrawRecord, Pair } from './record.ts'

/** How verifiers are drawn (随机抽取): announced before the block that decides, drawn from the log's root there. A regulator announces and assigns. */
export function Draws({ regulator }: { regulator: number | undefined }) {
  const { t } = useTranslation()
  const draws = useQuery({
    queryKey: ['draws'],
    queryFn: () => getJson<ListPage<DrawRecord>>('/v1/draws'),
    staleTime: 10_000,
  })
  return (
    <>
      <h2 className="part">{t('verification:draws')}</h2>
      <p className="small muted">{t('verification:drawsLead')}</p>
      {regulator !== undefined && <Announce regulator={regulator} onDone={() => void draws.refetch()} />}
      {draws.isError && <Problem error={draws.error} onRetry={() => void draws.refetch()} />}
      {draws.data?.items.length === 0 && <p className="note">{t('verification:noDraws')}</p>}
      {draws.data?.items.map((draw) => (
        <section key={draw.cid} className="sheet stack">
          <h3>{formatWindow(draw.from, draw.to)}</h3>
          <p className="small">
            {t('verification:drawFacts', {
              block: formatCount(draw.block),
              size: draw.size === null ? '–' : formatCount(draw.size),
              candidates: formatCount(draw.candidates.length),
              due: formatMoment(draw.due),
            })}{' '}
            <code>{draw.cid}</code>
          </p>
          <Pairs pairs={draw.assignment?.assigned ?? draw.drawn ?? []} />
          {draw.assignment === null && draw.drawn !== null && draw.organization === regulator && (
            <SignBox
              organization={regulator}
              label={t('verification:assign')}
              summary={t('verification:assignSummary', { count: draw.drawn.length })}
              note={`assignment/${draw.cid}`}
              prepare={() => askStatement(client, 'assignment', `/v1/draws/${draw.cid}/assignment-content`)}
              onLogged={() => void draws.refetch()}
            />
          )}
        </section>
      ))}
    </>
  )
}

function Pairs({ pairs }: { pairs: readonly Pair[] }) {
  const { t } = useTranslation()
  if (pairs.length === 0) return <p>{t('verification:notDrawn')}</p>
  return (
    <Table
      label={t('verification:pairs')}
      columns={[
        {
          head: t('verification:enterprise'),
          lead: true,
          cell: ({ enterprise }) => <OrganizationLink id={enterprise} />,
        },
        { head: t('verification:verifier'), cell: ({ verifier }) => <OrganizationLink id={verifier} /> },
      ]}
      rows={pairs}
      keyOf={({ enterprise }) => enterprise}
    />
  )
}

/** Announces a draw for a year. */
function Announce({ regulator, onDone }: { regulator: number; onDone: () => void }) {
  const { t } = useTranslation()
  const [year, setYear] = useState(String(new Date().getFullYear() - 1))
  const [due, setDue] = useState(`${new Date().getFullYear()}-12-31`)
  const prepare = () => {
    const { from, to } = periodWindow(year)
    const query = new URLSearchParams({ from: String(from), to: String(to), due: String(periodWindow(due).to) })
    return askStatement(client, 'draw', `/v1/organizations/${regulator}/draw-content?${query}`)
  }
  return (
    <details className="sheet">
      <summary>{t('verification:announce')}</summary>
      <div className="grid">
        <label className="field">
          <span>{t('verification:year')}</span>
          <input pattern="\d{4}" value={year} onChange={(event) => setYear(event.target.value.trim())} />
        </label>
        <label className="field">
          <span>{t('verification:due')}</span>
          <input type="date" value={due} onChange={(event) => setDue(event.target.value)} />
        </label>
      </div>
      <SignBox
        organization={regulator}
        label={t('verification:announceSign')}
        summary={t('verification:announceSummary', { year })}
        note={`draw/${year}`}
        prepare={prepare}
        onLogged={onDone}
      />
    </details>
  )
}
