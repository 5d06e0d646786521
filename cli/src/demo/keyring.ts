import { addressOf, digestOf, encodeProfile, type Profile, toHex, toHex0x } from '@tanlian/evidence'
import { newPrivateKey } from '@tanlian/sdk'
import { below, createDurably, makeFolder, readWanted } from '@tanlian/sdk/node'
import { addressIn, keepKey, PURPOSES, type Purpose, readKey, unlockKey } from '../keys.ts'
import type { DemoParty } from './parties.ts'

/** The folder of a running platform's own parties: keys, passphrase, people, what they signed. Only its owner can enter it. */
export function demoHome(data: string): string {
  return below(data, 'enterprise')
}

/** scrypt's cost for these keys: their passphrase is 32 random bytes, which no cost makes harder to guess. */
const SCRYPT_N = 4096

/** Secrets of the parties on this machine, opened as they are needed. */
export interface Keyring {
  key(party: string, purpose: Purpose): Promise<Uint8Array>
  address(party: string, purpose: Purpose): Promise<`0x${string}`>
}

/** Makes the key sets that are missing, under a passphrase made once and kept beside them (mode 0600). Nothing of it is printed. */
export async function openKeyring(home: string, parties: readonly string[]): Promise<Keyring> {
  await makeFolder(home)
  const path = below(home, 'passphrase')
  await createDurably(path, `${toHex(crypto.getRandomValues(new Uint8Array(32)))}\n`)
  const passphrase = new TextDecoder().decode(await readWanted(path)).trim()
  for (const party of parties) {
    for (const purpose of PURPOSES) {
      if ((await readKey(home, party, purpose)) === undefined)
        await keepKey(home, party, purpose, newPrivateKey(), passphrase, SCRYPT_N)
    }
  }
  const opened = new Map<string, Promise<Uint8Array>>()
  return {
    key(party, purpose) {
      const name = `${party}/${purpose}`
      const known = opened.get(name) ?? unlockKey(home, party, purpose, passphrase)
      opened.set(name, known)
      return known
    },
    address: (party, purpose) => addressIn(home, party, purpose),
  }
}

/** The public profile of a party; it has no private part, so that its digest is the same in every run. */
export function profileOf(party: DemoParty): Profile {
  const { kind, zh, en, region, industry } = party
  return { kind, name: zh, nameEn: en, region, industry, website: null, private: null }
}

/** What the deployment of the contracts is told of the first regulator. */
export async function founderOf(keyring: Keyring, regulator: DemoParty) {
  return {
    address: addressOf(await keyring.key(regulator.name, 'acts')),
    profile: toHex0x(digestOf(encodeProfile(profileOf(regulator)).cid)),
    recovery: await keyring.address(regulator.name, 'recovery'),
  }
}
