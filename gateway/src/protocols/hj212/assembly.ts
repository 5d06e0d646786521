/** Packets of one message that was split (分包): complete when parts 1 to PNUM of one QN and MN are there. */
export interface Assembly {
  /** Takes note of a part. @returns true where its message is complete with it */
  add(qn: string, part: { readonly number: number; readonly of: number }, nowMs: number): boolean
  /** Forgets messages whose last part came too long ago. @returns how many */
  expire(nowMs: number): number
}

/** Ten seconds, three tries: after that a sender has given up (HJ 212-2017, 6.2). */
export const PARTS_TIMEOUT_MS = 30_000
/** A device that opens ever new messages must not fill the memory. */
const MOST_OPEN = 64

/**
 * Parts of one device. Each part is kept and acknowledged for itself, since a sender may wait for that before it sends the next, and each
 * has whole factors under its own DataTime; so only whether all have come is followed here.
 */
export function createAssembly(): Assembly {
  const open = new Map<string, { readonly missing: Set<number>; readonly of: number; lastMs: number }>()
  return {
    add(qn, { number, of }, nowMs) {
      let message = open.get(qn)
      if (message === undefined || message.of !== of) {
        const [oldest] = open.keys()
        if (open.size >= MOST_OPEN && oldest !== undefined) open.delete(oldest)
        message = { missing: new Set(Array.from({ length: of }, (_, i) => i + 1)), of, lastMs: nowMs }
        open.set(qn, message)
      }
      message.missing.delete(number)
      message.lastMs = nowMs
      if (message.missing.size > 0) return false
      open.delete(qn)
      return true
    },
    expire(nowMs) {
      let expired = 0
      for (const [qn, { lastMs }] of open)
        if (nowMs - lastMs > PARTS_TIMEOUT_MS) {
          open.delete(qn)
          expired++
        }
      return expired
    },
  }
}
