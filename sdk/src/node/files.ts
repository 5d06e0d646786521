import { constants } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TanlianError } from '@tanlian/units'

/** Reads a file, or says that it is not there. Codes: E_FILE_MISSING. */
export async function readWanted(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    throw missing(path, cause)
  }
}

/** Makes sure that a file can be read. Codes: E_FILE_MISSING. */
export async function requireFile(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK)
  } catch (cause) {
    throw missing(path, cause)
  }
}

/** Reads a file, or undefined where there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/** Names in a folder, sorted; none where it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

/** Makes a folder that only its owner can enter. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
}

/**
 * Writes a whole file so that after a power cut either the old or the new one is there: a new file, its sync, the rename, the folder's
 * sync (safety R25). Only the owner can read it.
 */
export async function writeDurably(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

/** As {@link writeDurably}, for a name that must be new. @returns false where it is taken; the old file stays. */
export async function createDurably(path: string, bytes: Uint8Array | string): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'wx', 0o600)
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(dirname(path))
  return true
}

/** Adds a line to a file and syncs it; a torn last line of an earlier crash is ended first. */
export async function appendLineDurably(path: string, line: string): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600)
  try {
    const { size } = await file.stat()
    let joint = ''
    if (size > 0) {
      const last = new Uint8Array(1)
      await file.read(last, 0, 1, size - 1)
      if (last[0] !== 0x0a) joint = '\n'
    }
    await file.writeFile(`${joint}${line}\n`)
    await file.datasync()
    if (size === 0) await syncFolder(dirname(path))
  } finally {
    await file.close()
  }
}

/** Deletes a file; it may be gone already. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true })
}

const LOCK_LOOK_MS = 50

/**
 * Takes a lock that ends with this process: a file with its pid. A lock whose process is gone is taken over.
 * @param waitMs how long another process may hold it meanwhile
 * @returns how to give it back. Codes: E_FILE_LOCKED.
 */
export async function lockFile(path: string, waitMs = 0): Promise<() => Promise<void>> {
  const limit = performance.now() + waitMs
  for (let taken = 0; taken < 2; ) {
    if (await createDurably(path, String(process.pid))) return () => removeFile(path)
    const holder = Number(new TextDecoder().decode((await readIfThere(path)) ?? new Uint8Array()))
    if (!isAlive(holder)) {
      await removeFile(path)
      taken++
    } else if (performance.now() < limit) await pause(LOCK_LOOK_MS)
    else
      throw new TanlianError('E_FILE_LOCKED', `Process ${holder} is using this folder. Wait for it to end.`, {
        values: { pid: holder, path },
      })
  }
  throw new TanlianError(
    'E_FILE_LOCKED',
    `The lock ${path} was taken by another process just now. Wait for it to end.`,
    {
      values: { path },
    },
  )
}

/** True while a process of this id runs. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

/** True for an error of the system with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}

/** Path below a folder of parts that must be plain names, so that no name from outside leads elsewhere. */
export function below(folder: string, ...names: readonly string[]): string {
  for (const name of names) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(name)) {
      throw new TanlianError(
        'E_FILE_NAME',
        `The name "${name}" cannot be used: letters, digits, dot, dash and underscore only.`,
        {
          values: { name },
        },
      )
    }
  }
  return join(folder, ...names)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function missing(path: string, cause: unknown): TanlianError {
  const why = isCode(cause, 'ENOENT') ? 'it does not exist' : cause instanceof Error ? cause.message : String(cause)
  return new TanlianError('E_FILE_MISSING', `The file ${path} cannot be opened: ${why}.`, {
    values: { path, why },
    cause,
  })
}
