import { Readable } from 'node:stream'
import { TanlianError } from '@tanlian/units'
import * as z from 'zod'
import type { App } from './app.ts'
import type { EventMap, Instance } from './instance.ts'

/** Events kept for readers that come back with Last-Event-ID. */
const REPLAY_MAX = 1000
const HEARTBEAT_MS = 15_000
/** Bytes that a reader may lag behind before it is let go (S35). */
const LAG_BYTES = 1024 * 1024

const LIVE = [
  'accepted',
  'projected',
  'anchored',
  'root',
  'organization',
  'job',
] as const satisfies readonly (keyof EventMap)[]

/** `GET /v1/live`: what happens, as server-sent events, with heartbeats and a bounded replay. */
export function liveRoutes(app: App, instance: Instance) {
  const feed = openFeed(instance)
  app.addHook('preClose', async () => feed.close())

  app.get(
    '/v1/live',
    {
      schema: {
        tags: ['live'],
        summary: 'Live events: accepted, projected, anchored, root, organization, job',
        description:
          'Server-sent events. Send Last-Event-ID to get what was missed, as far as it is kept; the event `gap` says that some is not.',
        querystring: z.strictObject({}),
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const header = request.headers['last-event-id']
      const stream = feed.read(request.ip, typeof header === 'string' ? header : undefined)
      request.raw.on('close', () => stream.destroy())
      return reply
        .header('content-type', 'text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream)
    },
  )
}

interface Feed {
  /** A reader's stream. @throws TanlianError E_RATE where its address has too many, E_BUSY where there are too many in all. */
  read(address: string, lastId: string | undefined): Readable
  close(): void
}

function openFeed(instance: Instance): Feed {
  /** Ids are `<start of this process>-<number>`, so that one of an earlier process is known as foreign. */
  const epoch = instance.clock().toString(36)
  const kept: { number: number; text: string }[] = []
  /** Each with the address that it is read from. */
  const readers = new Map<Readable, string>()
  const { liveReaders, liveReadersPerAddress } = instance.config.limits
  let number = 0

  const publish = (text: string) => {
    for (const reader of readers.keys()) {
      reader.push(text)
      if (reader.readableLength > LAG_BYTES) reader.destroy()
    }
  }
  const subscriptions = LIVE.map((name) => {
    const listen = (data: unknown) => {
      number++
      const text = `id: ${epoch}-${number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`
      kept.push({ number, text })
      if (kept.length > REPLAY_MAX) kept.shift()
      publish(text)
    }
    instance.events.on(name, listen)
    return () => instance.events.off(name, listen)
  })
  const heartbeat = setInterval(() => publish(pingOf(instance)), HEARTBEAT_MS)
  heartbeat.unref()

  return {
    read(address, lastId) {
      const values = { retryAfterS: 10 }
      if (readers.size >= liveReaders)
        throw new TanlianError('E_BUSY', `${readers.size} readers follow the live events already.`, { values })
      // One that takes all places would keep everybody else out.
      const own = [...readers.values()].filter((other) => other === address).length
      if (own >= liveReadersPerAddress)
        throw new TanlianError('E_RATE', `This address follows the live events ${own} times already.`, { values })
      const stream = new Readable({ read() {}, highWaterMark: 64 * 1024 })
      stream.on('close', () => readers.delete(stream))
      stream.push(`retry: 2000\n${pingOf(instance)}`)
      if (lastId !== undefined) {
        const [of, seen] = lastId.split('-')
        const from = of === epoch && /^\d{1,12}$/.test(seen ?? '') ? Number(seen) : -1
        const first = kept[0]?.number ?? number + 1
        if (from < first - 1 || from > number) stream.push('event: gap\ndata: {}\n\n')
        for (const event of kept) if (event.number > from) stream.push(event.text)
      }
      readers.set(stream, address)
      return stream
    },
    close() {
      clearInterval(heartbeat)
      for (const end of subscriptions) end()
      for (const reader of readers.keys()) reader.push(null)
    },
  }
}

/** A sign of life; without an id, so that it does not count as seen. */
function pingOf(instance: Instance): string {
  return `event: ping\ndata: ${JSON.stringify({ time: new Date(instance.clock()).toISOString() })}\n\n`
}
