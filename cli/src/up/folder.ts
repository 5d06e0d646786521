import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { below, createDurably, isCode, readIfThere } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'

/** In every data folder: tells ours from a folder that only has the same name. */
export const MARK = 'tanlian-data'

/**
 * Makes the data folder, or empties it; one that holds other things than ours is not touched.
 * Codes: E_BACKUP_TARGET, E_UP_FOLDER.
 */
export async function prepareFolder(data: string, fresh: boolean, version: string): Promise<void> {
  try {
    await makeBelow(data)
    const names = await readdir(data)
    if (names.length > 0 && (await readIfThere(below(data, MARK))) === undefined) {
      throw new TanlianError(
        'E_BACKUP_TARGET',
        `${data} holds other things than data of Tanlian. Name an empty folder with --data.`,
        { values: { data } },
      )
    }
    // The platform's own part is emptied by the platform: a database that outlived its last run has to be stopped first.
    if (fresh)
      for (const name of names)
        if (name !== 'platform' && name !== MARK) await rm(below(data, name), { recursive: true, force: true })
    await createDurably(below(data, MARK), `${version}\n`)
  } catch (cause) {
    throw cause instanceof TanlianError ? cause : unusable(data, cause)
  }
}

/** A folder of one's own and those above it, one by one: making them all at once never ends where the system allows none, as below /proc. */
async function makeBelow(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    if (isCode(error, 'EEXIST') && (await stat(folder)).isDirectory()) return
    if (!isCode(error, 'ENOENT') || dirname(folder) === folder || (await exists(dirname(folder)))) throw error
    await makeBelow(dirname(folder))
    await mkdir(folder, { mode: 0o700 })
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is read-only there',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file has that name',
  ENOTDIR: 'a part of the path is a file',
  ENOENT: 'the system allows no folder there',
}

function unusable(data: string, cause: unknown): TanlianError {
  const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined
  const why = REASONS[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause))
  return new TanlianError('E_UP_FOLDER', `The data folder ${data} cannot be used: ${why}. Name another with --data.`, {
    values: { data, why },
    cause,
  })
}
