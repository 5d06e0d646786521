import { parseCid } from '@tanlian/evidence'
import type { Statement } from '@tanlian/sdk'
import { periodWindow } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment, formatWindow } from '../format.ts'
import { unitText } from '../methodology/figure.ts'
import { OrganizationLink, useOrganizationName } from '../organization/organization-link.tsx'
import { SignBox } from '../report/sign-box.tsx'
import { getJson, type Page as ListPage } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { useHasRole } from '../shell/session.ts'
import { type Column, Table } from '../shell/table.tsx'
import { AnalysisForm } from './analysis-form.tsx'
import type { SampleRecord } from './record.ts'
import './texts.ts'

const HOUR = 3600
const SHOWN = 100

/** Samples on their way (样品链): taken, sealed, handed over, received, analysed; each step logged where it happens, so none can be moved in time. */
export function SamplesPage() {
  const { t } = useTranslation()
  const { id } = useParams({ strict: false }) as { id: string }
  const organization = Number(id)
  const name = useOrganizationName(organization)
  const may = useHasRole(organization, 'editor')
  const isMember = useHasRole(organization, 'reader')
  const [chosen, setChosen] = useState<string>()
  const samples = useQuery({
    queryKey: ['samples', organization],
    queryFn: () => getJson<ListPage<SampleRecord>>(`/v1/organizations/${organization}/samples?limit=${SHOWN}`),
    enabled: isMember,
    retry: 1,
  })
  const again = () => void samples.refetch()
  const columns: readonly Column<SampleRecord>[] = [
    {
      head: t('laboratory:label'),
      lead: true,
      cell: (sample) => (
        <button type="button" className="plain" onClick={() => setChosen(sample.cid)}>
          {sample.label}
        </button>
      ),
    },
    { head: t('laboratory:material'), cell: ({ material }) => material },
    { head: t('laboratory:period'), cell: ({ from, to }) => formatWindow(from, to) },
    { head: t('laboratory:taken'), cell: ({ taken }) => formatMoment(taken) },
    { head: t('laboratory:state'), cell: ({ state }) => t(`laboratory:states.${state}`) },
    {
      head: t('laboratory:results'),
      cell: ({ analysis }) =>
        analysis === null
          ? '–'
          : analysis.results
              .map(({ name: of, value, unit }) => `${t(`laboratory:result.${of}`, of)} ${value} ${unitText(unit)}`)
              .join('; '),
    },
  ]
  const sample = samples.data?.items.find(({ cid }) => cid === chosen)
  return (
    <Page title={t('laboratory:title', { organization: name })} lead={t('laboratory:lead')}>
      {!isMember && (
        <p className="note">
          {t('laboratory:signIn')} <Link to="/sign-in">{t('shell.nav.signIn')}</Link>
        </p>
      )}
      {isMember && samples.isPending && <p role="status">{t('shell.loading')}</p>}
      {samples.isError && <Problem error={samples.error} onRetry={again} />}
      {samples.data?.items.length === 0 && <p className="note">{t('laboratory:none')}</p>}
      {samples.data !== undefined && samples.data.items.length > 0 && (
        <Table label={t('laboratory:samples')} columns={columns} rows={samples.data.items} keyOf={({ cid }) => cid} />
      )}
      {sample !== undefined && (
        <SampleWay key={sample.cid} organization={organization} sample={sample} may={may} onDone={again} />
      )}
      {may && <NewSample organization={organization} onDone={again} />}
    </Page>
  )
}

/** The way of one sample, and its next step for whoever is to take it. */
function SampleWay({
  organization,
  sample,
  may,
  onDone,
}: {
  organization: number
  sample: SampleRecord
  may: boolean
  onDone: () => void
}) {
  const { t } = useTranslation()
  const { handover, receipt, analysis } = sample
  const isOwner = sample.organization === organization
  const isLaboratory = handover?.laboratory === organization
  return (
    <section className="sheet stack">
      <h2>{sample.label}</h2>
      <ol className="way">
        <li>
          {t('laboratory:way.taken', { time: formatMoment(sample.taken), seal: sample.seal })} ·{' '}
          <OrganizationLink id={sample.organization} />
        </li>
        {handover !== null && (
          <li>
            {t('laboratory:way.handed', { time: formatMoment(handover.at) })} ·{' '}
            <OrganizationLink id={handover.laboratory} />
          </li>
        )}
        {receipt !== null && (
          <li>
            {t(receipt.intact ? 'laboratory:way.received' : 'laboratory:way.broken', {
              time: formatMoment(receipt.at),
            })}
          </li>
        )}
        {analysis !== null && (
          <li>
            {t('laboratory:way.analysed', { time: formatMoment(analysis.analysed), number: analysis.number })} ·{' '}
            <Link to="/batches/$cid" params={{ cid: analysis.cid }} search={{}}>
              {t('laboratory:inLog')}
            </Link>
          </li>
        )}
      </ol>
      {may && isOwner && handover === null && <HandOver organization={organization} sample={sample} onDone={onDone} />}
      {may && isLaboratory && handover !== null && receipt === null && (
        <SignBox
          organization={organization}
          label={t('laboratory:sign.receive')}
          summary={t('laboratory:sign.receiveSummary', { label: sample.label, seal: sample.seal })}
          note={`receipt/${handover.cid}`}
          prepare={async () => ({
            kind: 'receipt',
            content: { format: 'tanlian/sample-receipt/1', handover: parseCid(handover.cid), at: nowS(), intact: true },
            blocks: [],
          })}
          onLogged={onDone}
        />
      )}
      {may && isLaboratory && receipt !== null && analysis === null && (
        <AnalysisForm organization={organization} receipt={receipt.cid} onDone={onDone} />
      )}
    </section>
  )
}

