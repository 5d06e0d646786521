import {
  batchCar,
  decodeChunk,
  decodeHeader,
  decodeIndex,
  decodeKey,
  decodeStreams,
  draftBatch,
  ENTRY_BATCH,
  encodeKey,
  fromHex,
  type Interval,
  MAX_INTERVALS,
  numberBatch,
  parseCid,
  type Reading,
  type StreamItem,
} from '@tanlian/evidence'
import { type BlockSource, type Client, type ImportManifest, openGateways } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Connection } from '../connect.ts'
import { openSending } from '../sending.ts'
import { findManifest, openSignedIn } from './manifest.ts'
import { type ImportRecord, type Withdrawal, writeRecord } from './record.ts'

/** A stretch of readings to be voided: the keys from the first to the last start of one type and stream. */
interface Stretch {
  /** Four bytes. */
  readonly type: number
  readonly stream: number
  readonly first: number
  readonly last: number
}

/**
 * Takes an import back (撤回): batches that restate every reading of it, each with one reading of quantity 0 and flag B that says so (spec
 * section 5). The readings stay in the log for everybody to see, and count as void. What is voided is read from the import's own batches,
 * so nothing of another import is touched.
 * Codes: E_IMPORT_UNKNOWN, those of the submitter and the platform's.
 */
export async function withdrawImport(
  record: ImportRecord,
  reason: string,
  options: { readonly home: string; readonly connection: Connection; readonly key: Uint8Array },
): Promise<Withdrawal> {
  const { home, connection, key } = options
  const { client, log } = connection
  const { organization } = record
  const signedIn = await openSignedIn(client.http.base, organization, key)
  const manifest = await findManifest(signedIn, {
    organization,
    file: fromHex(record.file),
    mappingDigest: fromHex(record.mapping),
  })
  if (manifest === undefined || manifest.sequences.length === 0) {
    throw new TanlianError(
      'E_IMPORT_UNKNOWN',
      `The platform has no batch of import ${record.id}. There is nothing to withdraw.`,
      { values: { id: record.id } },
    )
  }
  const { submitter, outbox } = await openSending(connection, { home, organization, kind: ENTRY_BATCH, key })
  try {
    const { stretches, streams } = await stretchesOf(client, manifest)
    const note = `withdraw/${record.id}/${record.round}/`
    const sequences = (await outbox.receipts(note)).map(({ receipt }) => receipt.sequence)
    const marks: [number, number, number][] = []
    for (let at = 0; at * MAX_INTERVALS < stretches.length; at++) {
      const part = stretches.slice(at * MAX_INTERVALS, (at + 1) * MAX_INTERVALS)
      const mark = part[0] as Stretch
      const type = mark.type >>> 8
      marks.push([type, mark.stream, mark.first])
      if (at < sequences.length) continue
      const reading: Reading = {
        type,
        stream: mark.stream,
        start: mark.first,
        seconds: 1,
        quantity: 0,
        flag: 'B',
        source: null,
      }
      const draft = draftBatch({
        readings: [reading],
        streams,
        seed: () => crypto.getRandomValues(new Uint8Array(32)),
        frames: [],
      })
      const restates = part.map(intervalOf).sort((a, b) => Buffer.compare(a.lo, b.lo))
      const receipt = await submitter.submit((sequence, previous) => {
        const { header, entry } = numberBatch(draft, { organization, sequence, previous, restates })
        return { entry, car: batchCar(header, draft.blocks) }
      }, `${note}${at}`)
      sequences.push(receipt.sequence)
    }
    await signedIn.http.json(`/v1/organizations/${organization}/imports/${manifest.id}/withdrawal`, {
      method: 'POST',
      json: { sequence: Math.max(...sequences), reason },
    })
    const withdrawal: Withdrawal = { at: new Date().toISOString(), reason, sequences, marks }
    await writeRecord(home, log, { ...record, withdrawals: [...record.withdrawals, withdrawal] })
    return withdrawal
  } finally {
    await outbox.close()
  }
}

function intervalOf({ type, stream, first, last }: Stretch): Interval {
  return { lo: encodeKey(type, stream, first), hi: encodeKey(type, stream, last) }
}

/** What the import's batches hold: one stretch for each run of chunks of a type and stream with nothing of another import between. */
async function stretchesOf(
  client: Client,
  manifest: ImportManifest,
): Promise<{ stretches: Stretch[]; streams: StreamItem[] }> {
  const blocks: BlockSource = openGateways([client.http.base])
  const wanted = new Set(manifest.sequences)
  // Readings that an earlier withdrawal voided are nobody's any more: voiding them again takes nothing.
  const voided = new Set<number>()
  for await (const other of client.imports(manifest.organization)) {
    if (other.state === 'withdrawn') for (const sequence of other.sequences) voided.add(sequence)
  }
  const own: Stretch[] = []
  const foreign: Stretch[] = []
  const streams = new Map<number, StreamItem>()
  for await (const item of client.entries(manifest.organization, 1)) {
    if (voided.has(item.sequence)) continue
    const header = decodeHeader(await blocks.get(parseCid(item.cid)))
    if (wanted.has(item.sequence))
      for (const one of decodeStreams(await blocks.get(header.streams)).streams) streams.set(one.stream, one)
    for (const [min, max, , cid] of decodeIndex(await blocks.get(header.data)).chunks) {
      const first = decodeKey(min)
      const stretch = { type: first.type, stream: first.stream, first: first.start, last: decodeKey(max).start }
      if (!wanted.has(item.sequence)) foreign.push(stretch)
      else if (!foreign.some((other) => overlaps(other, stretch))) own.push(stretch)
      else own.push(...(await singles(blocks, cid)))
    }
  }
  const sorted = own.sort((a, b) => a.type - b.type || a.stream - b.stream || a.first - b.first)
  const merged: Stretch[] = []
  for (const stretch of sorted) {
    const last = merged.at(-1)
    const joined = last === undefined ? undefined : { ...last, last: stretch.last }
    const same = last !== undefined && last.type === stretch.type && last.stream === stretch.stream
    if (joined !== undefined && same && !foreign.some((other) => overlaps(other, joined)))
      merged[merged.length - 1] = joined
    else merged.push(stretch)
  }
  return { stretches: merged, streams: [...streams.values()] }
}

/** Where another import lies between, each reading is voided for itself. */
async function singles(blocks: BlockSource, cid: Parameters<BlockSource['get']>[0]): Promise<Stretch[]> {
  const { type, stream, rows } = decodeChunk(await blocks.get(cid))
  return rows.map(([start]) => ({ type, stream, first: start, last: start }))
}

function overlaps(a: Stretch, b: Stretch): boolean {
  return a.type === b.type && a.stream === b.stream && a.first <= b.last && b.first <= a.last
}
