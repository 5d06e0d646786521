import {
  type BatchCar,
  type DeviceKeys,
  declareKeys,
  decodeFrame,
  decodeIndex,
  decodeStreams,
  type Header,
  isSealed,
  type Opened,
  type OrganizationState,
  signingOf,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { checkQuickly } from '../series/frame-signature.ts'

/**
 * Refuses a batch that changes a device's keys in a way that does not fit, or that holds a frame signed by a key which an earlier batch, or this
 * one, has ended (safety S13, decision 0010). It is more than an audit asks: whoever builds a batch knows what his earlier ones declared.
 * @throws TanlianError E_DEVICE_KEY_CHANGE, E_DEVICE_KEY_ENDED
 */
export function requireDeviceKeys(before: OrganizationState, car: BatchCar, header: Header, opened: Opened): void {
  const { organization, sequence } = header
  const none: DeviceKeys = new Map()
  const declared = declareKeys(none, organization, before.streams.values(), sequence - 1)
  const items = decodeStreams(car.require(header.streams)).streams
  const keys = declareKeys(declared, organization, items, sequence, ({ stream, device }, why) => {
    throw new TanlianError(
      'E_DEVICE_KEY_CHANGE',
      `Stream ${stream} cannot change the keys of device ${device}: ${why}.`,
      {
        values: { stream, device, why },
      },
    )
  })
  const concerned = new Set([...keys].filter(([, own]) => own.some(({ ended }) => ended)).map(([device]) => device))
  if (concerned.size === 0) return
  for (const bytes of framesOf(car, header, opened)) {
    const frame = decodeFrame(bytes)
    const { device, counter = 0 } = frame
    if (!concerned.has(device) || signingOf(keys, frame, sequence, checkQuickly).state !== 'ended') continue
    throw new TanlianError(
      'E_DEVICE_KEY_ENDED',
      `Message ${counter} of device ${device} is signed by a key that was ended before that counter. Leave it out of the batch.`,
      { values: { device, counter } },
    )
  }
}

/** All blocks of a batch that are neither header, streams, index nor chunk; sealed ones as far as they were opened. */
function* framesOf(car: BatchCar, { data, streams }: Header, opened: Opened): Generator<Uint8Array> {
  const others = [car.header.cid, data, streams, ...decodeIndex(car.require(data)).chunks.map(([, , , cid]) => cid)]
  const known = new Set(others.map(String))
  for (const cid of car.cids) {
    const bytes = car.require(cid)
    if (!known.has(cid.toString()) && !isSealed(bytes)) yield bytes
  }
  yield* opened.frames.values()
}