function HandOver({
  organization,
  sample,
  onDone,
}: {
  organization: number
  sample: SampleRecord
  onDone: () => void
}) {
  const { t } = useTranslation()
  const [laboratory, setLaboratory] = useState('')
  const known = useQuery({
    queryKey: ['laboratories'],
    queryFn: () => getJson<ListPage<{ id: number; kind: string; name: string | null }>>('/v1/organizations?limit=1000'),
    staleTime: 60_000,
  })
  const laboratories = known.data?.items.filter(({ kind }) => kind === 'laboratory') ?? []
  const chosen = laboratory === '' ? String(laboratories[0]?.id ?? '') : laboratory
  if (laboratories.length === 0) return <p className="note">{t('laboratory:noLaboratory')}</p>
  return (
    <>
      <label className="field">
        <span>{t('laboratory:laboratory')}</span>
        <select value={chosen} onChange={(event) => setLaboratory(event.target.value)}>
          {laboratories.map(({ id, name }) => (
            <option key={id} value={id}>
              {name ?? id}
            </option>
          ))}
        </select>
      </label>
      <SignBox
        organization={organization}
        label={t('laboratory:sign.handOver')}
        summary={t('laboratory:sign.handOverSummary', { label: sample.label })}
        note={`handover/${sample.cid}`}
        prepare={async () => ({
          kind: 'handover',
          content: {
            format: 'tanlian/handover/1',
            sample: parseCid(sample.cid),
            laboratory: Number(chosen),
            at: nowS(),
          },
          blocks: [],
        })}
        onLogged={onDone}
      />
    </>
  )
}

/** A sample taken and sealed just now. */
function NewSample({ organization, onDone }: { organization: number; onDone: () => void }) {
  const { t } = useTranslation()
  const [label, setLabel] = useState('')
  const [material, setMaterial] = useState('')
  const [seal, setSeal] = useState('')
  const [month, setMonth] = useState(() => new Date(Date.now() + 8 * HOUR * 1000).toISOString().slice(0, 7))
  const prepare = async (): Promise<Statement> => {
    const { from, to } = periodWindow(month)
    const at = nowS()
    const content = {
      format: 'tanlian/sample/1',
      label,
      material,
      stream: null,
      period: [from, to],
      taken: at,
      sealed: at,
      seal,
    }
    return { kind: 'sample', content, blocks: [] }
  }
  return (
    <section className="sheet stack">
      <h2>{t('laboratory:new')}</h2>
      <div className="grid">
        <label className="field">
          <span>{t('laboratory:label')}</span>
          <input value={label} maxLength={120} onChange={(event) => setLabel(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('laboratory:material')}</span>
          <input value={material} maxLength={120} onChange={(event) => setMaterial(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('laboratory:month')}</span>
          <input type="month" value={month} onChange={(event) => setMonth(event.target.value)} />
        </label>
        <label className="field">
          <span>{t('laboratory:seal')}</span>
          <input value={seal} maxLength={120} onChange={(event) => setSeal(event.target.value)} />
        </label>
      </div>
      {label !== '' && material !== '' && seal !== '' && (
        <SignBox
          organization={organization}
          label={t('laboratory:sign.take')}
          summary={t('laboratory:sign.takeSummary', { label, seal })}
          note={`sample/${label}`}
          prepare={prepare}
          onLogged={() => {
            setLabel('')
            onDone()
          }}
        />
      )}
    </section>
  )
}

function nowS(): number {
  return Math.floor(Date.now() / 1000)
}
