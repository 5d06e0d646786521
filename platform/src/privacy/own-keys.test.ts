import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cidOf, encodeKey, readerPublicKey, sealBlock, toHex } from '@tanlian/evidence'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBlocks } from '../blocks.ts'
import { machineDisk } from '../disk.ts'
import { readOwnKeys, rotateOwnKey } from './own-keys.ts'
import { createPrivacy } from './privacy.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-own-keys-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a key is made once, and a rotation puts a new one before it; the file stays its owner’s alone', async () => {
  const [first] = await readOwnKeys(folder)
  expect(await readOwnKeys(folder)).toEqual([first])
  const named = await rotateOwnKey(folder)
  const keys = await readOwnKeys(folder)
  expect(keys).toEqual([expect.anything(), first])
  expect(toHex(readerPublicKey(keys[0] as Uint8Array))).toBe(named)
  await rotateOwnKey(folder)
  expect((await readOwnKeys(folder)).slice(1)).toEqual(keys)
  const path = join(folder, 'secrets', 'reader-key')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4)
})

test('after a rotation others seal for the new key, and what was sealed for the old one still opens', async () => {
  const before = readerPublicKey((await readOwnKeys(folder))[0] as Uint8Array)
  await rotateOwnKey(folder)
  const secrets = await readOwnKeys(folder)
  const directory = join(folder, 'blocks')
  const fatal = (reason: string) => {
    throw new Error(reason)
  }
  const blocks = await openBlocks({ directory, disk: machineDisk, reserveBytes: 0, fatal })
  try {
    // Nothing is asked of a database to open a chunk that the index names.
    const privacy = createPrivacy({ db: undefined as never, blocks, secrets })
    expect(toHex(privacy.publicKey)).not.toBe(toHex(before))
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
    const plain = new TextEncoder().encode('a chunk')
    const place = { min: encodeKey(1, 1, 0), max: encodeKey(1, 1, 9), count: 2, organization: 3 }
    for (const key of [before, privacy.publicKey]) {
      const sealed = await sealBlock(plain, place, [key], random)
      await blocks.put([{ digest: sealed.cid.multihash.digest, bytes: sealed.bytes }])
      expect(await privacy.chunk(3, [place.min, place.max, place.count, cidOf(sealed.bytes)])).toEqual(plain)
    }
    const stranger = await sealBlock(plain, place, [readerPublicKey(random(32))], random)
    await blocks.put([{ digest: stranger.cid.multihash.digest, bytes: stranger.bytes }])
    await expect(privacy.chunk(3, [place.min, place.max, 2, stranger.cid])).rejects.toMatchObject({
      code: 'E_CONFIDENTIAL_CLOSED',
    })
  } finally {
    await blocks.close()
  }
})
