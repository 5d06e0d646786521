import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Reads a secret of this instance, or makes it once: a file of mode 0600 in a folder of mode 0700, synced before it is used (R11). */
export async function readOrMakeSecret(path: string, make: () => string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const secret = make()
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await chmod(dirname(path), 0o700)
  await writeSynced(path, `${secret}\n`)
  return secret
}

/** Writes a small file so that it is whole or absent after a crash. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`
  const file = await open(fresh, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
