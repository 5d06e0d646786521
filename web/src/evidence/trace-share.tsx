import { kindInfo, openCar, type Verdict } from '@tanlian/evidence'
import { tracePath } from '@tanlian/sdk'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { renderSVG } from 'uqr'
import { formatBytes, formatCount, formatShare, shorten } from '../format.ts'
import { saveFile } from '../save-file.ts'
import { getJson, type Page } from '../service.ts'
import { type FilterStream, requestOf, type TraceFilter } from './filter.ts'
import { kindName } from './kind-name.ts'
import { csvOf } from './table-file.ts'

/** What can be taken away from a trace: the link, the evidence package, a table; and how little had to move for it. */
export function TraceShare({
  verdict,
  bytes,
  filter,
  streams,
}: {
  verdict: Verdict
  bytes: Uint8Array
  filter: TraceFilter
  streams: readonly FilterStream[]
}) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  const cid = useMemo(() => openCar(bytes).header.cid.toString(), [bytes])
  // The comparison is an extra: where the list does not answer, only the bytes moved are shown.
  const whole = useQuery({
    queryKey: ['whole', filter.organization, verdict.batches.all],
    queryFn: () => loadWhole(filter.organization),
  }).data
  const link = location.href
  // Whoever scans the code lands on the public page, which fetches this answer and checks it for itself.
  const check = `${location.origin}/check?package=${encodeURIComponent(tracePath(filter.organization, requestOf(filter, streams)))}`
  const code = `data:image/svg+xml,${encodeURIComponent(renderSVG(check, { border: 2 }))}`
  const name = `tanlian-${filter.organization}-${filter.from}-${filter.through}-${cid.slice(-8)}`
  return (
    <section className="sheet" aria-label={t('trace.share.title')}>
      <h2>{t('trace.share.title')}</h2>
      <div className="row">
        <button
          type="button"
          className="primary"
          onClick={() => saveFile(`${name}.car`, 'application/vnd.ipld.car', bytes)}
        >
          {t('trace.share.package')}
        </button>
        <button type="button" onClick={() => saveFile(`${name}.csv`, 'text/csv', csvOf(tableOf(verdict, cid)))}>
          {t('trace.share.csv')}
        </button>
        <button type="button" onClick={() => void navigator.clipboard.writeText(link).then(() => setCopied(true))}>
          {t(copied ? 'shell.copied' : 'trace.share.link')}
        </button>
        <a className="button" href={check}>
          {t('trace.share.check')}
        </a>
      </div>
      <dl className="facts">
        <dt>{t('trace.share.cid')}</dt>
        <dd>
          <code title={cid}>{shorten(cid, 12)}</code>
        </dd>
        <dt>{t('trace.share.moved')}</dt>
        <dd data-testid="moved">
          {whole === undefined || whole === null
            ? formatBytes(bytes.length)
            : t('trace.share.movedOf', {
                moved: formatBytes(bytes.length),
                whole: formatBytes(whole),
                batches: formatCount(verdict.batches.all),
                share: formatShare(bytes.length, whole),
              })}
        </dd>
      </dl>
      <details>
        <summary>{t('trace.share.code')}</summary>
        <img src={code} alt={t('trace.share.codeAlt')} width="180" height="180" className="qr" />
        <p className="small mono">{check}</p>
      </details>
    </section>
  )
}

/** Pages of entries that are added up; of an organization with more batches only the bytes moved are shown. */
const PAGES_MOST = 10

/** Bytes of all of an organization's batches as it uploaded them: what a reader would have to hold to be as sure without proofs. */
async function loadWhole(organization: number): Promise<number | null> {
  let bytes = 0
  let after: string | null = '0'
  for (let page = 0; after !== null; page++) {
    if (page === PAGES_MOST) return null
    const found: Page<{ bytes: number | null }> = await getJson(
      `/v1/organizations/${organization}/entries?kind=1&limit=200&after=${after}`,
    )
    for (const entry of found.items) bytes += entry.bytes ?? Number.NaN
    after = found.next
  }
  return Number.isFinite(bytes) ? bytes : null
}

/** Readings where they were opened, else the totals a batch; every row names the package that it can be checked with. */
function tableOf(verdict: Verdict, cid: string): (string | number)[][] {
  if (verdict.readings.length > 0) {
    return [
      ['package', 'batch', 'type', 'kind', 'stream', 'validity', 'start', 'seconds', 'quantity', 'unit'],
      ...verdict.readings.map((one) => [
        cid,
        one.sequence,
        hexOf(one.type),
        kindName(one.type),
        one.stream,
        one.validity,
        isoOf(one.start),
        one.seconds,
        one.quantity,
        unitOf(one.type),
      ]),
    ]
  }
  return [
    ['package', 'batch', 'type', 'kind', 'stream', 'validity', 'from', 'to', 'readings', 'seconds', 'quantity', 'unit'],
    ...verdict.series.map((one) => [
      cid,
      one.sequence,
      hexOf(one.type),
      kindName(one.type),
      one.stream,
      one.validity,
      isoOf(one.from),
      isoOf(one.to),
      one.count,
      one.seconds,
      one.quantity,
      unitOf(one.type),
    ]),
  ]
}

const hexOf = (type: number) => type.toString(16).padStart(6, '0')
const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000', '')

/** The unit of the integer in the table: a gauge's is its integral over time. */
function unitOf(type: number): string {
  const kind = kindInfo(type)
  return kind === undefined ? '' : kind.sort === 'gauge' ? `${kind.unit}·s` : kind.unit
}
