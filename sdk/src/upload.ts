import { sha256 } from '@noble/hashes/sha2.js'
import { toHex, toHex0x } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Http } from './http.ts'
import type { Receipt, SignedStatement } from './outbox.ts'

/** Bytes sent in one request of an upload; after a fault only the last of them are sent again. */
const PART_BYTES = 1024 * 1024
/** How often an upload is taken up again before it is given up for now. */
const TRIES = 5

/**
 * Sends a large statement in parts (resumable upload): after a lost connection it asks how much has arrived and goes on from there.
 * @param onProgress bytes sent and bytes in all. Codes: the platform's, E_CLIENT_NETWORK, E_CLIENT_TIMEOUT.
 */
export async function upload(
  http: Http,
  statement: SignedStatement,
  onProgress?: (sent: number, length: number) => void,
): Promise<Receipt> {
  const { car, entry } = statement
  const created = await http.send('/v1/uploads', {
    method: 'POST',
    json: {
      kind: entry.kind,
      organization: entry.organization,
      sequence: entry.sequence,
      digest: toHex(entry.digest),
      signature: toHex0x(statement.signature),
      length: car.length,
      sha256: toHex(sha256(car)),
    },
  })
  const location = created.headers.get('location')
  if (location === null)
    throw new TanlianError('E_CLIENT_ANSWER', 'The platform made an upload without naming its place.')
  await created.body?.cancel()
  const path = new URL(location, `${http.base}/`).pathname
  let offset = 0
  for (let attempt = 1; offset < car.length; ) {
    try {
      const part = car.subarray(offset, Math.min(car.length, offset + PART_BYTES))
      const answer = await http.send(path, {
        method: 'PATCH',
        bytes: part,
        headers: { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
      })
      offset = offsetOf(answer) ?? offset + part.length
      attempt = 1
      onProgress?.(offset, car.length)
    } catch (error) {
      const lost =
        error instanceof TanlianError &&
        (error.code === 'E_CLIENT_NETWORK' || error.code === 'E_CLIENT_TIMEOUT' || error.values.status === 409)
      if (!lost || attempt >= TRIES) throw error
      attempt += 1
      offset = offsetOf(await http.send(path, { method: 'HEAD' })) ?? 0
    }
  }
  return http.json(`${path}/commit`, {
    method: 'POST',
    headers: { 'idempotency-key': toHex(statement.signature).slice(0, 64) },
    timeoutMs: 180_000,
  })
}

function offsetOf(response: Response): number | undefined {
  const text = response.headers.get('upload-offset')
  const offset = text === null ? Number.NaN : Number(text)
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : undefined
}
