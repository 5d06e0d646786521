import {
  type Checkpoint,
  checkInclusion,
  type Difference,
  type Equivocation,
  equalBytes,
  fromHex,
  type Log,
  openCheckpoint,
  TILE_WIDTH,
  tilePath,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Client } from '../client.ts'

/**
 * Two checkpoints of different sizes contradict each other where one place holds two entries. Whoever signed the forged one serves its tree
 * to those it is to deceive, so its first differing leaf and the path to it are asked for there; what comes is held against the forged root.
 * @param honest a checkpoint whose tree is `log` at its size
 * @returns the proof, or undefined where no such entry can be had
 */
export async function findFork(
  client: Client,
  log: Log,
  vkey: string,
  honest: string,
  forged: string,
): Promise<Equivocation | undefined> {
  const [one, other] = [openCheckpoint(honest, [vkey]), openCheckpoint(forged, [vkey])]
  if (!one.ok || !other.ok) return undefined
  try {
    const difference = await firstDifference(client, log, one.size, other)
    return difference === undefined ? undefined : { kind: 'checkpoints', vkey, notes: [honest, forged], difference }
  } catch (error) {
    // Whoever forges a checkpoint may answer nothing, or anything.
    if (error instanceof TanlianError || error instanceof TypeError) return undefined
    throw error
  }
}

/** The first place where the forged tree has another leaf than the log, and both paths. */
async function firstDifference(
  client: Client,
  log: Log,
  honestSize: number,
  { size, root }: Checkpoint,
): Promise<Difference | undefined> {
  const common = Math.min(honestSize, size)
  for (let first = 0; first < common; first += TILE_WIDTH) {
    const tile = { level: 0, index: first / TILE_WIDTH, width: Math.min(TILE_WIDTH, size - first) }
    const theirs = await client.http.bytes(`/log/${tilePath(tile)}`)
    for (let place = first; place < Math.min(first + TILE_WIDTH, common); place++) {
      const leaf = theirs.slice((place - first) * 32, (place - first) * 32 + 32)
      if (equalBytes(leaf, log.leaf(place))) continue
      const path = (await client.logProof(place, size)).path.map((hash) => fromHex(hash, 32))
      if (!checkInclusion({ leaf, index: place, size, root, path }).ok) return undefined
      return { index: place, leaves: [log.leaf(place), leaf], paths: [log.inclusion(place, honestSize), path] }
    }
  }
  return undefined
}
