import { fromHex, requireEd25519Key, toHex } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Selectable, Transaction } from 'kysely'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import type { Schema } from '../schema.ts'
import type { DeviceKeyTable } from './schema.ts'
import { isProven } from './statement.ts'

/** A device's key or certificate as the platform shows it. */
export interface DeviceKey {
  readonly kind: 'ed25519' | 'certificate'
  /** Hex: the public key, or the certificate's SHA-256. */
  readonly key: string
  readonly device: string
  readonly firstCounter: number
  readonly lastCounter: number | null
  /** RFC 3339. */
  readonly enrolled: string
  readonly revoked: string | null
  readonly reason: string | null
}

/** What enrolment needs: a proof by the key, or the fingerprint of a certificate that the gateway's handshake checks. */
export type Enrolment = {
  readonly key: string
  readonly firstCounter: number
  /** The key in use until now, with the last counter that it signed. */
  readonly replaces: { readonly key: string; readonly lastCounter: number } | null
} & (
  | { readonly kind: 'ed25519'; readonly expires: number; readonly signature: string }
  | { readonly kind: 'certificate' }
)

/** A proof of possession is good for at most a day. */
const PROOF_SECONDS = 24 * 3600

/**
 * Enrols a device's key, or puts it in the place of the one in use (轮换): then the old one is revoked with its last good counter, in one step.
 * @throws TanlianError E_KEY_ED25519, E_DEVICE_KEY_PROOF, E_DEVICE_KEY_TAKEN, E_DEVICE_KEY_ACTIVE, E_DEVICE_KEY_COUNTER, E_NOT_FOUND
 */
export async function enrolKey(
  instance: Instance,
  organization: number,
  device: string,
  by: string,
  given: Enrolment,
): Promise<DeviceKey> {
  const { kind, key, firstCounter, replaces } = given
  if (given.kind === 'ed25519') requireProof(instance, organization, device, given)
  const now = instance.clock()
  return instance.db.transaction().execute(async (db) => {
    if (replaces !== null) {
      if (firstCounter <= replaces.lastCounter)
        throw counterError(`the new key begins at ${firstCounter}, the old one ends at ${replaces.lastCounter}`)
      await endKey(db, {
        organization,
        device,
        kind,
        key: replaces.key,
        lastCounter: replaces.lastCounter,
        by,
        now,
        reason: 'rotation',
      })
    }
    const active = await db
      .selectFrom('device_key')
      .select('key')
      .where('organization', '=', organization)
      .where('device', '=', device)
      .where('kind', '=', kind)
      .where('revoked_ms', 'is', null)
      .executeTakeFirst()
    if (active !== undefined)
      throw new TanlianError(
        'E_DEVICE_KEY_ACTIVE',
        `Device ${device} already has a key in use. Name it in "replaces" with its last counter, or revoke it first.`,
        { values: { key: toHex(active.key) } },
      )
    const row = await db
      .insertInto('device_key')
      .values({
        kind,
        key: fromHex(key, 32),
        organization,
        device,
        first_counter: firstCounter,
        enrolled_by: by,
        enrolled_ms: now,
        last_counter: null,
        revoked_by: null,
        revoked_ms: null,
        reason: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    if (row === undefined)
      throw new TanlianError(
        'E_DEVICE_KEY_TAKEN',
        'This key was enrolled before; a key belongs to one device for ever. Make a new one on the device.',
        { values: { key } },
      )
    return keyView(row)
  })
}

/** Revokes a key with its last good counter: what it signed up to there stays good. Codes: E_NOT_FOUND, E_DEVICE_KEY_COUNTER. */
export async function revokeKey(
  instance: Instance,
  given: {
    readonly organization: number
    readonly device: string
    readonly key: string
    readonly lastCounter: number
    readonly reason: string
    readonly by: string
  },
): Promise<DeviceKey> {
  return instance.db.transaction().execute(async (db) => {
    const row = await db
      .selectFrom('device_key')
      .select('kind')
      .where('organization', '=', given.organization)
      .where('device', '=', given.device)
      .where('key', '=', fromHex(given.key, 32))
      .executeTakeFirst()
    if (row === undefined) throw notFound()
    return keyView(await endKey(db, { ...given, kind: row.kind, now: instance.clock() }))
  })
}

/** The keys of an organization's devices, or of one of them, oldest first. */
export async function keysOfDevices(
  instance: Pick<Instance, 'db'>,
  organization: number,
  devices: readonly string[],
): Promise<DeviceKey[]> {
  if (devices.length === 0) return []
  const rows = await instance.db
    .selectFrom('device_key')
    .selectAll()
    .where('organization', '=', organization)
    .where('device', 'in', devices)
    .orderBy('enrolled_ms')
    .execute()
  return rows.map(keyView)
}

function requireProof(
  instance: Instance,
  organization: number,
  device: string,
  given: Extract<Enrolment, { kind: 'ed25519' }>,
): void {
  const { key, firstCounter, expires, signature } = given
  requireEd25519Key(fromHex(key, 32))
  const nowS = Math.floor(instance.clock() / 1000)
  if (expires < nowS || expires > nowS + PROOF_SECONDS)
    throw proofError(`it expires at ${expires}, which is past or more than a day ahead`)
  if (!isProven(instance.chain.domain, { organization, device, key, firstCounter, expires }, signature))
    throw proofError('the signature is not by this key over this statement')
}

async function endKey(
  db: Transaction<Schema>,
  given: {
    readonly organization: number
    readonly device: string
    readonly kind: DeviceKeyTable['kind']
    readonly key: string
    readonly lastCounter: number
    readonly reason: string
    readonly by: string
    readonly now: number
  },
) {
  const row = await db
    .selectFrom('device_key')
    .select('first_counter')
    .where('organization', '=', given.organization)
    .where('device', '=', given.device)
    .where('kind', '=', given.kind)
    .where('key', '=', fromHex(given.key, 32))
    .where('revoked_ms', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) throw notFound()
  // One below the first says that nothing of it counts.
  if (given.lastCounter < row.first_counter - 1)
    throw counterError(`the key began at ${row.first_counter}, so ${given.lastCounter} cannot be its last good one`)
  return db
    .updateTable('device_key')
    .set({ last_counter: given.lastCounter, revoked_by: given.by, revoked_ms: given.now, reason: given.reason })
    .where('kind', '=', given.kind)
    .where('key', '=', fromHex(given.key, 32))
    .returningAll()
    .executeTakeFirstOrThrow()
}

function keyView(row: Selectable<DeviceKeyTable>): DeviceKey {
  return {
    kind: row.kind,
    key: toHex(row.key),
    device: row.device,
    firstCounter: row.first_counter,
    lastCounter: row.last_counter,
    enrolled: new Date(row.enrolled_ms).toISOString(),
    revoked: row.revoked_ms === null ? null : new Date(row.revoked_ms).toISOString(),
    reason: row.reason,
  }
}

function proofError(why: string): TanlianError {
  return new TanlianError('E_DEVICE_KEY_PROOF', `The proof of possession does not hold: ${why}.`, { values: { why } })
}

function counterError(why: string): TanlianError {
  return new TanlianError('E_DEVICE_KEY_COUNTER', `The counters do not fit: ${why}.`, { values: { why } })
}
