import { openClient, type Page as SdkPage } from '@tanlian/sdk'
import i18next from 'i18next'

/** The platform that served this page; the person's session travels with every call, and the language for what it says of a refusal. */
export const client = openClient({
  base: location.origin,
  tries: 2,
  headers: () => ({ 'accept-language': i18next.language }),
})
export const { http } = client

/** A list of the platform: its items and the cursor of the next page. */
export type Page<T> = SdkPage<T>

/** One answer of the platform as JSON. Codes: the platform's own by RFC 9457, or those of the sdk's http. */
export function getJson<T>(path: string): Promise<T> {
  return http.json<T>(path)
}

/** Sends one intent. A repeat after a lost answer carries the same Idempotency-Key (safety S31, R17). */
export function postJson<T>(path: string, body: unknown): Promise<T> {
  return http.json<T>(path, { method: 'POST', json: body })
}

/** Bytes of the platform: a block, a proof. */
export function getBytes(path: string): Promise<Uint8Array> {
  return http.bytes(path, { headers: { accept: '*/*' } })
}
