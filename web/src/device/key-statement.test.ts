import { createHash, generateKeyPairSync } from 'node:crypto'
import { decodeBlock, fromHex } from '@tanlian/evidence'
import { expect, it } from 'vitest'
import { createAuthority } from '../../../gateway/simulator/certificate.ts'
import { certificateFingerprint, readPublicKey, readSignature, statementBytes } from './key-statement.ts'

const pair = generateKeyPairSync('ed25519')
const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
const utf8 = (text: string) => new TextEncoder().encode(text)

it('a public key is read from hex and from a PEM file, and nothing else is one', () => {
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  expect(readPublicKey(pem)).toBe(raw)
  expect(readPublicKey(` ${raw.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:')}\n`)).toBe(raw)
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  for (const text of ['', 'key', raw.slice(2), other.export({ format: 'pem', type: 'spki' }).toString()])
    expect(readPublicKey(text)).toBeUndefined()
})

it('a signature is read from hex and base64', () => {
  const bytes = Buffer.alloc(64, 7)
  expect([readSignature(bytes.toString('hex')), readSignature(`${bytes.toString('base64')}\n`)]).toEqual([
    bytes.toString('hex'),
    bytes.toString('hex'),
  ])
  expect([readSignature(''), readSignature('07'), readSignature('not base64!')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

it('a certificate is enrolled by the SHA-256 of its DER, from either form of its file', () => {
  const { certificate } = createAuthority('plant', Date.UTC(2026, 10, 1)).forDevice('meter-1')
  const der = Buffer.from(certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const digest = createHash('sha256').update(der).digest('hex')
  expect([certificateFingerprint(utf8(certificate)), certificateFingerprint(der)]).toEqual([digest, digest])
  for (const file of [utf8(''), utf8('no certificate'), der.subarray(1), der.subarray(0, -1)])
    expect(certificateFingerprint(file)).toBeUndefined()
})

it('R9 the statement names purpose, chain, log, organization and device', () => {
  const log = `0x${'ab'.repeat(20)}` as const
  const named = { organization: 7, device: 'meter-1', firstCounter: 0, expires: 1_780_000_000 }
  const bytes = statementBytes({ chainId: 31337, log, key: raw, ...named })
  expect(decodeBlock(bytes)).toEqual({
    format: 'tanlian/device-key/1',
    chain: 31337,
    log: fromHex('ab'.repeat(20), 20),
    key: fromHex(raw, 32),
    ...named,
  })
})
