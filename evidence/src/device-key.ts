import { encodeBlock, equalBytes } from './block.ts'
import { checkEd25519, requireEd25519Key, signEd25519 } from './ed25519.ts'
import type { Frame, StreamItem } from './form.ts'
import { MAX_INTEGER } from './key.ts'

/** What a device's key is enrolled for (设备密钥登记). Counters below `firstCounter` are an earlier key's. */
export interface Enrolment {
  readonly organization: number
  readonly device: string
  /** Raw Ed25519 key, made on the device (safety R7). */
  readonly publicKey: Uint8Array
  readonly firstCounter: number
}

/** One purpose a signature (safety R9): a proof of possession cannot be read as a frame. */
const PURPOSE = 'tanlian/device-key/1'

/** The proof of possession, made by the device over the DAG-CBOR of its enrolment (持有证明): 64 bytes. */
export function proveEnrolment(enrolment: Enrolment, privateKey: Uint8Array): Uint8Array {
  return signEd25519(enrolmentBytes(enrolment), privateKey)
}

/** True where the proof is by the key that is to be enrolled. @throws TanlianError E_KEY_ED25519 for a key that is none */
export function checkEnrolment(enrolment: Enrolment, proof: Uint8Array): boolean {
  requireEd25519Key(enrolment.publicKey)
  return checkEd25519(enrolmentBytes(enrolment), proof, enrolment.publicKey)
}

/** Type of the streams whose items declare changes of a device's keys (设备密钥变更). */
export const KEY_CHANGE_TYPE = 0x0c0101

/** The item that declares a further key of a device, with the proof that the device holds it. */
export function keyItem(
  stream: number,
  { device, publicKey, firstCounter }: Omit<Enrolment, 'organization'>,
  proof: Uint8Array,
): StreamItem {
  return { stream, type: KEY_CHANGE_TYPE, device, interval: 1, key: publicKey, firstCounter, proof }
}

/** The item that ends a device's key (轮换或吊销): from its batch on, only counters up to the last good one count. */
export function keyEndItem(stream: number, device: string, key: Uint8Array, lastCounter: number): StreamItem {
  return { stream, type: KEY_CHANGE_TYPE, device, interval: 1, ends: key, lastCounter }
}

/** A key of a device, as batches have declared it. */
export interface DeviceKey {
  readonly publicKey: Uint8Array
  readonly firstCounter: number
  /** Sequence of the batch that declared it. */
  readonly since: number
  readonly ended: { readonly since: number; readonly lastCounter: number } | undefined
}

/** The keys of an organization's devices by their names, each in the order of declaration. */
export type DeviceKeys = ReadonlyMap<string, readonly DeviceKey[]>

/**
 * Takes in what a batch's streams block declares. An item of a measured stream names its device's first key; a change has an item of its own,
 * since an item never changes (spec section 5, decision 0010). Items are repeated in later batches.
 * @param onFault hears of a change that does not fit, and why: it changes nothing
 */
export function declareKeys(
  keys: DeviceKeys,
  organization: number,
  items: Iterable<StreamItem>,
  sequence: number,
  onFault: (item: StreamItem, why: string) => void = () => {},
): DeviceKeys {
  const all = new Map(keys)
  let waiting = [...items]
  // What ends a key may stand after what follows it: a rotation declares both in one block.
  for (;;) {
    const misfits = waiting.flatMap((item) => {
      const own = all.get(item.device) ?? []
      if (item.type === KEY_CHANGE_TYPE ? isDeclared(own, item) : !isFirst(own, item)) return []
      const why = item.type === KEY_CHANGE_TYPE ? faultOf(own, organization, item) : undefined
      if (why !== undefined) return [{ item, why }]
      all.set(item.device, changed(own, item, sequence))
      return []
    })
    if (misfits.length === 0 || misfits.length === waiting.length) {
      for (const { item, why } of misfits) onFault(item, why)
      break
    }
    waiting = misfits.map(({ item }) => item)
  }
  return all
}

/** How a frame is signed, and by which key. */
export interface FrameSigning {
  /**
   * `signed` by a key that was good for its counter in this batch, `unsigned`; `ended` by a key of the device, under a counter for which it is
   * not good (safety S13); `broken` otherwise.
   */
  readonly state: 'signed' | 'unsigned' | 'ended' | 'broken'
  readonly key: Uint8Array | undefined
}

