import { describe, expect, test } from 'vitest'
import { encodeBlock, toHex } from './block.ts'
import { makeCosignerVkey, makeVkey, signCheckpoint } from './checkpoint.ts'
import { cosign } from './cosignature.ts'
import { ed25519PublicKey, signEd25519 } from './ed25519.ts'
import { type Entry, signEntry } from './entry.ts'
import { checkEquivocation, type Equivocation, encodeEquivocation, isEquivocation } from './equivocation.ts'
import { createLog } from './log.ts'
import { addressOf } from './typed-data.ts'

const key = new Uint8Array(32).fill(5)
const log = { chainId: 31337, verifyingContract: `0x${'ab'.repeat(20)}` } as const
const entry = (n: number, more: Partial<Entry> = {}): Entry => ({
  kind: 1,
  organization: 7,
  sequence: 12,
  digest: new Uint8Array(32).fill(n),
  ...more,
})
const entries = (one: Entry, other: Entry): Equivocation => ({
  kind: 'entries',
  log,
  entries: [one, other],
  signatures: [signEntry(one, log, key), signEntry(other, log, key)],
})
const receiptBytes = (n: number, sequence = 12) =>
  encodeBlock({
    format: 'tanlian/receipt/1',
    kind: 1,
    organization: 7,
    sequence,
    digest: new Uint8Array(32).fill(n),
    received: 1_790_000_000,
    size: 5000,
    promise: 30,
  }).bytes
const receipts = (one: Uint8Array, other: Uint8Array): Equivocation => ({
  kind: 'receipts',
  key: ed25519PublicKey(key),
  receipts: [one, other],
  signatures: [signEd25519(one, key), signEd25519(other, key)],
})
const grown = (leaves: readonly number[]) => {
  const made = createLog()
  for (const leaf of leaves) made.append(new Uint8Array(32).fill(leaf))
  return made
}
const honest = grown([1, 2, 3])
const other = grown([1, 9, 3, 4, 5])
const origin = 'log.example'
const vkey = makeVkey(origin, ed25519PublicKey(key))
const note = (of: typeof honest, size: number) => signCheckpoint({ origin, size, root: of.root(size) }, key)
const fork = (index: number): Equivocation => ({
  kind: 'checkpoints',
  vkey,
  notes: [note(honest, 3), note(other, 5)],
  difference: {
    index,
    leaves: [honest.leaf(index), other.leaf(index)],
    paths: [honest.inclusion(index, 3), other.inclusion(index, 5)],
  },
})

describe('S9 two statements that cannot both be true are one proof, whichever came first', () => {
  test('two digests of an organization for one place', () => {
    const proof = encodeEquivocation(entries(entry(2), entry(1)))
    expect(proof).toEqual(encodeEquivocation(entries(entry(1), entry(2))))
    expect(isEquivocation(proof)).toBe(true)
    const account = addressOf(key)
    expect(checkEquivocation(proof)).toEqual({
      ok: true,
      kind: 'entries',
      chainId: 31337,
      log: log.verifyingContract,
      organization: 7,
      entryKind: 1,
      sequence: 12,
      digests: [toHex(entry(1).digest), toHex(entry(2).digest)],
      accounts: [account, account],
    })
    expect(proof.length).toBeLessThan(500)
  })

  test('two receipts of a platform for one place', () => {
    const proof = encodeEquivocation(receipts(receiptBytes(2), receiptBytes(1)))
    expect(checkEquivocation(proof)).toMatchObject({ ok: true, kind: 'receipts', organization: 7, sequence: 12 })
  })

  test('two roots of a log at one size', () => {
    const proof: Equivocation = {
      kind: 'checkpoints',
      vkey,
      notes: [note(honest, 3), note(other, 3)],
      difference: null,
    }
    expect(checkEquivocation(encodeEquivocation(proof))).toMatchObject({
      ok: true,
      use: 'log',
      sizes: [3, 3],
      index: null,
    })
  })

  test('two sizes of a log that differ in one entry', () => {
    expect(checkEquivocation(encodeEquivocation(fork(1)))).toMatchObject({ ok: true, sizes: [3, 5], index: 1 })
  })

  test('two cosignatures of a witness', () => {
    const cosigned = (of: typeof honest) => {
      const checkpoint = { origin, size: 3, root: of.root(3) }
      return signCheckpoint(checkpoint, key) + cosign(checkpoint, { name: 'w', privateKey: key }, 1_790_000_000)
    }
    const proof: Equivocation = {
      kind: 'checkpoints',
      vkey: makeCosignerVkey('w', ed25519PublicKey(key)),
      notes: [cosigned(honest), cosigned(other)],
      difference: null,
    }
    expect(checkEquivocation(encodeEquivocation(proof))).toMatchObject({ ok: true, use: 'cosigner', signer: 'w' })
  })
})

