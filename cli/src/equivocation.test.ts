import { Writable } from 'node:stream'
import { type Entry, type Equivocation, encodeEquivocation, signEntry } from '@tanlian/evidence'
import { afterEach, expect, test } from 'vitest'
import { checkProofFile } from './equivocation.ts'
import { type Language, openOutput } from './output.ts'

afterEach(() => {
  process.exitCode = undefined
})

const key = new Uint8Array(32).fill(5)
const log = { chainId: 31337, verifyingContract: `0x${'ab'.repeat(20)}` } as const
const entry = (fill: number): Entry => ({
  ...{ kind: 1, organization: 7, sequence: 12 },
  digest: new Uint8Array(32).fill(fill),
})
const proofOf = (one: Entry, other: Entry): Equivocation => ({
  kind: 'entries',
  log,
  entries: [one, other],
  signatures: [signEntry(one, log, key), signEntry(other, log, key)],
})

/** What the command prints of a file, without a chain node. */
async function said(proof: Equivocation, language: Language): Promise<string> {
  let text = ''
  const stream = new Writable({
    write(part, _, done) {
      text += String(part)
      done()
    },
  })
  const out = openOutput({ language, format: 'text', quiet: false, stdout: stream, stderr: stream, color: false })
  const settings = { get: () => undefined }
  await checkProofFile({ out, settings, home: '', yes: false, interactive: false }, encodeEquivocation(proof))
  return text
}

test('S9 a proof says against whom it is, and that the registry was not asked', async () => {
  const text = await said(proofOf(entry(1), entry(2)), 'en')
  expect(text).toContain('✔ Organization 7: two digests are signed for batch 12')
  expect(text).toContain('02'.repeat(32))
  expect(text).toContain('name a chain node with --rpc')
  expect(await said(proofOf(entry(1), entry(2)), 'zh')).toContain('组织 7 的第 12 个批次签署了两个不同的摘要')
  expect(process.exitCode).toBeUndefined()
})

test('S9 a file that proves nothing says so and ends with 1', async () => {
  expect(await said(proofOf(entry(1), entry(1)), 'en')).toContain('E_EQUIVOCATION_NONE')
  expect(process.exitCode).toBe(1)
})
