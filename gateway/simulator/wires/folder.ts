import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message, Wire } from '../courier.ts'

/** Puts a device's files into the folder that is watched for it: whole or not at all. */
export function openFolderWire(
  folder: string,
  given: { readonly name: (message: Message) => string; readonly encode: (message: Message) => Uint8Array },
): Wire {
  return {
    async send(message) {
      const bytes = given.encode(message)
      await mkdir(folder, { recursive: true })
      // A name that begins with a dot is still being written.
      const draft = join(folder, `.${given.name(message)}`)
      await writeFile(draft, bytes)
      await rename(draft, join(folder, given.name(message)))
      return bytes
    },
    close: async () => {},
  }
}
