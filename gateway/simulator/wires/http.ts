import type { Message, Wire } from '../courier.ts'

const TIMEOUT_MS = 10_000

/** Carries messages by HTTP POST; whatever is not a success is sent again. */
export function openHttpWire(url: string, encode: (message: Message) => Uint8Array<ArrayBuffer>, headers = {}): Wire {
  return {
    async send(message) {
      const body = encode(message)
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', ...headers },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const answer = await response.text()
      if (!response.ok) throw new Error(`${response.status} ${answer.slice(0, 200)}`)
      return body
    },
    close: async () => {},
  }
}
