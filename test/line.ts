import { connect, createServer, type Socket } from 'node:net'
import { freePort } from './port.ts'

/** A stretch of network that can be cut. */
export interface Line {
  readonly port: number
  /** Breaks every connection, and lets none through for a while. */
  cut(ms: number): void
  close(): Promise<void>
}

/** Somebody who reads along: what a connection carries there, and back. */
export interface Listener {
  there(chunk: Buffer): void
  back(chunk: Buffer): void
}

/** Carries bytes from a port of its own to another; `listen` is asked for a listener to each connection. */
export async function openLine(to: number, listen?: () => Listener): Promise<Line> {
  const sockets = new Set<Socket>()
  let cutUntilMs = 0
  const server = createServer((near) => {
    if (Date.now() < cutUntilMs) {
      near.destroy()
      return
    }
    const far = connect({ host: '127.0.0.1', port: to })
    if (listen !== undefined) {
      const { there, back } = listen()
      near.on('data', there)
      far.on('data', back)
    }
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      // Either end going takes the other with it, as a real line does.
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  const port = await freePort()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port,
    cut(ms) {
      cutUntilMs = Date.now() + ms
      for (const socket of sockets) socket.destroy()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
