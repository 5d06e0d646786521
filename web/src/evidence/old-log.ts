import { decodeBundle, leafHash, TILE_WIDTH, tilePath } from '@tanlian/evidence'
import { openChain, openRpc } from '@tanlian/sdk'
import { getBytes } from '../service.ts'
import type { ChainAddress } from './ask-chain.ts'
import type { OldLog } from './tamper.ts'

/**
 * The log as it truly stood before the entry at `index`: a root that the contract really had, and all leaves under it, from the public
 * entries. Undefined where the contract never stood at such a size, or no chain can be asked.
 */
export async function logBefore(
  index: number,
  block: number,
  address: ChainAddress | undefined,
): Promise<OldLog | undefined> {
  if (address === undefined) return undefined
  const chain = openChain(openRpc({ url: address.rpc }), address)
  const old = (await chain.roots({ toBlock: block })).filter(({ size }) => size <= index).at(-1)
  if (old === undefined) return undefined
  const leaves: Uint8Array[] = []
  for (let bundle = 0; leaves.length < old.size; bundle++) {
    // A bundle may be longer by now than the part that the old log had of it.
    const width = Math.min(TILE_WIDTH, old.size - bundle * TILE_WIDTH)
    const bytes = await getBytes(`/log/${tilePath({ level: 'entries', index: bundle, width })}`)
    leaves.push(...decodeBundle(bytes).map(leafHash))
  }
  return { size: old.size, block: old.block, leaves: leaves.slice(0, old.size) }
}
