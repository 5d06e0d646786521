import { kindInfo } from '@tanlian/evidence'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { typeNumber } from '../evidence/filter.ts'
import { kindName } from '../evidence/kind-name.ts'
import { formatAge, formatQuantity, formatWindow } from '../format.ts'
import { getJson, type Page } from '../service.ts'
import { Problem } from '../shell/problem.tsx'
import { Age } from './age.tsx'
import type { Collection, Latest } from './record.ts'
import { useNow, useProjected } from './use-projected.ts'
import { WithheldStreams } from './withheld-streams.tsx'

/** Intervals after which a value that should have been followed by another is called old. */
const STALE_INTERVALS = 3
/** A stream of which nothing came for so long is not called live, whatever its interval. */
const LEAST_STALE_MS = 60_000

/** The last value of every stream of an organization, each with its age. */
export function LiveWall({ organization }: { organization: number }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  const connection = useProjected('latest')
  const path = `/v1/organizations/${organization}/latest?limit=200`
  const list = useQuery({ queryKey: ['latest', path], queryFn: () => getJson<Page<Latest>>(path) })
  const id = String(organization)
  const collection = useQuery({
    queryKey: ['collection', id],
    queryFn: () => getJson<Collection>(`/v1/organizations/${id}/collection`),
  })
  const withheld = collection.data?.withheld ?? 0
  return (
    <section className="sheet">
      <div className="row between">
        <h2>{t('monitoring.tab.wall')}</h2>
        <Age connection={connection} />
      </div>
      {list.isPending && <p role="status">{t('shell.loading')}</p>}
      {list.isError && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.items.length === 0 && collection.data?.withheld === 0 && (
        <p className="muted">{t('monitoring.nothing')}</p>
      )}
      {list.data !== undefined && <WithheldStreams count={withheld} shown={list.data.items.length} />}
      <ul className="plain-list wall">
        {list.data?.items.map((one) => (
          <Tile key={one.stream} organization={organization} latest={one} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  )
}

function Tile({ organization, latest, nowMs }: { organization: number; latest: Latest; nowMs: number }) {
  const { t } = useTranslation()
  const { stream, device, type, interval, validity, start, seconds, quantity, received } = latest
  const kind = kindInfo(typeNumber(type))
  const id = String(organization)
  const receivedMs = received === null ? undefined : Date.parse(received)
  const isStale =
    receivedMs === undefined || nowMs - receivedMs > Math.max(LEAST_STALE_MS, STALE_INTERVALS * interval * 1000)
  return (
    <li className={isStale ? 'tile stale' : 'tile'}>
      <Link to="/organizations/$id/streams/$stream" params={{ id, stream: String(stream) }} search={{}}>
        {kindName(typeNumber(type))}
      </Link>
      <strong className="tile-value">
        {quantity === null || seconds === null || kind === undefined
          ? '–'
          : formatQuantity(BigInt(quantity), BigInt(seconds), kind)}
      </strong>
      <span className="small">
        <Link to="/organizations/$id/devices/$device" params={{ id, device }} search={{}}>
          {device}
        </Link>
        {validity === 2 && ` · ${t('check:validity.2')}`}
      </span>
      {start !== null && seconds !== null && (
        <span className="small muted">{formatWindow(start, start + seconds)}</span>
      )}
      {receivedMs !== undefined && (
        <span className="small muted">
          {t(isStale ? 'monitoring.staleFor' : 'monitoring.heard', { age: formatAge(receivedMs, nowMs) })}
        </span>
      )}
    </li>
  )
}
