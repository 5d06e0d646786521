import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, until } from '../test/ask.ts'
import { startTestPlatform, type TestPlatform } from '../test/platform.ts'

let platform: TestPlatform
let url = ''
beforeAll(async () => {
  platform = await startTestPlatform()
  const address = platform.app.server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1/live`
}, 60_000)
afterAll(() => platform.close(), 30_000)

const root = (size: number) => platform.instance.events.emit('root', { size, root: '0'.repeat(64), block: size })

/** Reads a stream until its text satisfies, at most 15 seconds. */
async function follow(headers: Record<string, string>, enough: (text: string) => boolean, begun?: () => void) {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), 15_000)
  const response = await fetch(url, { headers, signal: abort.signal })
  let text = ''
  try {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    begun?.()
    while (reader !== undefined && !enough(text)) {
      const part = await reader.read()
      if (part.done) break
      text += part.value
    }
  } finally {
    clearTimeout(timer)
    abort.abort()
  }
  return { text, headers: response.headers }
}
async function readUntil(response: Response, end: string): Promise<boolean> {
  const decoder = new TextDecoder()
  for await (const part of response.body ?? []) if (decoder.decode(part, { stream: true }).includes(end)) return true
  return false
}

const idOf = (text: string, nth: number) => [...text.matchAll(/^id: (.*)$/gm)][nth]?.[1] ?? ''

test('events come as they happen, each with an id, and a reader that comes back gets what it missed', async () => {
  const first = await follow(
    {},
    (text) => text.includes('"size":2'),
    () => {
      root(1)
      root(2)
    },
  )
  expect(first.headers.get('content-type')).toContain('text/event-stream')
  expect(first.headers.get('access-control-allow-origin')).toBe('*')
  expect(first.text).toContain('event: root\ndata: {"size":1')
  root(3)
  const seen = idOf(first.text, 0)
  const back = await follow({ 'last-event-id': seen }, (text) => text.includes('"size":3'))
  expect(back.text).not.toContain('"size":1,')
  expect(back.text.indexOf('"size":2')).toBeLessThan(back.text.indexOf('"size":3'))
  expect(back.text).not.toContain('event: gap')
})

test('S35 the window of the replay is bounded, and a gap is said to be one', async () => {
  const before = await follow(
    {},
    (text) => text.includes('event: root'),
    () => root(4),
  )
  for (let size = 5; size < 1200; size++) root(size)
  const back = await follow({ 'last-event-id': idOf(before.text, 0) }, (text) => text.includes('"size":1199'))
  expect(back.text).toContain('event: gap')
  expect(back.text.match(/^event: root$/gm)).toHaveLength(1000)
})

test('an id that nobody gave is a gap, not an error', async () => {
  for (const id of ['x', '-', '999999999999999999999', `${'a'.repeat(1000)}-1`]) {
    const { text } = await follow({ 'last-event-id': id }, (given) => given.includes('"size":1199'))
    expect(text).toContain('event: gap')
  }
})

test('S35 a reader that does not read is let go, the others are not', async () => {
  const { events } = platform.instance
  const tell = (what: string) => events.emit('organization', { organization: 1, what, transaction: '0x', block: 1 })
  const abort = new AbortController()
  const lazy = await fetch(url, { signal: abort.signal })
  const eager = readUntil(await fetch(url, { signal: abort.signal }), 'the end')
  // More than the socket's own buffers hold; in portions, so that whoever reads keeps up.
  const portions = 1500
  for (let at = 0; at < portions; at++) {
    for (let n = 0; n < 10; n++) tell('x'.repeat(1000))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  tell('the end')
  expect(await eager).toBe(true)
  let got = 0
  try {
    for await (const part of lazy.body ?? []) got += part.length
  } catch {
    // Cut off in the middle, as it should be.
  }
  abort.abort()
  expect(got).toBeLessThan(portions * 10_000)
}, 30_000)

test('the server ends although somebody listens', async () => {
  const other = await startTestPlatform()
  const address = other.app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const response = await fetch(`http://127.0.0.1:${port}/v1/live`)
  const ended = response.text().catch(() => 'cut')
  const began = performance.now()
  await other.close()
  await ended
  expect(performance.now() - began).toBeLessThan(20_000)
}, 60_000)

test('S35 one address cannot take all places, and none stays taken', async () => {
  const { liveReadersPerAddress } = platform.config.limits
  for (let at = 0; at < liveReadersPerAddress + 10; at++)
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
  const abort = new AbortController()
  const open = () => fetch(url, { signal: abort.signal })
  const readers = await Promise.all(Array.from({ length: liveReadersPerAddress }, open))
  expect(new Set(readers.map(({ status }) => status))).toEqual(new Set([200]))
  const refused = await open()
  expect([refused.status, ((await refused.json()) as Json).code, refused.headers.get('retry-after')]).toEqual([
    429,
    'E_RATE',
    '10',
  ])
  abort.abort()
  await until('the places are free', async () => {
    const again = await fetch(url)
    await again.body?.cancel()
    return again.status === 200
  })
})
