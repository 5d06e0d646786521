import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { TanlianError } from '@tanlian/units'

/** One open file. Positions are bytes from its beginning. */
export interface DiskFile {
  readonly path: string
  size(): Promise<number>
  /** Fills `into` from `position`; gives the bytes read, fewer at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  write(bytes: Uint8Array, position: number): Promise<void>
  /** The file's bytes and length are on stable storage when this resolves. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** The few file operations that durability rests on, so that a test can record their order, lose what was not synced, and fail. */
export interface Disk {
  makeDirectory(path: string): Promise<void>
  /** Opens for reading and writing; `create` fails if the file is there. */
  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile>
  list(path: string): Promise<string[]>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** The directory's entries are on stable storage when this resolves (R25). */
  syncDirectory(path: string): Promise<void>
  /** Bytes that may still be written below a path. */
  freeBytes(path: string): Promise<number>
}

/** The machine's own disk. */
export const machineDisk: Disk = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true })
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
    sync: () => handle.sync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  }
}

/** Whether a write failed for want of room (F6). */
export function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
}

/** What is answered then. */
export function full(bytes: number): TanlianError {
  return new TanlianError(
    'E_STORAGE_FULL',
    `There is no room for ${bytes} more bytes on the disk. Free some space and send it again.`,
    {
      values: { bytes },
    },
  )
}
