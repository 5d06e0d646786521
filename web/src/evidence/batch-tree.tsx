import { checkProof, encodeKey, type Header, type Interval, toHex } from '@tanlian/evidence'
import { periodOf, periodWindow, TanlianError } from '@tanlian/units'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatCount } from '../format.ts'
import { getBytes } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Answer } from '../shell/status.tsx'
import { loadIndex } from './batch-blocks.tsx'
import { kindName } from './kind-name.ts'
import { drawProof } from './proof-tree.ts'
import { TreeDrawing } from './tree-drawing.tsx'

/** Hours shown before and after the middle of a batch. */
const AROUND = 3
const HOURS = Array.from({ length: 25 }, (_, hour) => hour)

/** The batch's tree for a question: one stream on one day; proven, checked here against the signed root, and drawn. */
export function BatchTree({ cid, header }: { cid: string; header: Header }) {
  const { t } = useTranslation()
  const index = useQuery({
    queryKey: ['index', header.data.toString()],
    queryFn: () => loadIndex(header),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const parts =
    index.data === undefined ? [] : [...new Set(index.data.chunks.map(([min]) => toHex(min.subarray(0, 8))))]
  const [part, setPart] = useState<string | undefined>(undefined)
  // Some hours around the middle of the batch, so that there is something to count and, in most, something to prune.
  const middle = (header.from + header.to) / 2
  const [day, setDay] = useState(() => periodOf(middle, 'day'))
  const [hours, setHours] = useState<readonly [from: number, to: number]>(() => {
    const hour = Math.floor((middle - periodWindow(periodOf(middle, 'day')).from) / 3600)
    return [Math.max(0, hour - AROUND), Math.min(24, hour + AROUND)]
  })
  const chosen = part ?? parts[0]
  const intervals =
    chosen === undefined || day === '' || hours[1] <= hours[0] ? undefined : questionOf(chosen, day, hours)
  const proof = useQuery({
    queryKey: ['proof', cid, chosen, day, hours],
    queryFn: () => loadProof(cid, header, intervals ?? []),
    enabled: intervals !== undefined,
  })
  return (
    <section className="sheet">
      <h2>{t('batch.tree')}</h2>
      <p className="muted">{t('batch.treeLead')}</p>
      <div className="grid">
        <label className="field">
          <span>{t('batch.part')}</span>
          <select value={chosen ?? ''} onChange={(event) => setPart(event.target.value)}>
            {parts.map((one) => {
              const type = Number.parseInt(one.slice(0, 8), 16)
              return (
                <option
                  key={one}
                  value={one}
                >{`${kindName(type >>> 8)} · ${t(`check:validity.${type & 0xff}`)} · ${Number.parseInt(one.slice(8), 16)}`}</option>
              )
            })}
          </select>
        </label>
        <label className="field">
          <span>{t('batch.day')}</span>
          <input
            type="date"
            value={day}
            min={periodOf(header.from, 'day')}
            max={periodOf(header.to, 'day')}
            onChange={(event) => setDay(event.target.value)}
          />
        </label>
        {(['from', 'to'] as const).map((name, at) => (
          <label key={name} className="field">
            <span>{t(`batch.hour.${name}`)}</span>
            <select
              value={hours[at]}
              onChange={(event) =>
                setHours(at === 0 ? [Number(event.target.value), hours[1]] : [hours[0], Number(event.target.value)])
              }
            >
              {HOURS.map((hour) => (
                <option key={hour} value={hour}>{`${String(hour).padStart(2, '0')}:00`}</option>
              ))}
            </select>
          </label>
        ))}
      </div>
      {proof.isError && <Problem error={proof.error} onRetry={() => void proof.refetch()} />}
      {proof.data !== undefined && intervals !== undefined && (
        <div className="stack">
          <p className="row small">
            <Answer ok={true} held={t('batch.proofHolds')} failed="" unchecked="" />
            <span className="muted">
              {t('batch.proofSize', {
                bytes: formatBytes(proof.data.bytes.length),
                readings: formatCount(proof.data.count),
              })}
            </span>
          </p>
          <TreeDrawing tree={drawProof(proof.data.bytes, intervals)} />
        </div>
      )}
    </section>
  )
}

/** Hours of a day of one type and stream, as an interval of keys. */
function questionOf(part: string, day: string, hours: readonly [from: number, to: number]): readonly Interval[] {
  const type = Number.parseInt(part.slice(0, 8), 16)
  const stream = Number.parseInt(part.slice(8), 16)
  const { from } = periodWindow(day)
  const [first, last] = hours.map((hour) => from + hour * 3600) as [number, number]
  return [{ lo: encodeKey(type, stream, first), hi: encodeKey(type, stream, last - 1) }]
}

async function loadProof(cid: string, header: Header, intervals: readonly Interval[]) {
  const query = intervals.map(({ lo, hi }) => `interval=${toHex(lo)}-${toHex(hi)}`).join('&')
  const bytes = await getBytes(`/v1/batches/${cid}/proof?${query}&mode=total`)
  const answer = checkProof(header.tree, { intervals, mode: 'total' }, bytes)
  if (!answer.ok) throw new TanlianError(answer.code, answer.message, { values: answer.values ?? {} })
  return { bytes, count: answer.totals.reduce((sum, total) => sum + total.count, 0) }
}
