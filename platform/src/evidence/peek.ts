import { type Block, cidOf, equalBytes } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'

const CID_BYTES = 36
/** The header of a CAR with one root is 59 bytes; a root block is a header or a document. */
const CAR_HEADER_MAX = 256

/**
 * Reads the root block of a CAR v1 whose root comes first, and nothing else: so a signature is checked before anything heavy is done for
 * somebody who has no key (R14). The rest of the CAR is opened later, strictly.
 * @throws TanlianError E_CAR_FORM, E_CAR_CID
 */
export function peekRoot(car: Uint8Array): Block {
  const header = readLength(car, 0)
  if (header.value === 0 || header.value > CAR_HEADER_MAX) throw formError('its header has an impossible length')
  const first = readLength(car, header.end + header.value)
  const end = first.end + first.value
  if (first.value <= CID_BYTES || end > car.length) throw formError('its first block is cut short')
  const bytes = car.subarray(first.end + CID_BYTES, end)
  const cid = cidOf(bytes)
  if (!equalBytes(cid.bytes, car.subarray(first.end, first.end + CID_BYTES)))
    throw new TanlianError('E_CAR_CID', 'The first block does not match its CID.')
  // The root's CID ends the header's only link.
  if (!equalBytes(cid.bytes, rootOf(car.subarray(header.end, header.end + header.value))))
    throw formError('its first block is not its only root')
  return { cid, bytes }
}

/** `{"roots":[CID],"version":1}` as DAG-CBOR has one form; the link's 36 bytes follow `d82a5825 00`. */
function rootOf(header: Uint8Array): Uint8Array {
  const start = Buffer.from('a265726f6f747381d82a582500', 'hex')
  const end = Buffer.from('6776657273696f6e01', 'hex')
  const cid = header.subarray(start.length, start.length + CID_BYTES)
  const fits =
    header.length === start.length + CID_BYTES + end.length &&
    equalBytes(header.subarray(0, start.length), start) &&
    equalBytes(header.subarray(start.length + CID_BYTES), end)
  if (!fits) throw formError('its header is not that of version 1 with one root')
  return cid
}

/** An unsigned LEB128 number of at most four bytes. */
function readLength(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, end: at + i + 1 }
  }
  throw formError('a length in it cannot be read')
}

function formError(why: string): TanlianError {
  return new TanlianError('E_CAR_FORM', `The upload is no CAR version 1 with one root, first: ${why}.`, {
    values: { why },
  })
}
