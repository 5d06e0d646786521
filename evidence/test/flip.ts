import { readFileSync } from 'node:fs'
import type { Refusal } from '@tanlian/units'
import { fromHex } from '../src/block.ts'
import type { Question } from '../src/proof.ts'

/** A proof with what it is to be checked against. */
export interface ProofCase {
  readonly root: Uint8Array
  readonly question: Question
  readonly proof: Uint8Array
}

/** Every proof of a file of the form of evidence-vectors.json. */
export function publishedProofs(
  file: URL | string = new URL('../vectors/evidence-vectors.json', import.meta.url),
): ProofCase[] {
  const { trees } = JSON.parse(readFileSync(file, 'utf8')) as {
    trees: { tree: string; proofs: { mode: Question['mode']; intervals: [string, string][]; proof: string }[] }[]
  }
  return trees.flatMap(({ tree, proofs }) =>
    proofs.map(({ mode, intervals, proof }) => ({
      root: fromHex(tree),
      question: { intervals: intervals.map(([lo, hi]) => ({ lo: fromHex(lo), hi: fromHex(hi) })), mode },
      proof: fromHex(proof),
    })),
  )
}

/** Flips each bit of each proof once and counts what is accepted, and what is refused without a code. */
export function flipEveryBit(
  cases: readonly ProofCase[],
  check: (root: Uint8Array, question: Question, proof: Uint8Array) => { readonly ok: true } | Refusal,
): { readonly flipped: number; readonly accepted: number; readonly uncoded: number } {
  let flipped = 0
  let accepted = 0
  let uncoded = 0
  for (const { root, question, proof } of cases) {
    const altered = proof.slice()
    for (let bit = 0; bit < 8 * proof.length; bit++) {
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const answer = check(root, question, altered)
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      flipped++
      if (answer.ok) accepted++
      else if (!/^E_[A-Z_]+$/.test(answer.code)) uncoded++
    }
  }
  return { flipped, accepted, uncoded }
}
