import { appendFile, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog, type Entry, type Equivocation, encodeEntry, leafHash, signEntry, toHex } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { createFollower } from './follow.ts'
import { openLogFile } from './log-file.ts'
import type { LogSource, SignedEntry } from './source.ts'

const domain = { chainId: 31337, verifyingContract: `0x${'cd'.repeat(20)}` } as const
const key = new Uint8Array(32).fill(3)

/** A chain of blocks with entries in them; it can be cut and grown anew. */
function fakeChain() {
  const blocks: { readonly hash: `0x${string}`; readonly entries: Entry[] }[] = [{ hash: '0x00', entries: [] }]
  let fork = 0
  const signed = (): SignedEntry[] => {
    let index = 0
    return blocks.flatMap(({ entries }, block) =>
      entries.map((entry) => ({ ...entry, index: index++, block, signature: signEntry(entry, domain, key) })),
    )
  }
  const logAt = (block: number) => {
    const log = createLog()
    for (const entry of signed()) if (entry.block <= block) log.append(leafHash(encodeEntry(entry)))
    return log
  }
  const blockAt = (number: number) => {
    const hash = blocks[number]?.hash
    return hash === undefined ? undefined : { number, hash, timestamp: number }
  }
  const source: LogSource = {
    head: async () => blockAt(blocks.length - 1) as NonNullable<ReturnType<typeof blockAt>>,
    block: async (number) => blockAt(number),
    async part(from, to) {
      const entries = signed().filter(({ block }) => block >= from && block <= to)
      const numbers = [...new Set(entries.map(({ block }) => block))]
      const roots = numbers.map((block) => {
        const log = logAt(block)
        return { size: log.size, root: log.root(), block, transaction: '0x00' as const }
      })
      return { entries, roots }
    },
    async state(at) {
      const log = logAt(at)
      return { size: log.size, root: log.root() }
    },
  }
  return {
    source,
    mine(...entries: Entry[]) {
      blocks.push({ hash: `0x${fork}${blocks.length}`, entries })
    },
    cut(count: number) {
      blocks.length -= count
      fork++
    },
    log: () => logAt(blocks.length - 1),
  }
}
const entry = (sequence: number, fill = sequence, organization = 7): Entry => ({
  ...{ kind: 1, organization, sequence },
  digest: new Uint8Array(32).fill(fill),
})

async function follower(chain: ReturnType<typeof fakeChain>, folder?: string, depth = 8) {
  const place = folder ?? (await mkdtemp(join(tmpdir(), 'tanlian-follow-')))
  const file = await openLogFile(place, domain)
  const doubles: Equivocation[] = []
  const onDouble = (proof: Equivocation) => doubles.push(proof)
  const made = createFollower({ source: chain.source, file, domain, depth, onDouble })
  const catchUp = async () => {
    while (await made.step());
  }
  return { folder: place, file, doubles, catchUp }
}

test('S29 the log read from the chain is the contract’s, and is there again after a restart', async () => {
  const chain = fakeChain()
  chain.mine(entry(1), entry(1, 9, 8))
  chain.mine()
  chain.mine(entry(2))
  const { folder, file, catchUp } = await follower(chain)
  await catchUp()
  expect(toHex(file.log.root())).toBe(toHex(chain.log().root()))
  await file.close()
  chain.mine(entry(3))
  const again = await follower(chain, folder)
  expect(again.file.size).toBe(3)
  await again.catchUp()
  expect(again.file.places(7, 1)).toEqual([0, 2, 3])
  expect(again.file.organizations()).toEqual([7, 8])
  expect(await again.file.entry(3)).toMatchObject({ sequence: 3, block: 4, index: 3 })
  await again.file.close()
})

test('S30 a chain that goes back within the depth is followed back and on', async () => {
  const chain = fakeChain()
  for (let at = 1; at <= 12; at++) chain.mine(entry(at))
  const { file, catchUp, doubles } = await follower(chain)
  await catchUp()
  chain.cut(5)
  chain.mine(entry(1, 40, 9))
  for (let at = 8; at <= 14; at++) chain.mine(entry(at))
  await catchUp()
  expect([file.size, toHex(file.log.root())]).toEqual([15, toHex(chain.log().root())])
  expect(file.places(9, 1)).toEqual([7])
  // The same batches in another order convict nobody.
  expect(doubles).toEqual([])
  await file.close()
})

test('S9 an organization that has another batch in a place after the chain went back signed twice', async () => {
  const chain = fakeChain()
  chain.mine(entry(1))
  chain.mine(entry(2))
  const { file, catchUp, doubles } = await follower(chain)
  await catchUp()
  chain.cut(1)
  chain.mine(entry(2, 77))
  await catchUp()
  expect(doubles).toMatchObject([{ kind: 'entries', entries: [{ sequence: 2 }, { sequence: 2 }] }])
  await file.close()
})

test('S30 a chain that goes back deeper stops it, before and after a restart', async () => {
  const chain = fakeChain()
  for (let at = 1; at <= 12; at++) chain.mine(entry(at))
  const { folder, file, catchUp } = await follower(chain, undefined, 4)
  await catchUp()
  chain.cut(7)
  for (let at = 6; at <= 20; at++) chain.mine(entry(at))
  const deep = expect.objectContaining({ code: 'E_WITNESS_REORG_DEEP' })
  await expect(catchUp()).rejects.toThrow(deep)
  expect(file.size).toBe(12)
  await file.close()
  const again = await follower(chain, folder, 4)
  await expect(again.catchUp()).rejects.toThrow(deep)
  await again.file.close()
})

test('F7 a tail that was never finished is cut; F9 a changed byte is refused', async () => {
  const chain = fakeChain()
  for (let at = 1; at <= 3; at++) chain.mine(entry(at))
  const { folder, file, catchUp } = await follower(chain)
  await catchUp()
  await file.close()
  await appendFile(join(folder, 'entries'), new Uint8Array(60))
  const again = await follower(chain, folder)
  chain.mine(entry(4))
  await again.catchUp()
  expect(again.file.size).toBe(4)
  await again.file.close()
  const bytes = await readFile(join(folder, 'entries'))
  bytes[30] = (bytes[30] as number) ^ 1
  await writeFile(join(folder, 'entries'), bytes)
  await expect(openLogFile(folder, domain)).rejects.toThrow(expect.objectContaining({ code: 'E_WITNESS_DAMAGED' }))
})

test('a folder of another log is refused', async () => {
  const chain = fakeChain()
  chain.mine(entry(1))
  const { folder, file, catchUp } = await follower(chain)
  await catchUp()
  await file.close()
  const other = { ...domain, chainId: 1 }
  await expect(openLogFile(folder, other)).rejects.toThrow(expect.objectContaining({ code: 'E_WITNESS_FOLDER' }))
})
