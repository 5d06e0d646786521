import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The process of an embedded database or chain. */
export async function pidOf(target: 'database' | 'chain', dataDir: string): Promise<number> {
  if (target === 'chain') {
    const state = await readFile(join(dataDir, 'chain', 'state.json.pid'), 'utf8')
    return (JSON.parse(state) as { pid: number }).pid
  }
  const place = (await readFile(join(dataDir, 'postgres-place'), 'utf8')).trim()
  return Number((await readFile(join(place, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
}

/** SIGKILL; a process that is just being started again is let be. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
