import { createHash } from 'node:crypto'

/** Numbers that follow from a seed alone, so that a run can be told again by its seed. */
export interface Random {
  /** From 0 up to, but not, 1. */
  next(): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** The same randomness for the same name, whatever else was drawn: one for each device, so that their order does not matter. */
  fork(name: string): Random
}

/** Numbers from a seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    chance: (probability) => probability > 0 && next() < probability,
    fork: (name) => createRandom(hash(`${seed} ${name}`)),
  }
}

/** What an instrument scatters around the true value: normal with standard deviation 1, the same for the same moment and channel. */
export function createNoise(seed: number): (channel: string, atS: number) => number {
  const channels = new Map<string, number>()
  return (channel, atS) => {
    const own = channels.get(channel) ?? hash(`${seed} ${channel}`)
    channels.set(channel, own)
    const random = createRandom(Math.imul(own ^ (atS | 0), 0x9e3779b1) ^ own)
    // Box and Muller; 1 − u keeps the logarithm off zero.
    return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  }
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readInt32BE(0)
}
