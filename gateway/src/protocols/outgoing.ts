/**
 * What is said on a connection in one turn of the loop, for one write: a group of messages that was synced together is acknowledged together.
 */
export interface Outgoing {
  send(bytes: Uint8Array): void
  /** Four bytes, the first the highest: an acknowledgement that is no object of its own. */
  sendWord(word: number): void
  /** Everything since the last call; undefined where that is nothing. */
  take(): Uint8Array | undefined
}

const FIRST_BYTES = 256
const NOTHING = Buffer.alloc(0)

/** @param begun is called with the first bytes of a turn. */
export function createOutgoing(begun: () => void): Outgoing {
  let bytes = NOTHING
  let length = 0
  const room = (more: number): number => {
    const at = length
    length += more
    if (length > bytes.length)
      bytes = Buffer.concat([bytes.subarray(0, at)], Math.max(FIRST_BYTES, 2 * bytes.length, length))
    if (at === 0) begun()
    return at
  }
  return {
    send(more) {
      const at = room(more.length)
      bytes.set(more, at)
    },
    sendWord(word) {
      const at = room(4)
      bytes.writeInt32BE(word, at)
    },
    take() {
      if (length === 0) return undefined
      const said = bytes.subarray(0, length)
      // The socket has them now.
      bytes = NOTHING
      length = 0
      return said
    },
  }
}
