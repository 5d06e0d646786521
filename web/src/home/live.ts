import { useEffect, useState } from 'react'

/** An entry as the log's bundles and the live events give it; the digest leads to the CID. */
export interface LogEntry {
  readonly kind: 1 | 2
  readonly organization: number
  readonly sequence: number
  readonly digest: string
  readonly index?: number
  readonly transaction?: string
  readonly block?: number
}

/** What the live log knows now: the entries heard of, newest first, and when anything was last heard. */
export interface Live {
  readonly entries: readonly LogEntry[]
  readonly state: 'connecting' | 'connected' | 'lost'
  /** Unix milliseconds; undefined until something came. */
  readonly heardMs: number | undefined
}

/** Entries kept on screen. */
const KEPT = 6

/** Puts a newer word about an entry in place of the older one; newest entries first. */
export function heard(entries: readonly LogEntry[], entry: LogEntry): LogEntry[] {
  const rest = entries.filter(
    (other) =>
      other.kind !== entry.kind || other.organization !== entry.organization || other.sequence !== entry.sequence,
  )
  const known = entries.find((other) => !rest.includes(other))
  return [{ ...known, ...entry }, ...rest].slice(0, KEPT)
}

/** Follows `GET /v1/live`; the browser reconnects by itself after a break. */
export function useLive(start: readonly LogEntry[]): Live {
  const [live, setLive] = useState<Live>({ entries: [], state: 'connecting', heardMs: undefined })
  useEffect(() => {
    const source = new EventSource('/v1/live')
    const onEntry = (event: MessageEvent<string>) => {
      const entry = JSON.parse(event.data) as LogEntry
      setLive((now) => ({ entries: heard(now.entries, entry), state: 'connected', heardMs: Date.now() }))
    }
    source.onopen = () => setLive((now) => ({ ...now, state: 'connected' }))
    source.onerror = () => setLive((now) => ({ ...now, state: 'lost' }))
    source.addEventListener('accepted', onEntry)
    source.addEventListener('anchored', onEntry)
    return () => source.close()
  }, [])
  return { ...live, entries: [...live.entries].reverse().reduce<readonly LogEntry[]>(heard, start) }
}
