import { TanlianError } from '@tanlian/units'

/**
 * Bytes of bodies that are in memory at once, in all and for one address (S35): a body is taken whole before anybody knows whether its sender has
 * a key, so without a bound many slow senders would fill the memory.
 */
export interface BodyBudget {
  /** Takes room for a body until what it gives is called. @throws TanlianError E_BUSY */
  take(address: string, bytes: number): () => void
}

export function createBodyBudget(limits: { readonly all: number; readonly each: number }): BodyBudget {
  const held = new Map<string, number>()
  let sum = 0
  return {
    take(address, bytes) {
      const own = held.get(address) ?? 0
      if (sum + bytes > limits.all || own + bytes > limits.each)
        throw new TanlianError('E_BUSY', 'Too many large bodies are on their way. Send this one again in a moment.', {
          values: { retryAfterS: 2 },
        })
      sum += bytes
      held.set(address, own + bytes)
      let taken = true
      return () => {
        if (!taken) return
        taken = false
        sum -= bytes
        const left = (held.get(address) ?? 0) - bytes
        if (left > 0) held.set(address, left)
        else held.delete(address)
      }
    },
  }
}
