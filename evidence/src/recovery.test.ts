import { expect, test } from 'vitest'
import { createRecovery } from './recovery.ts'
import { addressOf, recoverHash, signHash } from './typed-data.ts'

const hashes = Array.from({ length: 40 }, (_, at) => new Uint8Array(32).fill(at + 1, 3))
const [mine, theirs] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(8)]

test('many signatures of one key and of others recover to what each recovers to alone', () => {
  const recover = createRecovery()
  for (const [at, hash] of hashes.entries()) {
    const signature = signHash(hash, at % 9 === 4 ? theirs : mine)
    expect(recover(hash, signature, 'a plant')).toBe(recoverHash(hash, signature))
    expect(recover(hash, signature, 'another')).toBe(addressOf(at % 9 === 4 ? theirs : mine))
  }
})

test('R8 a signature with a byte changed recovers as it does alone, or is refused as it is alone', () => {
  const recover = createRecovery()
  const [first, second] = hashes as [Uint8Array, Uint8Array]
  recover(first, signHash(first, mine), 'a plant')
  const good = signHash(second, mine)
  const outcome = (work: () => string) => {
    try {
      return work()
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  for (let at = 0; at < 65; at++)
    for (const bit of [1, 7, 128]) {
      const told = good.slice()
      told[at] = (told[at] as number) ^ bit
      expect(
        outcome(() => recover(second, told, 'a plant')),
        `byte ${at}`,
      ).toBe(outcome(() => recoverHash(second, told)))
      recover(first, signHash(first, mine), 'a plant')
    }
})
