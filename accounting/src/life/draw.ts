import { compareKeys, digestOf, encodeBlock } from '@tanlian/evidence'
import type { Draw, Pairing } from '../document/verification.ts'
import { registerError } from './state.ts'

/**
 * Draws a verifier for each enterprise (抽签指派) from the log's root after the announced block: nobody knew it when the draw was announced,
 * and everybody can draw again. Enterprises come in an order that the root gives; each gets, of the candidates that are not excluded for it and
 * did not verify it last time, one of those with the fewest so far, again as the root gives.
 * @throws TanlianError E_REGISTER_DRAW where an enterprise has no candidate left
 */
export function drawVerifiers(root: Uint8Array, draw: Draw): readonly Pairing[] {
  const { enterprises, block } = draw
  const lot = (...numbers: readonly number[]) => lotOf(root, block, numbers)
  const order = sortBy(enterprises, (enterprise) => lot(enterprise))
  const load = new Map<number, number>()
  const assigned = order.map((enterprise): Pairing => {
    const eligible = eligibleFor(draw, enterprise)
    const fewest = Math.min(...eligible.map((candidate) => load.get(candidate) ?? 0))
    const [chosen] = sortBy(
      eligible.filter((candidate) => (load.get(candidate) ?? 0) === fewest),
      (candidate) => lot(enterprise, candidate),
    )
    if (chosen === undefined) throw noCandidate(enterprise)
    load.set(chosen, fewest + 1)
    return [enterprise, chosen]
  })
  return assigned.sort(([a], [b]) => a - b)
}

/** Candidates that may verify an enterprise: rotation and conflicts of interest. @throws TanlianError E_REGISTER_DRAW where there is none */
export function eligibleFor({ candidates, excluded, previous }: Draw, enterprise: number): readonly number[] {
  const barred = new Set(
    [...excluded, ...previous].filter(([one]) => one === enterprise).map(([, candidate]) => candidate),
  )
  const eligible = candidates.filter((candidate) => !barred.has(candidate) && candidate !== enterprise)
  if (eligible.length === 0) throw noCandidate(enterprise)
  return eligible
}

/** H of the canonical DAG-CBOR of `["tanlian/draw/1", root, block, numbers…]`. */
function lotOf(root: Uint8Array, block: number, numbers: readonly number[]): Uint8Array {
  return digestOf(encodeBlock(['tanlian/draw/1', root, block, ...numbers]).cid)
}

function sortBy(numbers: readonly number[], lot: (number: number) => Uint8Array): readonly number[] {
  return numbers
    .map((number) => [number, lot(number)] as const)
    .sort(([, a], [, b]) => compareKeys(a, b))
    .map(([number]) => number)
}

function noCandidate(enterprise: number): Error {
  return registerError('E_REGISTER_DRAW', `No candidate is left that may verify organization ${enterprise}.`, {
    enterprise,
  })
}
