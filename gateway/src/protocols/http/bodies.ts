import type { IncomingMessage } from 'node:http'

/** Bytes of the longest request. */
export const MAX_BODY = 1024 * 1024
/** Most requests are of so many bytes. */
const USUAL_BYTES = 128 * 1024
const MOST_SPARE = 16

/** Reads bodies of requests, each into one place; a place of the usual size is used over and over. */
export interface Bodies {
  /** The whole body, or undefined where it is too long; the rest of it is not read then. It holds until it is done with. */
  read(request: IncomingMessage): Promise<Uint8Array | undefined>
  /** What a body is in may be written over. */
  done(body: Uint8Array): void
}

/** A new place for each would be garbage faster than it is collected. */
export function createBodies(): Bodies {
  const spare: Buffer[] = []
  return {
    read: (request) =>
      new Promise((resolve, reject) => {
        const stated = Number(request.headers['content-length'] ?? 0)
        if (stated > MAX_BODY) return resolve(undefined)
        let place =
          stated <= USUAL_BYTES ? (spare.pop() ?? Buffer.allocUnsafeSlow(USUAL_BYTES)) : Buffer.allocUnsafeSlow(stated)
        let size = 0
        request.on('data', (chunk: Uint8Array) => {
          const at = size
          size += chunk.length
          if (size > MAX_BODY) {
            request.pause()
            return resolve(undefined)
          }
          if (size > place.length) place = Buffer.concat([place.subarray(0, at)], Math.min(MAX_BODY, 2 * size))
          place.set(chunk, at)
        })
        request.on('end', () => resolve(place.subarray(0, size)))
        request.on('error', reject)
        request.on('aborted', () => reject(new Error('aborted')))
      }),
    done(body) {
      if (body.buffer.byteLength === USUAL_BYTES && spare.length < MOST_SPARE) spare.push(Buffer.from(body.buffer))
    },
  }
}
