import { describe, expect, test } from 'vitest'
import { makeVkey, openCheckpoint, openVkey, signCheckpoint } from './checkpoint.ts'
import { ed25519PublicKey } from './ed25519.ts'
import { EMPTY_ROOT, leafHash } from './log.ts'

const seed = new Uint8Array(32).fill(7)
const other = new Uint8Array(32).fill(8)
const origin = 'tanlian.example/log'
const vkey = makeVkey(origin, ed25519PublicKey(seed))
const witness = makeVkey('witness.example', ed25519PublicKey(other))
const checkpoint = { origin, size: 70_000, root: leafHash(Uint8Array.of(1)) }
const note = signCheckpoint(checkpoint, seed)

/** The same text signed under another name, as a witness would. */
function signatureBy(name: string, key: Uint8Array, text: string): string {
  const signed = signCheckpoint({ ...checkpoint, origin: name }, key)
  expect(text).not.toBe(signed)
  return signed.slice(signed.indexOf('— '))
}

describe('checkpoints', () => {
  test('what is signed opens again', () => {
    expect(openCheckpoint(note, [vkey])).toEqual({ ok: true, ...checkpoint, signers: [origin], cosigners: [] })
    const empty = { origin, size: 0, root: EMPTY_ROOT }
    expect(openCheckpoint(signCheckpoint(empty, seed), [vkey])).toMatchObject({ ok: true, size: 0 })
  })

  test('the text has the form of the specification', () => {
    expect(note).toMatch(
      /^tanlian\.example\/log\n70000\n[A-Za-z0-9+/]{43}=\n\n— tanlian\.example\/log [A-Za-z0-9+/]+=*\n$/,
    )
  })

  test('a checkpoint of the Go checksum database holds by its key and fails once altered', () => {
    // As published in C2SP tlog-checkpoint and golang.org/x/mod; there the origin line is not the key's name.
    const key = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'
    const published =
      'go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n'
    expect(openVkey(key)).toMatchObject({ name: 'sum.golang.org', id: '033de0ae' })
    expect(openCheckpoint(published, [key])).toMatchObject({ code: 'E_CHECKPOINT_UNSIGNED' })
    expect(openCheckpoint(published.replace('20852163', '20852164'), [key])).toMatchObject({
      code: 'E_CHECKPOINT_SIGNATURE',
    })
  })

  test('signatures by unknown keys are passed over, by a known key they must hold', () => {
    const foreign = signatureBy('witness.example', other, note)
    expect(openCheckpoint(note + foreign, [vkey])).toMatchObject({ ok: true, signers: [origin] })
    expect(openCheckpoint(note + foreign, [vkey, witness])).toMatchObject({ code: 'E_CHECKPOINT_SIGNATURE' })
  })

  test('without a trusted signature of the log itself nothing is opened', () => {
    expect(openCheckpoint(note, [])).toMatchObject({ code: 'E_CHECKPOINT_UNSIGNED' })
    expect(openCheckpoint(note, [witness])).toMatchObject({ code: 'E_CHECKPOINT_UNSIGNED' })
    expect(openCheckpoint(note, [makeVkey(origin, ed25519PublicKey(other))])).toMatchObject({
      code: 'E_CHECKPOINT_UNSIGNED',
    })
  })

  test('every byte changed is refused with a code', () => {
    for (let at = 0; at < note.length; at++) {
      const altered = note.slice(0, at) + (note[at] === 'A' ? 'B' : 'A') + note.slice(at + 1)
      expect(openCheckpoint(altered, [vkey])).toMatchObject({
        ok: false,
        code: expect.stringMatching(/^E_CHECKPOINT_/),
      })
    }
  })

  test.each([
    ['nothing', ''],
    ['no signature', note.slice(0, note.indexOf('\n\n') + 1)],
    ['a size with a leading zero', note.replace('70000', '070000')],
    ['a size beyond 2^53 − 1', note.replace('70000', '9007199254740992')],
    ['a negative size', note.replace('70000', '-70000')],
    ['an empty extension line before the root', note.replace('\n70000', '\n\n70000')],
    ['a control character', note.replace('70000', '70000\r')],
    ['a hyphen in place of the dash', note.replace('— ', '- ')],
    ['no end of line', note.slice(0, -1)],
    ['a second blank line', `${note}\n`],
    ['too much of it', `${note}${note.slice(note.indexOf('— ')).repeat(200)}`],
    ['half a surrogate pair', `\ud800${note}`],
  ])('%s is refused', (_, text) => {
    expect(openCheckpoint(text, [vkey])).toMatchObject({ ok: false, code: 'E_CHECKPOINT_FORM' })
  })

  test('what cannot be written is not signed', () => {
    for (const bad of [{ origin: 'two words' }, { origin: 'a+b' }, { origin: '' }, { size: -1 }, { size: 2 ** 53 }])
      expect(() => signCheckpoint({ ...checkpoint, ...bad }, seed)).toThrow(
        expect.objectContaining({ code: 'E_CHECKPOINT_FORM' }),
      )
  })
})

describe('verifier keys', () => {
  test('the example of the Go documentation is read, and written the same', () => {
    const published = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
    const key = openVkey(published)
    expect(makeVkey(key.name, key.publicKey)).toBe(published)
  })

  test.each([
    '',
    'PeterNeumann',
    'PeterNeumann+c74f20a3',
    'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T',
    ' +c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  ])('%s is refused', (text) => {
    expect(() => openVkey(text)).toThrow(expect.objectContaining({ code: 'E_CHECKPOINT_VKEY' }))
  })
})