describe('S9 what proves nothing is refused', () => {
  const swapped = entries(entry(1), entry(2)) as Extract<Equivocation, { kind: 'entries' }>
  test.each<[string, Equivocation, string]>([
    ['the same digest twice', entries(entry(1), entry(1)), 'E_EQUIVOCATION_NONE'],
    ['two places of one organization', entries(entry(1), entry(2, { sequence: 13 })), 'E_EQUIVOCATION_NONE'],
    ['two organizations', entries(entry(1), entry(2, { organization: 8 })), 'E_EQUIVOCATION_NONE'],
    ['a batch and a document', entries(entry(1), entry(2, { kind: 2 })), 'E_EQUIVOCATION_NONE'],
    [
      'a signature that is none',
      { ...swapped, signatures: [swapped.signatures[0], new Uint8Array(65)] },
      'E_SIGNATURE_FORM',
    ],
    ['two receipts for two places', receipts(receiptBytes(1), receiptBytes(2, 13)), 'E_EQUIVOCATION_NONE'],
    [
      'a receipt signed by another key',
      {
        ...(receipts(receiptBytes(1), receiptBytes(2)) as object),
        key: ed25519PublicKey(new Uint8Array(32).fill(6)),
      } as Equivocation,
      'E_EQUIVOCATION_SIGNATURE',
    ],
    ['signed bytes that are no receipt', receipts(entry(1).digest, entry(2).digest), 'E_BLOCK_NOT_CANONICAL'],
    ['a place where both sizes agree', fork(0), 'E_EQUIVOCATION_NONE'],
    ['two sizes without a place', { ...fork(1), difference: null } as Equivocation, 'E_EQUIVOCATION_NONE'],
    [
      'a log that only grew',
      { kind: 'checkpoints', vkey, notes: [note(other, 3), note(other, 5)], difference: null },
      'E_EQUIVOCATION_NONE',
    ],
    [
      'a checkpoint that another log signed',
      { ...fork(1), vkey: makeVkey('other.example', ed25519PublicKey(key)) } as Equivocation,
      'E_EQUIVOCATION_SIGNATURE',
    ],
  ])('%s', (_, proof, code) => {
    expect(checkEquivocation(encodeEquivocation(proof))).toMatchObject({ ok: false, code })
  })

  test('another form', () => {
    const refused = expect.objectContaining({ ok: false, code: 'E_EQUIVOCATION_FORM' })
    expect(checkEquivocation(encodeBlock({ format: 'tanlian/equivocation/1', kind: 'words' }).bytes)).toEqual(refused)
    expect(checkEquivocation(encodeBlock({ format: 'tanlian/package/1' }).bytes)).toEqual(refused)
    expect(checkEquivocation(encodeBlock([1]).bytes)).toEqual(refused)
    expect(checkEquivocation(new Uint8Array(64 * 1024 + 1))).toEqual(refused)
    expect(isEquivocation(encodeBlock({ format: 'tanlian/package/1' }).bytes)).toBe(false)
    expect(isEquivocation(Uint8Array.of(1, 2, 3))).toBe(false)
  })
})

test('S9 every changed byte of a proof makes it prove nothing, or nothing else than who signed', () => {
  const proof = encodeEquivocation(receipts(receiptBytes(1), receiptBytes(2)))
  for (let at = 0; at < proof.length; at++) {
    const changed = proof.slice()
    changed[at] = (changed[at] as number) ^ 1
    expect(checkEquivocation(changed).ok, `byte ${at}`).toBe(false)
  }
})
