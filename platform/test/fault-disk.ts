import type { Disk, DiskFile } from '../src/disk.ts'

interface Stored {
  /** What the program sees. */
  live: Uint8Array
  /** What survives a power cut. */
  synced: Uint8Array
  /** The name itself is on stable storage. */
  named: boolean
}

/** A disk in memory that records the order of operations, forgets what was not synced, and fails when told to. */
export interface FaultDisk extends Disk {
  /** Operations in order: `write F`, `sync F`, `syncDirectory D` … */
  readonly trace: string[]
  /** Throws at the n-th next operation whose name begins with this. */
  fail(operation: string, error: Error, after?: number): void
  /** Only this many bytes are left. */
  room: number
  /** A power cut: of each file's unsynced bytes only a part (0 … 1) of the first ones stays; unsynced names go. */
  crash(part: number): void
  /** Flips one bit of a file, in what is seen and what is synced. */
  flip(path: string, position: number): void
  sizeOf(path: string): number
  paths(): string[]
}

export function createFaultDisk(): FaultDisk {
  let files = new Map<string, Stored>()
  const trace: string[] = []
  const faults: { operation: string; error: Error; after: number }[] = []
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  const step = (operation: string, path: string) => {
    trace.push(`${operation} ${nameOf(path)}`)
    const fault = faults.find((one) => operation.startsWith(one.operation))
    if (fault === undefined) return
    if (fault.after > 0) fault.after--
    else {
      faults.splice(faults.indexOf(fault), 1)
      throw fault.error
    }
  }
  const at = (path: string): Stored => {
    const stored = files.get(path)
    if (stored === undefined) throw Object.assign(new Error(`no file ${path}`), { code: 'ENOENT' })
    return stored
  }
  const fileOf = (path: string): DiskFile => ({
    path,
    size: async () => at(path).live.length,
    read: async (into, position) => {
      const part = at(path).live.subarray(position, position + into.length)
      into.set(part)
      return part.length
    },
    write: async (bytes, position) => {
      step('write', path)
      const stored = at(path)
      const length = Math.max(stored.live.length, position + bytes.length)
      if (length - stored.live.length > disk.room) {
        // A full disk takes what still fits and then refuses, so a torn record stays behind.
        const partial = new Uint8Array(stored.live.length + disk.room)
        partial.set(stored.live)
        partial.set(bytes.subarray(0, disk.room), position)
        stored.live = partial
        disk.room = 0
        throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      }
      disk.room -= length - stored.live.length
      const live = new Uint8Array(length)
      live.set(stored.live)
      live.set(bytes, position)
      stored.live = live
    },
    sync: async () => {
      step('sync', path)
      const stored = at(path)
      stored.synced = stored.live.slice()
    },
    truncate: async (length) => {
      step('truncate', path)
      const stored = at(path)
      disk.room += stored.live.length - length
      stored.live = stored.live.slice(0, length)
    },
    close: async () => {},
  })
  const disk: FaultDisk = {
    trace,
    room: Number.MAX_SAFE_INTEGER,
    fail: (operation, error, after = 0) => {
      faults.push({ operation, error, after })
    },
    makeDirectory: async () => {},
    open: async (path, mode) => {
      if (mode === 'create') {
        step('create', path)
        if (files.has(path)) throw Object.assign(new Error('exists'), { code: 'EEXIST' })
        files.set(path, { live: new Uint8Array(), synced: new Uint8Array(), named: false })
      } else at(path)
      return fileOf(path)
    },
    list: async (directory) => [...files.keys()].filter((path) => path.startsWith(`${directory}/`)).map(nameOf),
    rename: async (from, to) => {
      step('rename', to)
      files.set(to, { ...at(from), named: false })
      files.delete(from)
    },
    remove: async (path) => {
      step('remove', path)
      files.delete(path)
    },
    syncDirectory: async (path) => {
      step('directory', path)
      for (const [name, stored] of files) if (name.startsWith(`${path}/`)) stored.named = true
    },
    freeBytes: async () => disk.room,
    crash: (part) => {
      files = new Map(
        [...files].flatMap(([path, { live, synced, named }]) => {
          if (!named) return []
          const kept = synced.length + Math.floor(Math.max(0, live.length - synced.length) * part)
          const after = live.length < synced.length ? synced : live.slice(0, kept)
          return [[path, { live: after, synced: after.slice(), named: true }]]
        }),
      )
    },
    flip: (path, position) => {
      const stored = at(path)
      stored.live[position] = (stored.live[position] as number) ^ 1
      stored.synced = stored.live.slice()
    },
    sizeOf: (path) => at(path).live.length,
    paths: () => [...files.keys()],
  }
  return disk
}
