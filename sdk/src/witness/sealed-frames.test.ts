import { encodeBlock, framePlace, openReader, readerPublicKey, sealBlock } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { haveFrames } from './sealed-frames.ts'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const secret = new Uint8Array(32).fill(4)
const readers = [openReader(secret)]
const frameOf = (byte: number) =>
  encodeBlock({ bytes: Uint8Array.of(byte), device: 'm', protocol: 'test', received: 1, salt: new Uint8Array(16) })
const seal = async (plain: Uint8Array, organization = 7, key = readerPublicKey(secret)) =>
  (await sealBlock(plain, framePlace(organization), [key], random)).bytes

test('every frame that is named has to come, sealed for the reader and for its organization', async () => {
  const [one, two] = [frameOf(1), frameOf(2)]
  const missing = [one.cid, two.cid]
  const good = [await seal(one.bytes), await seal(two.bytes)]
  expect(await haveFrames(missing, good, 7, readers)).toBe(true)
  expect(await haveFrames([], [], 7, readers)).toBe(true)
  expect(await haveFrames(missing, good.slice(1), 7, readers)).toBe(false)
  expect(await haveFrames(missing, good, 7, [])).toBe(false)
  expect(await haveFrames(missing, [await seal(one.bytes, 8), ...good.slice(1)], 7, readers)).toBe(false)
})

test('what a gateway adds or spoils refutes nothing', async () => {
  const one = frameOf(1)
  const stranger = await seal(one.bytes, 7, readerPublicKey(new Uint8Array(32).fill(5)))
  const spoiled = (await seal(one.bytes)).map((byte, at, all) => (at === all.length - 100 ? byte ^ 1 : byte))
  for (const bytes of [stranger, spoiled, new Uint8Array(9), await seal(frameOf(2).bytes)]) {
    expect(await haveFrames([one.cid], [bytes], 7, readers)).toBe(false)
    expect(await haveFrames([one.cid], [bytes, await seal(one.bytes)], 7, readers)).toBe(true)
  }
})

test('a source that is no frame is refused once it is opened', async () => {
  const rubbish = encodeBlock({ no: 'frame' })
  await expect(haveFrames([rubbish.cid], [await seal(rubbish.bytes)], 7, readers)).rejects.toMatchObject({
    code: 'E_FORM',
  })
})
