import { useTranslation } from 'react-i18next'
import { formatAge } from '../format.ts'
import { type Connection, useNow } from './use-projected.ts'

/** After twice the platform's heartbeat what is shown may be old. */
const STALE_MS = 40_000

/** "connected, 12 s ago": how fresh a live view is. */
export function Age({ connection: { state, heardMs } }: { connection: Connection }) {
  const { t } = useTranslation()
  const nowMs = useNow()
  const isStale = heardMs !== undefined && nowMs - heardMs > STALE_MS
  const age = heardMs === undefined ? '' : formatAge(heardMs, nowMs)
  return (
    <p className="small muted row">
      <span className={state === 'connected' && !isStale ? 'live-dot on' : 'live-dot'} aria-hidden="true" />
      <span data-testid="live-age">
        {isStale
          ? t('home.live.stale', { age })
          : state === 'connected'
            ? t('home.live.connected', { age })
            : t(state === 'lost' ? 'home.live.lost' : 'home.live.connecting')}
      </span>
    </p>
  )
}
