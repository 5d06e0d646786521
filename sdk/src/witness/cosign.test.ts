import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLog,
  type Equivocation,
  ed25519PublicKey,
  makeCosignerVkey,
  makeVkey,
  openCheckpoint,
  signCheckpoint,
} from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { openCosigner } from './cosign.ts'

const logKey = new Uint8Array(32).fill(1)
const privateKey = new Uint8Array(32).fill(2)
const origin = 'log.example'
const vkey = makeVkey(origin, ed25519PublicKey(logKey))
const name = 'log.example/witness/4'
const own = makeCosignerVkey(name, ed25519PublicKey(privateKey))
const refused = expect.objectContaining({ code: 'E_WITNESS_CHECKPOINT' })

async function parts(deep = () => Number.POSITIVE_INFINITY) {
  const folder = await mkdtemp(join(tmpdir(), 'tanlian-cosign-'))
  const log = createLog()
  const grow = (...fills: number[]) => {
    for (const fill of fills) log.append(new Uint8Array(32).fill(fill))
  }
  const doubles: Equivocation[] = []
  const keepProof = async (proof: Equivocation) => doubles.push(proof) > 0
  const hand = { name, privateKey, clock: () => 1_790_000_000_000, convicted: () => undefined }
  const open = () =>
    openCosigner({ folder, log, deepSize: deep, vkey, ...hand, keepProof, findFork: async () => undefined })
  const note = (size = log.size, root = log.root(size)) => signCheckpoint({ origin, size, root }, logKey)
  return { folder, log, grow, open, note, doubles }
}

test('each checkpoint is cosigned once, the greatest counts, also after a restart', async () => {
  const { grow, open, note } = await parts()
  grow(1, 2)
  const cosigner = await open()
  const signed = await cosigner.look(note())
  expect(openCheckpoint(note() + signed?.line, [vkey, own])).toMatchObject({ ok: true, cosigners: [{ name }] })
  expect(await cosigner.look(note())).toBeUndefined()
  grow(3)
  expect(await (await open()).look(note(2))).toBeUndefined()
  expect(await (await open()).look(note())).toMatchObject({ size: 3 })
})

test('a checkpoint is not cosigned before the chain is deep enough over it', async () => {
  let deep = 2
  const { grow, open, note } = await parts(() => deep)
  grow(1, 2, 3)
  const cosigner = await open()
  expect(await cosigner.look(note(3))).toBeUndefined()
  grow(4)
  deep = 3
  // The newest is still too young; the one seen before is not.
  expect(await cosigner.look(note(4))).toMatchObject({ size: 3 })
})

test('S9 a root that is not the chain’s is never cosigned; two roots for one size are proof', async () => {
  const { folder, grow, open, note, doubles } = await parts()
  grow(1, 2)
  const lie = note(2, new Uint8Array(32))
  await expect((await open()).look(lie)).rejects.toThrow(refused)
  expect(await readFile(join(folder, 'checkpoint-2.txt'), 'utf8')).toBe(lie)
  const cosigner = await open()
  await cosigner.look(note())
  await expect(cosigner.look(note(2, new Uint8Array(32)))).rejects.toThrow(refused)
  expect(doubles).toMatchObject([{ kind: 'checkpoints', vkey, difference: null }])
})

test('S9 a checkpoint ahead of the chain is looked at once the chain is there', async () => {
  const { grow, open, note } = await parts()
  grow(1)
  const cosigner = await open()
  expect(await cosigner.look(note(3, new Uint8Array(32)))).toBeUndefined()
  grow(2, 3)
  await expect(cosigner.look(note(1))).rejects.toThrow(refused)
})

test('S9 once the chain took back what was cosigned nothing is cosigned any more', async () => {
  const { log, grow, open, note } = await parts()
  grow(1, 2, 3)
  const cosigner = await open()
  await cosigner.look(note())
  log.truncate(2)
  grow(8, 9)
  await expect(cosigner.look(note())).rejects.toThrow(refused)
})
