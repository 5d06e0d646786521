import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { join } from 'node:path'
import type { Selectable } from 'kysely'
import type { Instance } from '../instance.ts'
import { readOrMakeSecret } from '../secret.ts'
import { type Mailer, openMailer } from './mail.ts'
import type { DeliveryTable } from './schema.ts'
import { sendWebhook } from './webhook.ts'

/** Sends what waits to be sent. */
export interface Deliverer {
  /** Ed25519 key that webhooks are signed with, raw, hex. */
  readonly publicKey: string
  /** Tries everything that is due once; what fails is tried again later, at most eight times. @returns how many were tried */
  deliver(): Promise<number>
  close(): void
}

const ATTEMPTS_MAX = 8
const FIRST_WAIT_MS = 10_000
const PORTION = 50

/** Opens one. A webhook's key signs nothing else (R9), and a message names when it was sent, so that an old one is told from a new one. */
export async function openDeliverer(instance: Instance): Promise<Deliverer> {
  const { config } = instance
  const path = join(config.dataDir, 'secrets', 'webhook-key')
  const seed = await readOrMakeSecret(path, () => randomBytes(32).toString('hex'))
  // RFC 8410: the fixed beginning of a PKCS #8 key for Ed25519.
  const der = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  const mailer = config.smtpUrl === undefined ? undefined : openMailer(config.smtpUrl, config.mailFrom)
  return {
    publicKey,
    async deliver() {
      const due = await instance.db
        .selectFrom('delivery')
        .selectAll()
        .where('state', '=', 'waiting')
        .where('next_ms', '<=', instance.clock())
        .orderBy('next_ms')
        .limit(PORTION)
        .execute()
      for (const row of due) await tryOne(instance, row, key, mailer)
      return due.length
    },
    close: () => mailer?.close(),
  }
}

async function tryOne(
  instance: Instance,
  row: Selectable<DeliveryTable>,
  key: KeyObject,
  mailer: Mailer | undefined,
): Promise<void> {
  const attempts = row.attempts + 1
  try {
    if (row.channel === 'webhook') await sendWebhook(signed(instance, row, key), instance.config.webhooks)
    else if (mailer === undefined) throw new Error('no mail server is set up')
    else await mailer.send(row.target, row.body)
    await instance.db
      .updateTable('delivery')
      .set({ state: 'sent', attempts, failure: null })
      .where('id', '=', row.id)
      .execute()
  } catch (error) {
    const failure = (error instanceof Error ? error.message : String(error)).slice(0, 300)
    await instance.db
      .updateTable('delivery')
      .set({
        state: attempts >= ATTEMPTS_MAX ? 'failed' : 'waiting',
        attempts,
        failure,
        next_ms: instance.clock() + FIRST_WAIT_MS * 2 ** row.attempts,
      })
      .where('id', '=', row.id)
      .execute()
  }
}

/** The signature is over `time.id.body`: the receiver checks it with the published key and drops what it has seen or what is old. */
function signed(instance: Instance, { id, target, body }: Selectable<DeliveryTable>, key: KeyObject) {
  const time = Math.floor(instance.clock() / 1000)
  const signature = sign(null, Buffer.from(`${time}.${id}.${body}`), key).toString('hex')
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'tanlian',
    'tanlian-delivery': String(id),
    'tanlian-time': String(time),
    'tanlian-signature': signature,
  }
  return { url: target, headers, body }
}
