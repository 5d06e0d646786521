import { useEffect, useState } from 'react'
import type { GatewayState, LiveValue } from './gateway-record.ts'

/** What the gateway pushes to this page. */
export interface GatewayLive {
  readonly connection: 'connecting' | 'connected' | 'lost'
  readonly heardMs: number | undefined
  readonly state: GatewayState | undefined
  readonly values: readonly LiveValue[]
}

/** Follows `GET /api/live`; the browser reconnects by itself. */
export function useGateway(): GatewayLive {
  const [live, setLive] = useState<GatewayLive>({
    connection: 'connecting',
    heardMs: undefined,
    state: undefined,
    values: [],
  })
  useEffect(() => {
    const source = new EventSource('/api/live')
    const take = (event: MessageEvent<string>, part: (data: unknown) => Partial<GatewayLive>) => {
      const data: unknown = JSON.parse(event.data)
      setLive((now) => ({ ...now, ...part(data), connection: 'connected', heardMs: Date.now() }))
    }
    source.addEventListener('state', (event) => take(event, (data) => ({ state: data as GatewayState })))
    source.addEventListener('live', (event) =>
      take(event, (data) => ({ values: (data as { values: readonly LiveValue[] }).values })),
    )
    source.onerror = () => setLive((now) => ({ ...now, connection: 'lost' }))
    return () => source.close()
  }, [])
  return live
}
