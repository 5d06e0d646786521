import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

/** How the live connection stands. */
export interface Connection {
  readonly state: 'connecting' | 'connected' | 'lost'
  /** When anything was last heard, a sign of life too; Unix milliseconds. */
  readonly heardMs: number | undefined
}

/** Asks again for everything under a name whenever the platform says that it has taken in a batch. */
export function useProjected(queryKey: string): Connection {
  const queries = useQueryClient()
  const [connection, setConnection] = useState<Connection>({ state: 'connecting', heardMs: undefined })
  useEffect(() => {
    const source = new EventSource('/v1/live')
    const heard = () => setConnection({ state: 'connected', heardMs: Date.now() })
    source.onopen = heard
    source.onerror = () => setConnection((now) => ({ ...now, state: 'lost' }))
    source.addEventListener('ping', heard)
    source.addEventListener('projected', () => {
      heard()
      void queries.invalidateQueries({ queryKey: [queryKey] })
    })
    return () => source.close()
  }, [queries, queryKey])
  return connection
}

/** The time, every second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
