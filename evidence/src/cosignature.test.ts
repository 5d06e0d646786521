import { describe, expect, test } from 'vitest'
import { makeCosignerVkey, makeVkey, openCheckpoint, openVkey, signCheckpoint } from './checkpoint.ts'
import { checkCosignature, cosign } from './cosignature.ts'
import { ed25519PublicKey } from './ed25519.ts'
import { logRoot } from './log.ts'

const logKey = new Uint8Array(32).fill(1)
const witness = { name: 'regulator.example/w', privateKey: new Uint8Array(32).fill(2) }
const vkey = makeCosignerVkey(witness.name, ed25519PublicKey(witness.privateKey))
const logVkey = makeVkey('log.example', ed25519PublicKey(logKey))
const checkpoint = { origin: 'log.example', size: 3, root: logRoot([1, 2, 3].map((n) => new Uint8Array(32).fill(n))) }
const line = cosign(checkpoint, witness, 1_790_000_000)

test('a cosignature holds over its checkpoint, and the checkpoint with it names the witness and the time', () => {
  expect(checkCosignature(checkpoint, line, vkey)).toEqual({ line, name: witness.name, timeS: 1_790_000_000 })
  const note = signCheckpoint(checkpoint, logKey) + line
  expect(openCheckpoint(note, [logVkey, vkey])).toMatchObject({
    ok: true,
    signers: ['log.example', witness.name],
    cosigners: [{ name: witness.name, timeS: 1_790_000_000 }],
  })
  expect(openCheckpoint(note, [logVkey])).toMatchObject({ ok: true, signers: ['log.example'], cosigners: [] })
  expect(openCheckpoint(note, [vkey])).toMatchObject({ ok: false, code: 'E_CHECKPOINT_UNSIGNED' })
})

test('the example of C2SP tlog-cosignature has its key id and its time', () => {
  const published =
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n'
  expect(line.length - witness.name.length).toBe(published.length - 'witness.example.com/w1'.length)
  expect(() => checkCosignature(checkpoint, published, vkey)).toThrow(
    expect.objectContaining({ code: 'E_COSIGNATURE' }),
  )
})

describe('S9 what is not this witness’s word over this checkpoint is refused', () => {
  test.each<[string, () => unknown]>([
    ['another size', () => checkCosignature({ ...checkpoint, size: 4 }, line, vkey)],
    ['another root', () => checkCosignature({ ...checkpoint, root: new Uint8Array(32) }, line, vkey)],
    ['another origin', () => checkCosignature({ ...checkpoint, origin: 'log.example2' }, line, vkey)],
    ['the log’s own key', () => checkCosignature(checkpoint, line, logVkey)],
    ['two lines', () => checkCosignature(checkpoint, line + line, vkey)],
    ['no newline', () => checkCosignature(checkpoint, line.trimEnd(), vkey)],
    [
      'another witness',
      () => checkCosignature(checkpoint, cosign(checkpoint, { ...witness, privateKey: logKey }, 1_790_000_000), vkey),
    ],
  ])('%s', (_, check) => {
    expect(check).toThrow(expect.objectContaining({ code: 'E_COSIGNATURE' }))
  })

  test('any changed byte of time or signature', () => {
    const bytes = Buffer.from(line.split(' ')[2] as string, 'base64')
    for (let at = 4; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] as number) ^ 1
      const note = `— ${witness.name} ${changed.toString('base64')}\n`
      expect(() => checkCosignature(checkpoint, note, vkey), `byte ${at}`).toThrow()
      expect(openCheckpoint(signCheckpoint(checkpoint, logKey) + note, [logVkey, vkey]).ok).toBe(false)
    }
  })
})

test('a witness’s key and a log’s key of the same bytes are two keys', () => {
  const asLog = makeVkey(witness.name, ed25519PublicKey(witness.privateKey))
  expect(openVkey(vkey)).toMatchObject({ name: witness.name, use: 'cosigner' })
  expect(openVkey(asLog)).toMatchObject({ name: witness.name, use: 'log' })
  expect(openVkey(asLog).id).not.toBe(openVkey(vkey).id)
})
