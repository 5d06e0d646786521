import { createHash, randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Entry, encodeEntry, equalBytes, recoverEntrySigner } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Selectable } from 'kysely'
import { full, isFull } from '../disk.ts'
import type { Instance } from '../instance.ts'
import { notFound } from '../policy.ts'
import type { Schema } from '../schema.ts'
import { acceptStatement, headMoved, headOf, oneAtATime, requireKey } from './accept.ts'
import type { Receipt } from './receipt.ts'

/** What an upload is announced with: the signed entry shows that a key of the organization wants it (S35). */
export interface Announced {
  readonly entry: Entry
  readonly signature: Uint8Array
  readonly sha256: Uint8Array
  readonly lengthBytes: number
}

export type Upload = Selectable<Schema['upload']>

/** Progress is told at most once for so many bytes. */
const TOLD_BYTES = 1024 * 1024

/**
 * Begins a resumable upload (断点续传). For an entry that is accepted already it is a finished one, whose commit gives the receipt again: its
 * signature is public, so it must not let anybody take up the organization's room.
 * @throws TanlianError E_UPLOAD_LENGTH, E_UPLOAD_QUOTA, E_SEQUENCE_HEAD, and what the key is refused with.
 */
export async function beginUpload(instance: Instance, announced: Announced): Promise<Upload> {
  const { entry, signature, lengthBytes } = announced
  const { limits } = instance.config
  const limit = entry.kind === 1 ? limits.batchBytes : limits.documentBytes
  if (lengthBytes < 1 || lengthBytes > limit)
    throw new TanlianError('E_UPLOAD_LENGTH', `An upload has 1 to ${limit} bytes, not ${lengthBytes}. Split it.`, {
      values: { length: lengthBytes, limit },
    })
  await requireKey(instance, entry, recoverEntrySigner(entry, instance.chain.domain, signature))
  const accepted = await acceptedDigest(instance, entry)
  if (accepted !== undefined && !equalBytes(accepted, entry.digest))
    throw headMoved(entry, await headOf(instance, entry.organization, entry.kind))
  if (accepted !== undefined) return finishedUpload(instance, announced)
  await instance.blocks.requireRoom(3 * lengthBytes)
  return oneAtATime(instance, `${entry.organization}/uploads`, () => openUpload(instance, announced))
}

async function openUpload(instance: Instance, announced: Announced): Promise<Upload> {
  const { entry, lengthBytes } = announced
  const { limits } = instance.config
  const open = await instance.db
    .selectFrom('upload')
    .select((eb) => [
      eb.fn.countAll<number>().as('count'),
      eb.fn.coalesce(eb.fn.sum<string>('length_bytes'), eb.lit(0)).as('bytes'),
    ])
    .where('organization', '=', entry.organization)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow()
  if (Number(open.count) >= limits.uploadsOpen || Number(open.bytes) + lengthBytes > limits.uploadBytes)
    throw new TanlianError(
      'E_UPLOAD_QUOTA',
      `Organization ${entry.organization} has ${open.count} uploads of ${open.bytes} bytes open. Finish or delete some.`,
      { values: { open: Number(open.count), bytes: Number(open.bytes) } },
    )
  const upload = { ...rowOf(instance, announced), id: randomBytes(16).toString('hex') }
  await mkdir(folderOf(instance), { recursive: true, mode: 0o700 })
  await (await openFile(instance, upload.id, 'w')).close()
  await instance.db.insertInto('upload').values(upload).execute()
  return upload
}

/** One row an entry, however often it is begun again. */
async function finishedUpload(instance: Instance, announced: Announced): Promise<Upload> {
  const { entry, lengthBytes } = announced
  const id = createHash('sha256').update(encodeEntry(entry)).digest('hex').slice(0, 32)
  const upload: Upload = { ...rowOf(instance, announced), id, offset_bytes: lengthBytes, state: 'committed' }
  await instance.db
    .insertInto('upload')
    .values(upload)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(upload))
    .execute()
  return upload
}

