import { type Address, addressOf, type Entry, encodeEntry, fromHex0x, signEntry, toHex0x } from '@tanlian/evidence'
import { type Hex, type PublicClient, sha256, toHex } from 'viem'
import { type ActMessage, type ActName, signAct } from '../acts.ts'
import { actCalldata, contractReader } from '../client.ts'
import { type Deployment, deploy } from '../deploy.ts'
import type { Intent } from '../intent.ts'
import { chainSigner, developmentKey } from '../signer.ts'

/** A private key for tests, different for each name. */
export function testKey(name: string): Uint8Array {
  return fromHex0x(sha256(toHex(`tanlian test key ${name}`)))
}

/** The digest that stands for a document of this name. */
export function testDigest(name: string): Hex {
  return sha256(toHex(name))
}

/** Deploys with the first development key; the regulator's key is `testKey('regulator')`. */
export function deployForTest(client: PublicClient): Promise<Deployment> {
  return deploy(client, {
    signer: chainSigner(developmentKey(0), 31337),
    chainId: 31337,
    regulator: {
      key: addressOf(testKey('regulator')),
      recovery: addressOf(testKey('regulator recovery')),
      profile: testDigest('regulator'),
    },
  })
}

/** Signs acts and entries of test parties as intents of the outbox. */
export function testParties(client: PublicClient, deployment: Deployment) {
  const { chainId, registry, log } = deployment
  const reader = contractReader(client, deployment)
  const expires = 4_000_000_000

  const act = async <N extends ActName>(
    name: N,
    signer: string,
    message: Omit<ActMessage<N>, 'nonce' | 'expires'>,
    newKeys: readonly string[] = [],
  ): Promise<Omit<Intent, 'createdAtMs'>> => {
    const nonce = await reader.nonceOf(addressOf(testKey(signer)))
    const whole = { ...message, nonce, expires } as ActMessage<N>
    const domain = { chainId, verifyingContract: registry }
    const signatures = signAct(domain, name, whole, { acting: testKey(signer), newKeys: newKeys.map(testKey) })
    const data = fromHex0x(actCalldata(name, whole, signatures))
    return { id: `act:${signer}:${nonce}`, kind: 'act', to: registry, data }
  }
  return {
    act,
    apply: (name: string, kind: number) =>
      act(
        'Apply',
        name,
        {
          kind,
          profile: testDigest(name),
          key: addressOf(testKey(name)),
          recovery: addressOf(testKey(`${name} recovery`)),
          batchKey: addressOf(testKey(`${name} batches`)),
          documentKey: addressOf(testKey(`${name} documents`)),
        },
        [`${name} batches`, `${name} documents`],
      ),
    /** A batch entry with the key that `apply` named. */
    entry(name: string, organization: number, sequence: number): Omit<Intent, 'createdAtMs'> {
      const digest = fromHex0x(testDigest(`${name} batch ${sequence}`))
      const entry: Entry = { kind: 1, organization, sequence, digest }
      const domain = { chainId, verifyingContract: log }
      const signature = signEntry(entry, domain, testKey(`${name} batches`))
      const data = new Uint8Array([...encodeEntry(entry), ...signature])
      return { id: `entry:1:${organization}:${sequence}`, kind: 'entry', to: log, data }
    },
  }
}

/** The account of a test key, as text. */
export function testAccount(name: string): Address {
  return toHex0x(fromHex0x(addressOf(testKey(name))))
}