/**
 * Says how a frame of a batch is signed (spec section 5: over the DAG-CBOR of the frame without its signature). What was sealed before a key
 * was ended stays signed, whatever its counter: that is answered by restatement, as for an organization's key.
 * @param keys of the organization as of any later sequence
 * @param check another implementation of the signature check, where a quick one will do
 */
export function signingOf(
  keys: DeviceKeys,
  { signature, ...unsigned }: Frame,
  sequence: number,
  check = checkEd25519,
): FrameSigning {
  if (signature === undefined) return { state: 'unsigned', key: undefined }
  const counter = unsigned.counter ?? 0
  const isGood = ({ firstCounter, ended }: DeviceKey) =>
    counter >= firstCounter && (ended === undefined || sequence < ended.since || counter <= ended.lastCounter)
  const own = (keys.get(unsigned.device) ?? []).filter(({ since }) => since <= sequence)
  const bytes = encodeBlock(unsigned).bytes
  for (const key of own.toSorted((a, b) => Number(isGood(b)) - Number(isGood(a))))
    if (check(bytes, signature, key.publicKey)) return { state: isGood(key) ? 'signed' : 'ended', key: key.publicKey }
  return { state: 'broken', key: undefined }
}

/** Why a change does not fit the keys that its device has. */
function faultOf(own: readonly DeviceKey[], organization: number, item: StreamItem): string | undefined {
  const { device, firstCounter, lastCounter, proof } = item
  const active = own.filter(({ ended }) => ended === undefined)
  if ('ends' in item) {
    const ending = active.find(({ publicKey }) => isKey(item.ends) && equalBytes(publicKey, item.ends))
    if (ending === undefined) return `it ends a key that device ${device} does not have in use`
    // One below the first says that nothing of it counts.
    return isCounter(lastCounter, ending.firstCounter - 1)
      ? undefined
      : `the key began at counter ${ending.firstCounter}, so ${lastCounter} cannot be its last good one`
  }
  if (!isKey(item.key) || !isCounter(firstCounter, 0) || !(proof instanceof Uint8Array))
    return 'it has neither a key with its first counter and proof, nor one that ends'
  if (active.length > 0) return `device ${device} still has a key in use`
  const last = Math.max(-1, ...own.map(({ ended }) => ended?.lastCounter ?? -1))
  if (firstCounter <= last)
    return `an earlier key is good up to counter ${last}, so this one cannot begin at ${firstCounter}`
  try {
    return checkEnrolment({ organization, device, publicKey: item.key, firstCounter }, proof)
      ? undefined
      : 'the proof is not by the key that it declares'
  } catch {
    return 'its key is none that can be trusted'
  }
}

/** The keys of a device after a change in which nothing was found at fault. */
function changed(own: readonly DeviceKey[], item: StreamItem, since: number): readonly DeviceKey[] {
  if (!('ends' in item)) {
    const publicKey = item.key as Uint8Array
    const firstCounter = item.type === KEY_CHANGE_TYPE ? (item.firstCounter as number) : 0
    return [...own, { publicKey, firstCounter, since, ended: undefined }]
  }
  const ended = { since, lastCounter: item.lastCounter as number }
  return own.map((key) => (equalBytes(key.publicKey, item.ends as Uint8Array) ? { ...key, ended } : key))
}

/** Whether an item of a measured stream names a key that its device does not have yet. */
function isFirst(own: readonly DeviceKey[], { key }: StreamItem): boolean {
  return isKey(key) && !own.some(({ publicKey }) => equalBytes(publicKey, key))
}

function isDeclared(own: readonly DeviceKey[], { key, ends, firstCounter, lastCounter }: StreamItem): boolean {
  return own.some((one) =>
    isKey(ends)
      ? equalBytes(one.publicKey, ends) && one.ended?.lastCounter === lastCounter
      : isKey(key) && equalBytes(one.publicKey, key) && one.firstCounter === firstCounter,
  )
}

function enrolmentBytes({ organization, device, publicKey, firstCounter }: Enrolment): Uint8Array {
  return encodeBlock({ purpose: PURPOSE, organization, device, publicKey, firstCounter }).bytes
}

function isKey(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32
}

function isCounter(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= MAX_INTEGER
}
