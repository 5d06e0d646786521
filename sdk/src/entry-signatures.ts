import { fromHex, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { encodeWord } from './abi.ts'
import type { AppendedEvent, Chain } from './chain.ts'
import { inTurns } from './in-turns.ts'

/**
 * Signatures of entries, from the calls that brought them: `append` carries each entry as seven words, wherever in the call it stands.
 * Codes: E_CHAIN_RPC, E_CHAIN_ANSWER.
 */
export async function signaturesOf(chain: Chain, events: readonly AppendedEvent[]): Promise<Uint8Array[]> {
  const inputs = new Map<string, string[]>()
  const transactions = [...new Set(events.map((event) => event.transaction))]
  await inTurns(transactions, 8, async (transaction) => {
    const input = await chain.transactionInput(transaction)
    inputs.set(transaction, toHex(input.subarray(4)).match(/.{64}/g) ?? [])
  })
  return events.map((event) => {
    const words = inputs.get(event.transaction) ?? []
    const start = [event.kind, event.organization, event.sequence, event.digest].map(encodeWord)
    for (let at = 0; at + 7 <= words.length; at++) {
      if (!start.every((word, offset) => words[at + offset] === word)) continue
      const signature = new Uint8Array(65)
      signature.set(fromHex(`${words[at + 4]}${words[at + 5]}`), 0)
      signature[64] = Number.parseInt((words[at + 6] as string).slice(62), 16)
      return signature
    }
    throw new TanlianError(
      'E_CHAIN_ANSWER',
      `Transaction ${event.transaction} does not carry the signature of entry ${event.index}.`,
      {
        values: { index: event.index, transaction: event.transaction },
      },
    )
  })
}
