import { machineDisk } from '../../../gateway/src/disk.ts'
import { type MessageEntry, messageBytes, putMessage } from '../../../gateway/src/entry.ts'
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
  const group = Buffer.alloc(GROUP_HEAD + messages.reduce((sum, message) => sum + 4 + messageBytes(message), 0))
  let at = GROUP_HEAD
  for (const message of messages) {
    const length = messageBytes(message)
    group.writeUInt32BE(length, at)
    putMessage(group, at + 4, message)
    at += 4 + length
  }
  await segments.write(
    group,
    messages.map((message) => ({ ...message, device: DEVICE.id })),
  )
}
process.kill(process.pid, 'SIGKILL')

/** Names and contents are digests; here they are random bytes that look like them. */
function messageOf(number: number): MessageEntry {
  const { device, protocol, bytes, receivedMs, rank } = arrivalOf(number)
  const salt = random(16)
  const name = Buffer.from(salt).toString('latin1')
  const block = encodeFrame({ bytes, device, protocol, received: Math.floor(receivedMs / 1000), salt })
  return { kind: 'frame', receivedMs, rank, name, content: name, block }
}
