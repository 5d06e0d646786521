import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readerPublicKey, toHex } from '@tanlian/evidence'
import { readOrMakeSecret, writeSynced } from '../secret.ts'

/** Where a platform keeps its own readers' keys, one a line in hex: the one for which others seal now, then those before it. */
const pathIn = (dataDir: string) => join(dataDir, 'secrets', 'reader-key')
const newKey = () => randomBytes(32).toString('hex')

/**
 * The platform's own readers' keys, private (平台读者密钥): the first is the one that it names to those who seal, the others still open what was
 * sealed for them. Made at the first start.
 */
export async function readOwnKeys(dataDir: string): Promise<readonly Uint8Array[]> {
  const text = await readOrMakeSecret(pathIn(dataDir), newKey)
  return text.split('\n').map((line) => new Uint8Array(Buffer.from(line, 'hex')))
}

/**
 * Puts a new key before those that the platform has (密钥轮换): from its next start it names that one, and who seals asks for it each time. The old
 * ones stay, since what was sealed for them is opened by nothing else. @returns the new public key, hex
 */
export async function rotateOwnKey(dataDir: string): Promise<string> {
  const before = await readOwnKeys(dataDir)
  const key = newKey()
  await writeSynced(pathIn(dataDir), `${[key, ...before.map(toHex)].join('\n')}\n`)
  return toHex(readerPublicKey(new Uint8Array(Buffer.from(key, 'hex'))))
}
