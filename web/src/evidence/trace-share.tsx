import { kindInfo, openCar, type Verdict } from '@tanlian/evidence'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { renderSVG } from 'uqr'
import { formatBytes, formatShare, shorten } from '../format.ts'
import { saveFile } from '../save-file.ts'
import { getJson } from '../service.ts'
import type { TraceFilter } from './filter.ts'
import { kindName } from './kind-name.ts'
import { csvOf } from './table-file.ts'

/** What can be taken away from a trace: the link, the evidence package, a table; and how little had to move for it. */
export function TraceShare({ verdict, bytes, filter }: { verdict: Verdict; bytes: Uint8Array; filter: TraceFilter }) {
  const { t } = useTranslation()
  const [copied, setCopied] = useState(false)
  const cid = useMemo(() => openCar(bytes).header.cid.toString(), [bytes])
  const whole = useWhole(filter.organization, verdict)
  const link = location.href
  const code = `data:image/svg+xml,${encodeURIComponent(renderSVG(link, { border: 2 }))}`
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
        <a className="button" href="/check">
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
          {whole === undefined
            ? formatBytes(bytes.length)
            : t('trace.share.movedOf', {
                moved: formatBytes(bytes.length),
                whole: formatBytes(whole),
                share: formatShare(bytes.length, whole),
              })}
        </dd>
      </dl>
      <details>
        <summary>{t('trace.share.code')}</summary>
        <img src={code} alt={t('trace.share.codeAlt')} width="180" height="180" className="qr" />
        <p className="small mono">{link}</p>
      </details>
    </section>
  )
}

/** Bytes of all batches that were asked, as the organization uploaded them. */
function useWhole(organization: number, verdict: Verdict): number | undefined {
  const [whole, setWhole] = useState<number | undefined>(undefined)
  useEffect(() => {
    const first = verdict.batches.asked[0]
    const last = verdict.batches.asked.at(-1)
    if (first === undefined || last === undefined) return
    const asked = new Set(verdict.batches.asked)
    let stopped = false
    const sum = async () => {
      let bytes = 0
      for (let after = first - 1; after < last; ) {
        const page = await getJson<{ items: readonly { sequence: number; bytes?: number }[] }>(
          `/v1/organizations/${organization}/entries?kind=1&limit=200&after=${after}`,
        )
        if (page.items.length === 0) break
        for (const entry of page.items) if (asked.has(entry.sequence)) bytes += entry.bytes ?? Number.NaN
        after = page.items.at(-1)?.sequence ?? last
      }
      if (!stopped && Number.isFinite(bytes)) setWhole(bytes)
    }
    // The comparison is an extra: where the list does not answer, only the bytes moved are shown.
    sum().catch(() => undefined)
    return () => {
      stopped = true
    }
  }, [organization, verdict])
  return whole
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
