/**
 * A pure function of bytes that works each answer out once. One signature is checked by the platform, the contract, the audit from outside and
 * every verdict; working it out each time would be two thirds of a seed, and show nothing more.
 */
export function remember<A>(work: (...bytes: Uint8Array[]) => A): (...bytes: Uint8Array[]) => A {
  const known = new Map<string, A>()
  return (...bytes) => {
    const name = bytes.map((one) => Buffer.from(one).toString('hex')).join()
    const before = known.get(name)
    if (before !== undefined) return before
    const answer = work(...bytes)
    known.set(name, answer)
    return answer
  }
}
