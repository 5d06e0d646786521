import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** The command line of a living process; undefined if there is none of this pid, or only a zombie (which still answers to `kill 0`). */
export async function processCommand(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined
  if (process.platform === 'linux') {
    try {
      const state = await readFile(`/proc/${pid}/stat`, 'utf8')
      // The state letter follows the name, which stands in parentheses and may hold anything.
      if (state.slice(state.lastIndexOf(')') + 2).startsWith('Z')) return undefined
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
    } catch {
      return undefined
    }
  }
  const list =
    process.platform === 'win32' ? ['tasklist', '/FI', `PID eq ${pid}`] : ['ps', '-o', 'command=', '-p', String(pid)]
  return new Promise((resolve) => {
    execFile(list[0] as string, list.slice(1), { timeout: 5000 }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    )
  })
}

/** Asks a process that is not our child to end, and ends it by force after the limit. */
export async function stopProcess(pid: number, limitMs: number): Promise<void> {
  signal(pid, 'SIGTERM')
  const deadline = Date.now() + limitMs
  while (Date.now() < deadline) {
    if ((await processCommand(pid)) === undefined) return
    await sleep(50)
  }
  signal(pid, 'SIGKILL')
  while ((await processCommand(pid)) !== undefined) await sleep(50)
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch {
    // Already gone.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
