import { checkEnrolment, keyEndItem, keyItem, type StreamItem } from '@tanlian/evidence'
import { attempt, fields, hex, integer, list, type Place, refused, wanted } from './document.ts'

/** A key of a device that signs (设备密钥), as the plant file has it. */
export interface SigningKey {
  /** Raw Ed25519 key. */
  readonly publicKey: Uint8Array
  /** By the device, that it holds the key. */
  readonly proof: Uint8Array
  readonly firstCounter: number
  /** The stream that declares it in the batches; the device's measured streams declare its first. */
  readonly stream: number | undefined
  /** Where it was rotated or revoked: the last good counter, and the stream that declares so. */
  readonly ended: { readonly lastCounter: number; readonly stream: number } | undefined
}

/**
 * Reads a device's keys, oldest first, each with the proof that the device holds it (safety R7). `last` is the last good counter of a key that
 * was rotated or revoked; the next begins after it.
 */
export function readKeys(place: Place, organization: number, device: string): readonly SigningKey[] {
  const keys: SigningKey[] = []
  for (const item of list(place, MOST_KEYS)) {
    const before = keys.at(-1)
    if (before !== undefined && before.ended === undefined)
      throw refused(item, 'comes after a key without last and end: that one would be good for ever')
    keys.push(readKey(item, { organization, device, after: before?.ended?.lastCounter }))
  }
  return keys
}

/** What the batches declare of a device's keys beside its first: each change in an item of its own, since an item never changes. */
export function keyItems({
  id,
  keys = [],
}: {
  readonly id: string
  readonly keys?: readonly SigningKey[]
}): StreamItem[] {
  return keys.flatMap(({ publicKey, proof, firstCounter, stream, ended }) => [
    ...(stream === undefined ? [] : [keyItem(stream, { device: id, publicKey, firstCounter }, proof)]),
    ...(ended === undefined ? [] : [keyEndItem(ended.stream, id, publicKey, ended.lastCounter)]),
  ])
}

/** The key that is good for a counter. */
export function keyFor(keys: readonly SigningKey[], counter: number): SigningKey | undefined {
  return keys.find(
    ({ firstCounter, ended }) => counter >= firstCounter && counter <= (ended?.lastCounter ?? Number.MAX_SAFE_INTEGER),
  )
}

const MOST_KEYS = 1000

function readKey(
  place: Place,
  { organization, device, after }: { organization: number; device: string; after: number | undefined },
): SigningKey {
  const f = fields(place, ['public', 'proof', 'first', 'stream', 'last', 'end'])
  const publicKey = hex(wanted(f.public, place, 'public'), 32)
  const proofPlace = wanted(f.proof, place, 'proof')
  const proof = hex(proofPlace, 64)
  const firstCounter = f.first === undefined ? 0 : integer(f.first, 0, MOST)
  if (after !== undefined && firstCounter <= after)
    throw refused(f.first ?? place, `begins at a counter that the key before it signed, the last of them ${after}`)
  const good = attempt(place, () => checkEnrolment({ organization, device, publicKey, firstCounter }, proof))
  if (!good) throw refused(proofPlace, 'does not show that the device holds the key, for this device and counter')
  if ((f.stream === undefined) !== (after === undefined))
    throw refused(f.stream ?? place, 'of a device: all but the first need a stream that declares them')
  if ((f.last === undefined) !== (f.end === undefined))
    throw refused(place, 'needs both last, its last good counter, and end, the stream that declares so')
  return {
    publicKey,
    proof,
    firstCounter,
    stream: f.stream && integer(f.stream, 1, MOST_STREAM),
    // One below the first says that nothing of it counts.
    ended: f.last &&
      f.end && { lastCounter: integer(f.last, firstCounter - 1, MOST), stream: integer(f.end, 1, MOST_STREAM) },
  }
}

const MOST = Number.MAX_SAFE_INTEGER
const MOST_STREAM = 0xffffffff