function rowOf(instance: Instance, { entry, signature, sha256, lengthBytes }: Announced): Omit<Upload, 'id'> {
  const { kind, organization, sequence, digest } = entry
  const now = instance.clock()
  return {
    kind,
    organization,
    sequence,
    digest,
    signature,
    sha256,
    length_bytes: lengthBytes,
    offset_bytes: 0,
    created_ms: now,
    touched_ms: now,
    state: 'open',
  }
}

async function acceptedDigest(
  instance: Instance,
  { organization, kind, sequence }: Entry,
): Promise<Uint8Array | undefined> {
  const row = await instance.db
    .selectFrom('accepted')
    .select('digest')
    .where('organization', '=', organization)
    .where('kind', '=', kind)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row?.digest
}

/** An upload as it stands. @throws TanlianError E_NOT_FOUND */
export async function findUpload(instance: Instance, id: string): Promise<Upload> {
  const row = await instance.db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) throw notFound()
  return row
}

/**
 * Adds bytes at the end. What arrived before a broken connection is kept, synced, and counted in the offset that is given back.
 * @throws TanlianError E_UPLOAD_OFFSET, E_UPLOAD_CLOSED, E_UPLOAD_LENGTH
 */
export async function addToUpload(
  instance: Instance,
  id: string,
  offset: number,
  body: AsyncIterable<Uint8Array>,
): Promise<Upload> {
  return alone(instance, id, async () => {
    const upload = await findUpload(instance, id)
    if (upload.state !== 'open') throw closedError()
    if (offset !== upload.offset_bytes)
      throw new TanlianError(
        'E_UPLOAD_OFFSET',
        `The upload ends at ${upload.offset_bytes}, not ${offset}. Go on from there.`,
        {
          values: { offset: upload.offset_bytes },
        },
      )
    await instance.blocks.requireRoom(upload.length_bytes - offset)
    const file = await openFile(instance, id, 'r+')
    let at = offset
    let told = offset
    try {
      for await (const part of wholeParts(body)) {
        if (at + part.length > upload.length_bytes)
          throw new TanlianError(
            'E_UPLOAD_LENGTH',
            `The upload was announced with ${upload.length_bytes} bytes; there are more.`,
            {
              values: { length: upload.length_bytes },
            },
          )
        await writeAll(file, part, at)
        at += part.length
        if (at - told >= TOLD_BYTES) {
          told = at
          tell(instance, { ...upload, offset_bytes: at })
        }
      }
    } finally {
      await file.sync()
      await file.close()
      await instance.db
        .updateTable('upload')
        .set({ offset_bytes: at, touched_ms: instance.clock() })
        .where('id', '=', id)
        .execute()
      tell(instance, { ...upload, offset_bytes: at })
    }
    return { ...upload, offset_bytes: at }
  })
}

/**
 * Ends an upload: its bytes go through the same door as any statement. Again: the same receipt. What is refused is deleted; what could
 * not be taken just now stays for another try.
 * @throws TanlianError E_UPLOAD_INCOMPLETE, E_UPLOAD_HASH, and all of {@link acceptStatement}.
 */
export async function commitUpload(instance: Instance, id: string): Promise<Receipt> {
  return alone(instance, id, async () => {
    const upload = await findUpload(instance, id)
    if (upload.state === 'committed') return keptReceipt(instance, upload)
    if (upload.offset_bytes < upload.length_bytes)
      throw new TanlianError(
        'E_UPLOAD_INCOMPLETE',
        `${upload.offset_bytes} of ${upload.length_bytes} bytes are here. Send the rest.`,
        {
          values: { offset: upload.offset_bytes, length: upload.length_bytes },
        },
      )
    const car = await readWhole(instance, id, upload.length_bytes)
    const sha256 = createHash('sha256').update(car).digest()
    try {
      if (!equalBytes(sha256, upload.sha256))
        throw new TanlianError('E_UPLOAD_HASH', 'The bytes do not have the announced SHA-256. Begin a new upload.')
      const kind = upload.kind === 1 ? 1 : 2
      const receipt = await acceptStatement(instance, { kind, car, signature: new Uint8Array(upload.signature) })
      await instance.db
        .updateTable('upload')
        .set({
          state: 'committed',
          digest: Buffer.from(receipt.digest, 'hex'),
          sequence: receipt.sequence,
          touched_ms: instance.clock(),
        })
        .where('id', '=', id)
        .execute()
      await rm(pathOf(instance, id), { force: true })
      tell(instance, { ...upload, state: 'committed' })
      return receipt
    } catch (error) {
      if (error instanceof TanlianError && !LATER.has(error.code)) await deleteUpload(instance, id)
      throw error
    }
  })
}

