import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TanlianError } from '@tanlian/units'

/** Holds a data folder for this process. */
export interface DataLock {
  release(): void
}

interface Holder {
  readonly pid: number
  /** When the process began, in the system's own words: a pid alone may be another's by now. */
  readonly began: string
}

/**
 * Takes a data folder, or refuses because a living process has it (R27, F16). What a killed process left behind is taken over.
 * @throws TanlianError E_INSTANCE_LOCKED
 */
export function lockData(dataDir: string): DataLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const path = join(dataDir, 'lock')
  const guard = join(dataDir, 'lock.guard')
  // All of it happens within one turn, so the guard is held for a moment only; one that stays is of a process killed in that moment.
  for (let tries = 0; ; tries++) {
    if (create(guard, String(process.pid))) break
    if (ageMs(guard) > 5000) rmSync(guard, { force: true })
    else if (tries > 200) throw locked('another start is under way')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
  }
  try {
    const holder = read(path)
    if (holder !== undefined && beganAt(holder.pid) === holder.began) throw locked(`process ${holder.pid} has it`)
    rmSync(path, { force: true })
    const own: Holder = { pid: process.pid, began: beganAt(process.pid) ?? '' }
    create(path, JSON.stringify(own))
  } finally {
    rmSync(guard, { force: true })
  }
  return {
    release() {
      if (read(path)?.pid === process.pid) rmSync(path, { force: true })
    },
  }
}

/** When a living process began; undefined for one that is gone or a zombie. Where there is no /proc, whether it lives is all we know. */
function beganAt(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${boot}/${fields[19]}`
  } catch {
    if (exists('/proc/self/stat')) return undefined
  }
  try {
    process.kill(pid, 0)
    return 'alive'
  } catch {
    return undefined
  }
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function ageMs(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

function exists(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch {
    return false
  }
}

function locked(why: string): TanlianError {
  return new TanlianError('E_INSTANCE_LOCKED', `The data folder is in use: ${why}. Stop it, or name another folder.`, {
    values: { why },
  })
}
