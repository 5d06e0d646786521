import { TanlianError } from '@tanlian/units'
import type { ChainReader } from './reader.ts'

/**
 * Two nodes as one reader, which answers only what both say (trust boundary 6, F20). The newest block is the older of theirs.
 * @throws TanlianError `E_CHAIN_DISAGREES`: one of them lies or follows another chain. A reorganization under way looks the same for a moment.
 */
export function agreeing(first: ChainReader, second: ChainReader): ChainReader {
  return {
    async head() {
      const [one, other] = await Promise.all([first.head(), second.head()])
      const number = Math.min(one.number, other.number)
      const [[a], [b]] = await Promise.all([first.blocks([number]), second.blocks([number])])
      if (a === undefined || b === undefined || a.hash !== b.hash) throw disagreement(`block ${number}`, number)
      return a
    },
    async blocks(numbers) {
      const [one, other] = await Promise.all([first.blocks(numbers), second.blocks(numbers)])
      // A block that only one of them has yet is one that they do not disagree about.
      const hashes = new Map(other.map((block) => [block.number, block.hash]))
      for (const { number, hash } of one)
        if (hashes.has(number) && hashes.get(number) !== hash) throw disagreement(`block ${number}`, number)
      return one.filter(({ number }) => hashes.has(number))
    },
    async events(from, to) {
      const [one, other] = await Promise.all([first.events(from, to), second.events(from, to)])
      if (JSON.stringify(one) !== JSON.stringify(other)) throw disagreement(`the events of blocks ${from} to ${to}`, to)
      return one
    },
  }
}

function disagreement(what: string, block: number): TanlianError {
  return new TanlianError(
    'E_CHAIN_DISAGREES',
    `The two nodes disagree about ${what}. Nothing is read on until they agree: find out which one is wrong.`,
    { values: { block } },
  )
}
