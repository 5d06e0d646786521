/** Chance that comes from a seed alone: the same seed draws the same faults on every machine. */
export interface Random {
  /** An integer of `least` … `greatest`, both included. */
  int(least: number, greatest: number): number
  /** True with this probability, 0 … 1. */
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  bytes(length: number): Uint8Array
  /** A source of its own for one part of the world, so that one part's draws do not shift another's. */
  fork(name: string): Random
}

/** A source of chance for a seed (xorshift128 over a hashed seed); not for secrets. */
export function createRandom(seed: string): Random {
  // FNV-1a with four offsets spreads even neighbouring seeds over the whole state.
  const state = new Uint32Array(4)
  for (let part = 0; part < 4; part++) {
    let hash = (0x811c9dc5 ^ (part * 0x9e3779b9)) >>> 0
    for (const letter of `${seed}/${part}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0
    state[part] = hash || 1
  }
  const next = (): number => {
    let t = state[3] as number
    const s = state[0] as number
    state[3] = state[2] as number
    state[2] = state[1] as number
    state[1] = s
    t ^= t << 11
    t ^= t >>> 8
    state[0] = t ^ s ^ (s >>> 19)
    return state[0] as number
  }
  for (let i = 0; i < 20; i++) next()
  const random: Random = {
    int: (least, greatest) => least + (next() % (greatest - least + 1)),
    chance: (probability) => next() < probability * 2 ** 32,
    pick: (items) => {
      const item = items[random.int(0, items.length - 1)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    fork: (name) => createRandom(`${seed}/${name}`),
  }
  return random
}
