import type { Message, Wire } from '../courier.ts'

export interface HttpOptions {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** How long an answer is waited for. */
  readonly timeoutMs: number
}

/** Carries messages by HTTP POST; whatever is not a success is sent again. */
export function openHttpWire(
  { url, headers = {}, timeoutMs }: HttpOptions,
  encode: (message: Message) => Uint8Array<ArrayBuffer>,
): Wire {
  return {
    async send(message) {
      const body = encode(message)
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', ...headers },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      })
      const answer = await response.text()
      if (!response.ok) throw new Error(`${response.status} ${answer.slice(0, 200)}`)
      return body
    },
    close: async () => {},
  }
}
