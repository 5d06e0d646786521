import { machineDisk } from '../../../gateway/src/disk.ts'
import { encodeEntry, type MessageEntry } from '../../../gateway/src/entry.ts'
import { encodeFrame } from '../../../gateway/src/frame.ts'
import { GROUP_HEAD } from '../../../gateway/src/group.ts'
import { openSegments } from '../../../gateway/src/segments.ts'
import { arrivalOf, DEVICE, random } from './message.ts'

/* Fills a journal with as many messages as are asked for, in groups as they are under load, and is killed in the middle of its work. */
const folder = process.argv[2] ?? ''
const count = Number(process.argv[3])
const GROUP = 1000

const segments = await openSegments(machineDisk, folder, 64 * 1024 * 1024)
for (let from = 0; from < count; from += GROUP) {
  const messages = Array.from({ length: GROUP }, (_, at) => messageOf(from + at))
  const parts = messages.map((entry) => encodeEntry(entry))
  const group = Buffer.alloc(GROUP_HEAD + parts.reduce((sum, { length }) => sum + 4 + length, 0))
  let at = GROUP_HEAD
  for (const part of parts) {
    group.writeUInt32BE(part.length, at)
    group.set(part, at + 4)
    at += 4 + part.length
  }
  await segments.write(
    group,
    messages.map((entry) => ({ entry, device: DEVICE.id })),
  )
}
process.kill(process.pid, 'SIGKILL')

/** Names and contents are digests; here they are random bytes that look like them. */
function messageOf(number: number): MessageEntry {
  const { device, protocol, bytes, receivedMs, rank } = arrivalOf(number)
  const name = random(16)
  const block = encodeFrame({ bytes, device, protocol, received: Math.floor(receivedMs / 1000), salt: name })
  return { kind: 'frame', receivedMs, rank, name, content: name, block }
}
