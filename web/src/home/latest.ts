import { decodeBundle, decodeEntry, TILE_WIDTH, tilePath, toHex } from '@tanlian/evidence'
import { getBytes } from '../service.ts'
import type { LogEntry } from './live.ts'

/** The log's newest entries from its public bundles, newest first: no index of the platform is needed for it. */
export async function latestEntries(size: number, count: number): Promise<LogEntry[]> {
  const found: LogEntry[] = []
  for (let bundle = Math.ceil(size / TILE_WIDTH) - 1; bundle >= 0 && found.length < count; bundle--) {
    const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH)
    const entries = decodeBundle(await getBytes(`/log/${tilePath({ level: 'entries', index: bundle, width })}`)).map(
      decodeEntry,
    )
    for (const [at, { kind, organization, sequence, digest }] of [...entries.entries()].reverse()) {
      found.push({ kind, organization, sequence, digest: toHex(digest), index: bundle * TILE_WIDTH + at })
    }
  }
  return found.slice(0, count)
}
