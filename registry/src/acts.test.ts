import { readFile } from 'node:fs/promises'
import { addressOf, typeString } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { actsForSdk } from '../tools/acts.ts'
import { ACTS, type ActName, newKeysOf, recoverActSigners, signAct } from './acts.ts'

const NAMES = Object.keys(ACTS) as ActName[]

test('every act of the contract is in the table, with the same type string', async () => {
  const source = await readFile(new URL('../contracts/Acts.sol', import.meta.url), 'utf8')
  const inContract = [...source.matchAll(/"(\w+\([^"]*\))"/g)].map((match) => match[1])
  const here = NAMES.map((name) => typeString(name, ACTS[name].fields))
  expect(inContract.filter((text) => !/^(EIP712Domain|Entry)\(/.test(text ?? '')).toSorted()).toEqual(here.toSorted())
})

test('the sdk has the same table', async () => {
  const copy = await readFile(new URL('../../sdk/src/acts.generated.ts', import.meta.url), 'utf8')
  expect(copy).toBe(await actsForSdk())
})

test('an act is signed by the acting key and then by each new key that it names', () => {
  const registry = { chainId: 31337, verifyingContract: `0x${'ab'.repeat(20)}` } as const
  const [acting, batch] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const message = {
    kind: 3,
    profile: `0x${'11'.repeat(32)}`,
    key: addressOf(acting),
    recovery: `0x${'22'.repeat(20)}`,
    batchKey: addressOf(batch),
    documentKey: `0x${'00'.repeat(20)}`,
    nonce: 0,
    expires: 2_000_000_000,
  } as const
  expect(newKeysOf('Apply', message)).toEqual([addressOf(batch)])
  const signatures = signAct(registry, 'Apply', message, { acting, newKeys: [batch] })
  expect(recoverActSigners(registry, 'Apply', message, signatures)).toEqual([addressOf(acting), addressOf(batch)])
  const other = { ...registry, chainId: 1 }
  expect(recoverActSigners(other, 'Apply', message, signatures)).not.toContain(addressOf(acting))
  expect(() => recoverActSigners(registry, 'Apply', message, signatures.subarray(0, 100))).toThrow()
})
