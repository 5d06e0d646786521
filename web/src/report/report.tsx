import {
  packagedReport,
  programOf,
  type Report,
  type ReportInput,
  recalculate,
  type TraceNode,
} from '@tanlian/accounting'
import { decodeReportPackage, toHex } from '@tanlian/evidence'
import { periodOf } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { textsIn } from '../dataset/texts.ts'
import { searchOf } from '../evidence/filter.ts'
import { formatBytes, formatMoment } from '../format.ts'
import { writtenText } from '../methodology/figure.ts'
import { Why, wordsOf } from '../methodology/why.tsx'
import { OrganizationLink } from '../organization/organization-link.tsx'
import { saveFile } from '../save-file.ts'
import { getBytes, getJson } from '../service.ts'
import { Page } from '../shell/page.tsx'
import { Problem } from '../shell/problem.tsx'
import { type Column, Table } from '../shell/table.tsx'
import type { ReportRecord } from './record.ts'
import { ReportCheck } from './report-check.tsx'
import { StageWord } from './stage-word.tsx'
import './texts.ts'

/**
 * A report for everybody (公开报告): what it says, done again whole in this browser, and every figure opened down to the readings behind it.
 * The platform's word counts for nothing here but the time of day.
 */
export function ReportPage() {
  const { t } = useTranslation()
  const { cid } = useParams({ strict: false }) as { cid: string }
  const record = useQuery({
    queryKey: ['report', cid],
    queryFn: () => getJson<ReportRecord>(`/v1/reports/${cid}`),
    retry: 1,
  })
  const pack = useQuery({
    queryKey: ['report', cid, 'package'],
    queryFn: () => getBytes(`/v1/reports/${cid}/package`),
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  const { data } = record
  return (
    <Page
      title={data === undefined ? t('report:one') : t('report:titleOf', { subject: data.subject, period: data.period })}
      lead={data === undefined ? undefined : <Head record={data} />}
      actions={
        pack.data === undefined ? undefined : (
          <button type="button" onClick={() => saveFile(`${cid}.car`, 'application/vnd.ipld.car', pack.data)}>
            {t('report:download', { bytes: formatBytes(pack.data.length) })}
          </button>
        )
      }
    >
      {(record.isPending || pack.isPending) && <p role="status">{t('shell.loading')}</p>}
      {record.isError && <Problem error={record.error} onRetry={() => void record.refetch()} />}
      {pack.isError && <Problem error={pack.error} onRetry={() => void pack.refetch()} />}
      {pack.data !== undefined && (
        <>
          <ReportCheck cid={cid} bytes={pack.data} />
          <Figures bytes={pack.data} />
        </>
      )}
    </Page>
  )
}

function Head({ record }: { record: ReportRecord }) {
  const { t } = useTranslation()
  return (
    <span className="row">
      <OrganizationLink id={record.organization} />
      <StageWord stage={record.stage} />
      <span>{t('report:submitted', { time: formatMoment(Date.parse(record.submitted) / 1000) })}</span>
      {record.correctedBy !== null && (
        <Link to="/reports/$cid" params={{ cid: record.correctedBy }} search={{}}>
          {t('report:correctedBy')}
        </Link>
      )}
      {record.corrects !== null && (
        <Link to="/reports/$cid" params={{ cid: record.corrects }} search={{}}>
          {t('report:correctsOther')}
        </Link>
      )}
    </span>
  )
}

/** Results and inputs, computed here from the package; a tap on a result opens why it is so. */
function Figures({ bytes }: { bytes: Uint8Array }) {
  const { t, i18n } = useTranslation()
  const [asked, setAsked] = useState<string>()
  const made = useMemo(() => attempt(bytes), [bytes])
  if (made instanceof Error) return <Problem error={made} />
  const { report, again, organization } = made
  const { methodology } = again.outcome.program
  const nameOf = (name: string) =>
    textsIn(wordsOf(methodology, name.replace(/\.remainder$/, '')) ?? { zh: name, en: name }, i18n.language)
  type Line = (typeof again.outputs)[number] & { readonly at: number }
  const lines: readonly Line[] = again.outputs.map((line, at) => Object.assign([...line], { at }) as unknown as Line)
  const columns: readonly Column<Line>[] = [
    {
      head: t('methodology:output.name'),
      lead: true,
      cell: ([name]) => (name.endsWith('.remainder') ? t('report:remainder', { of: nameOf(name) }) : nameOf(name)),
    },
    {
      head: t('methodology:output.value'),
      number: true,
      cell: ([, value, unit]) => `${writtenText(value)} ${unit === '1' ? '' : unit}`,
    },
    {
      head: t('methodology:why.title'),
      quiet: true,
      cell: ([name]) =>
        name.endsWith('.remainder') ? null : (
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
  ]
  const tops = asked === undefined ? [] : (again.trace.outputs.get(asked) ?? [])
  return (
    <>
      <h2 className="part">{t('report:results')}</h2>
      <p className="small muted">
        <Link to="/methodologies/$id" params={{ id: methodology.id }} search={{}}>
          {textsIn(methodology.name, i18n.language)} {methodology.version}
        </Link>{' '}
        · <code>{methodology.cid.toString()}</code>
      </p>
      <Table label={t('report:results')} columns={columns} rows={lines} keyOf={({ at }) => at} />
      {asked !== undefined && (
        <section className="sheet">
          <h3>{nameOf(asked)}</h3>
          <Why
            tops={tops}
            methodology={methodology}
            evidenceOf={(node) => <Evidence organization={organization} report={report} node={node} />}
          />
        </section>
      )}
      <h2 className="part">{t('report:inputs')}</h2>
      <Inputs
        organization={organization}
        report={report}
        nameOf={nameOf}
        unitOf={(name) => methodology.inputs.find((one) => one.name === name)?.unit?.text ?? ''}
      />
    </>
  )
}

/** What was measured, analysed or entered, with where each is from. */
function Inputs({
  organization,
  report,
  nameOf,
  unitOf,
}: {
  organization: number
  report: Report
  nameOf: (name: string) => string
  unitOf: (name: string) => string
}) {
  const { t } = useTranslation()
  const columns: readonly Column<ReportInput>[] = [
    {
      head: t('report:input'),
      lead: true,
      cell: ({ name, group, row }) =>
        `${nameOf(name)}${group === null ? '' : ` · ${t('methodology:why.row', { row: row + 1 })}`}`,
    },
    {
      head: t('methodology:output.value'),
      number: true,
      cell: ({ name, value }) =>
        unitOf(name) === '' ? value : `${writtenText(value)} ${unitOf(name) === '1' ? '' : unitOf(name)}`,
    },
    {
      head: t('report:from'),
      cell: (input) => <InputOrigin organization={organization} report={report} input={input} />,
    },
  ]
  return (
    <Table
      label={t('report:inputs')}
      columns={columns}
      rows={report.inputs}
      keyOf={({ name, group, row }) => `${group}/${row}/${name}`}
    />
  )
}

/** What stands behind an input of the trace. */
function Evidence({ organization, report, node }: { organization: number; report: Report; node: TraceNode }) {
  const input = report.inputs.find(
    ({ name, group, row }) => name === node.name && (group === null ? undefined : row) === node.row,
  )
  return input === undefined ? null : <InputOrigin organization={organization} report={report} input={input} />
}

/** Where a value is from: a total leads to its proof, a document to its block. */
function InputOrigin({ organization, report, input }: { organization: number; report: Report; input: ReportInput }) {
  const { t } = useTranslation()
  const { origin } = input
  switch (origin.kind) {
    case 'total': {
      const type = toHex(origin.type)
      const search = searchOf({
        organization,
        types: [type.slice(0, 6)],
        streams: origin.streams ?? [],
        from: periodOf(origin.from, 'day', report.zone),
        through: periodOf(origin.to - 1, 'day', report.zone),
        zone: report.zone,
        mode: 'total',
      })
      return (
        <Link to="/trace" search={search}>
          {t('report:origin.total')}
        </Link>
      )
    }
    case 'analysis':
    case 'voucher':
      return (
        <Link to="/batches/$cid" params={{ cid: origin.document.toString() }} search={{}}>
          {t(`report:origin.${origin.kind}`)}
        </Link>
      )
    case 'choice':
      return <span>{t('report:origin.choice')}</span>
    case 'manual':
      return (
        <span>
          <span className="status unchecked">{t('report:origin.manual')}</span> {origin.reason}
        </span>
      )
  }
}

function attempt(bytes: Uint8Array) {
  try {
    const pack = decodeReportPackage(bytes)
    const report = packagedReport(pack)
    const [methodology, ...factors] = pack.blocks.map((block) => block.bytes)
    const program = programOf(methodology ?? new Uint8Array(), factors)
    return { report, organization: pack.organization, again: recalculate(program, report) }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
