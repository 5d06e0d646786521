import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'

/** One open file. Positions are bytes from its beginning. */
export interface DiskFile {
  readonly path: string
  size(): Promise<number>
  /** Fills `into` from `position`; gives the bytes read, fewer at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  write(bytes: Uint8Array, position: number): Promise<void>
  /** The file's bytes and length survive a power cut when this resolves. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** The few operations that durability rests on, so that a test can record their order, lose what was not synced, and fail. */
export interface Disk {
  makeDirectory(path: string): Promise<void>
  /** Opens for reading and writing; `create` fails if the file is there. */
  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile>
  /** Names in a directory that exists. */
  list(path: string): Promise<string[]>
  rename(from: string, to: string): Promise<void>
  /** Deletes a file; it may be gone already. */
  remove(path: string): Promise<void>
  /** The directory's names survive a power cut when this resolves (safety R25). */
  syncDirectory(path: string): Promise<void>
  /** Bytes that may still be written below a path. */
  freeBytes(path: string): Promise<number>
}

/** The machine's own disk. Only the owner can read what is written. */
export const machineDisk: Disk = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  open: async (path, mode) =>
    fileOf(
      path,
      await open(path, constants.O_RDWR | (mode === 'create' ? constants.O_CREAT | constants.O_EXCL : 0), 0o600),
    ),
  list: (path) => readdir(path),
  rename,
  remove: (path) => rm(path, { force: true }),
  syncDirectory: async (path) => {
    const handle = await open(path, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  freeBytes: async (path) => {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  },
}

/** Reads a whole file. */
export async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, 'existing')
  try {
    const bytes = new Uint8Array(await file.size())
    await file.read(bytes, 0)
    return bytes
  } finally {
    await file.close()
  }
}

/** Writes a whole file so that after a power cut it is there as a whole or not at all under its name (safety R25). */
export async function writeWhole(disk: Disk, directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${directory}/${name}.new`
  await disk.remove(temporary)
  const file = await disk.open(temporary, 'create')
  try {
    await file.write(bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(temporary, `${directory}/${name}`)
  await disk.syncDirectory(directory)
}

function fileOf(path: string, handle: FileHandle): DiskFile {
  return {
    path,
    size: async () => (await handle.stat()).size,
    read: async (into, position) => {
      let done = 0
      while (done < into.length) {
        const { bytesRead } = await handle.read(into, done, into.length - done, position + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return done
    },
    write: async (bytes, position) => {
      let done = 0
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
        done += bytesWritten
      }
    },
    // What reading the bytes again needs, the length among it, is synced; the time of the change need not be.
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  }
}