/** Gives an upload up. */
export async function deleteUpload(instance: Instance, id: string): Promise<void> {
  await instance.db.deleteFrom('upload').where('id', '=', id).execute()
  await rm(pathOf(instance, id), { force: true })
}

/** Deletes what nobody touched for long, and files that no row knows. */
export async function expireUploads(instance: Instance): Promise<number> {
  const before = instance.clock() - instance.config.limits.uploadSeconds * 1000
  const old = await instance.db.deleteFrom('upload').where('touched_ms', '<', before).returning('id').execute()
  const known = new Set(
    (await instance.db.selectFrom('upload').select('id').where('state', '=', 'open').execute()).map(({ id }) => id),
  )
  for (const name of await readdir(folderOf(instance)).catch(() => [])) {
    const path = join(folderOf(instance), name)
    // A file is made just before its row.
    const { mtimeMs } = await stat(path)
    if (!known.has(name) && mtimeMs < Date.now() - 60_000) await rm(path, { force: true })
  }
  return old.length
}

/** Refusals that say "not now" and leave the upload as it is. */
const LATER: ReadonlySet<string> = new Set([
  'E_BUSY',
  'E_STORAGE_FULL',
  'E_STORAGE_CLOSED',
  'E_AUDIT_STOPPED',
  'E_DATABASE_UNAVAILABLE',
])

const busy = new WeakMap<Instance, Set<string>>()

/** One request at a time for an upload: the second is told to ask for the offset again. */
async function alone<T>(instance: Instance, id: string, work: () => Promise<T>): Promise<T> {
  const ids = busy.get(instance) ?? new Set<string>()
  busy.set(instance, ids)
  if (ids.has(id))
    throw new TanlianError('E_BUSY', 'Another request works on this upload. Try again in a moment.', {
      values: { retryAfterS: 1 },
    })
  ids.add(id)
  try {
    return await work()
  } finally {
    ids.delete(id)
  }
}

async function keptReceipt(instance: Instance, upload: Upload): Promise<Receipt> {
  const row = await instance.db
    .selectFrom('accepted')
    .select('receipt')
    .where('organization', '=', upload.organization)
    .where('kind', '=', upload.kind)
    .where('sequence', '=', upload.sequence)
    .executeTakeFirstOrThrow()
  return JSON.parse(Buffer.from(row.receipt).toString()) as Receipt
}

async function readWhole(instance: Instance, id: string, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openFile(instance, id, 'r')
  try {
    const bytes = new Uint8Array(length)
    let at = 0
    while (at < length) {
      const { bytesRead } = await file.read(bytes, at, length - at, at)
      if (bytesRead === 0) break
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

/** The body's bytes; a connection that ends before them is the sender's, not a fault of ours. @throws TanlianError E_UPLOAD_BROKEN */
async function* wholeParts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (cause) {
    throw new TanlianError(
      'E_UPLOAD_BROKEN',
      'The connection ended before the bytes did. Ask for the offset and go on from there.',
      {
        cause,
      },
    )
  }
}

/** @throws TanlianError E_STORAGE_FULL (F6): what was written before counts. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  } catch (cause) {
    throw isFull(cause) ? full(bytes.length) : cause
  }
}

function tell(instance: Instance, { id, organization, offset_bytes, length_bytes, state }: Upload) {
  instance.events.emit('upload', { upload: id, organization, offset: offset_bytes, length: length_bytes, state })
}

function folderOf(instance: Instance): string {
  return join(instance.config.dataDir, 'uploads')
}

function pathOf(instance: Instance, id: string): string {
  return join(folderOf(instance), id)
}

function openFile(instance: Instance, id: string, flags: 'w' | 'r' | 'r+') {
  return open(pathOf(instance, id), flags, 0o600)
}

function closedError(): TanlianError {
  return new TanlianError('E_UPLOAD_CLOSED', 'This upload is committed and takes no more bytes.')
}
