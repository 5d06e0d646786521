import type { Http } from './http.ts'

/** One event of `/v1/live`. */
export interface LiveEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: unknown
}

/** How long an open stream may be silent before it is made anew, milliseconds; the platform sends a sign of life more often. */
const SILENCE_MS = 60_000

/**
 * Server-sent events of `/v1/live` until the signal aborts. A lost connection is made anew after a second, doubling up to half a minute,
 * and goes on after the last event seen (Last-Event-ID).
 */
export async function* live(http: Http, signal: AbortSignal): AsyncGenerator<LiveEvent> {
  let last: string | undefined
  let pause = 1000
  while (!signal.aborted) {
    try {
      const response = await http.send('/v1/live', {
        headers: { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) },
        signal,
        timeoutMs: 2 ** 31 - 1,
      })
      if (response.body !== null) {
        for await (const event of readEvents(response.body)) {
          last = event.id ?? last
          pause = 1000
          yield event
        }
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof Error)) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
    pause = Math.min(30_000, pause * 2)
  }
}

/** Splits a body into events; comments and unknown fields are passed over, as the HTML standard has it. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const part = await withLimit(reader.read())
      if (part.done) return
      rest += decoder.decode(part.value, { stream: true }).replaceAll('\r\n', '\n')
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const event = readEvent(rest.slice(0, end))
        rest = rest.slice(end + 2)
        if (event !== undefined) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function readEvent(text: string): LiveEvent | undefined {
  let id: string | undefined
  let event = 'message'
  const data: string[] = []
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'id') id = value
    else if (name === 'event') event = value
    else if (name === 'data') data.push(value)
  }
  if (data.length === 0) return undefined
  const joined = data.join('\n')
  try {
    return { id, event, data: JSON.parse(joined) as unknown }
  } catch {
    return { id, event, data: joined }
  }
}

async function withLimit<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error('the stream was silent')), SILENCE_MS)
      }),
    ])
  } finally {
    clearTimeout(timer)
  }
}
