import {
  type AuditedBatch,
  addressOf,
  auditBatch,
  type Block,
  bodySalt,
  type ChainFacts,
  type Chunk,
  compareKeys,
  createLog,
  decodeStreams,
  digestOf,
  type Entry,
  type EvidencePackage,
  ed25519PublicKey,
  emptyState,
  encodeBlock,
  encodeEntry,
  encodeKey,
  type Flag,
  fromHex0x,
  type Interval,
  leafHash,
  leavesOfChunks,
  locate,
  multiproof,
  type OrganizationState,
  openCar,
  type PackageQuestion,
  prove,
  type StreamItem,
  signEd25519,
  signEntry,
  treeRoot,
  validityOf,
  writeCar,
} from '../src/index.ts'

/*
 * A plant with a log of its own, all in memory and all by the specification: the tests of audits, packages and verdicts run on it. It builds
 * its blocks with the general encoder, so it agrees with the product only where both follow the format.
 */

/** A reading as the tests write it. */
export interface PlantReading {
  readonly stream: number
  /** 24 bits. */
  readonly type: number
  readonly start: number
  readonly seconds: number
  readonly quantity: number
  readonly flag: Flag
}

export interface PlantBatch {
  readonly car: Uint8Array
  readonly header: Block
  readonly frame: Block
  readonly entry: Entry
  readonly signature: Uint8Array
  readonly index: number
  readonly audited: AuditedBatch
}

export const PLANT_KEY = new Uint8Array(32).fill(7)
export const STRANGER_KEY = new Uint8Array(32).fill(8)
const CONTRACTS = { registry: new Uint8Array(20).fill(1), log: new Uint8Array(20).fill(2) }
const DOMAIN = { chainId: 31337, verifyingContract: `0x${'02'.repeat(20)}` as const }
const DAY = 86_400

/** Grows a log batch by batch; entries of another organization stand between. */
export function createPlant(organization = 7) {
  const batches: PlantBatch[] = []
  const log = createLog()
  let state: OrganizationState = emptyState(organization)
  let seeds = 0

  function append(
    readings: readonly PlantReading[],
    options: {
      restates?: readonly (readonly [Uint8Array, Uint8Array])[]
      key?: Uint8Array
      /** Ed25519 seeds: by which the device signs its frame, and whose public key the streams block declares. */
      device?: { readonly signs: Uint8Array; readonly declared: Uint8Array; readonly counter?: number }
      /** Items beside those of the readings' streams: changes of a device's keys. */
      changes?: readonly StreamItem[]
      alter?: (header: Record<string, unknown>) => void
    } = {},
  ): PlantBatch {
    const groups = Map.groupBy(
      [...readings].sort((a, b) => a.start - b.start),
      (reading) => (reading.type * 256 + validityOf(reading.flag)) * 1000 + reading.stream,
    )
    const unsigned = {
      bytes: Uint8Array.from([35, 35, seeds & 255]),
      device: 'meter-1',
      protocol: 'test',
      received: 1,
      salt: new Uint8Array(16).fill(seeds & 255),
    }
    const { device, changes = [] } = options
    const counted = device?.counter === undefined ? unsigned : { ...unsigned, counter: device.counter }
    const frame = encodeBlock(
      device === undefined ? counted : { ...counted, signature: signEd25519(encodeBlock(counted).bytes, device.signs) },
    )
    const chunks = [...groups.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, rows]): { chunk: Chunk; block: Block } => {
        const first = rows[0] as PlantReading
        const seed = new Uint8Array(32).fill(++seeds & 255)
        seed[0] = seeds >> 8
        const chunk: Chunk = {
          type: first.type * 256 + validityOf(first.flag),
          stream: first.stream,
          seed,
          sources: [frame.cid],
          rows: rows.map((row) => [row.start, row.seconds, row.quantity, row.flag, 0] as const),
        }
        return { chunk, block: encodeBlock(chunk) }
      })
    const index = encodeBlock({
      chunks: chunks.map(({ chunk, block }) => [
        encodeKey(chunk.type, chunk.stream, chunk.rows[0]?.[0] ?? 0),
        encodeKey(chunk.type, chunk.stream, chunk.rows.at(-1)?.[0] ?? 0),
        chunk.rows.length,
        block.cid,
      ]),
    })
    const declared = [...new Map(readings.map((reading) => [reading.stream, reading])).values()]
    const streams = encodeBlock({
      streams: [
        ...declared.map(({ stream, type, seconds }) => ({
          stream,
          type,
          device: 'meter-1',
          interval: seconds,
          ...(device === undefined ? {} : { key: ed25519PublicKey(device.declared) }),
        })),
        ...changes,
      ],
    })
    const fields: Record<string, unknown> = {
      format: 'tanlian/batch/1',
      organization,
      sequence: state.sequence + 1,
      previous: state.previous,
      from: Math.min(...readings.map((reading) => reading.start)),
      to: Math.max(...readings.map((reading) => reading.start + reading.seconds)),
      tree: treeRoot(leavesOfChunks(chunks.map(({ chunk }) => chunk))),
      data: index.cid,
      streams: streams.cid,
      restates: options.restates ?? [],
    }
    options.alter?.(fields)
    const header = encodeBlock(fields)
    const car = writeCar(header.cid, [header, streams, index, ...chunks.map(({ block }) => block), frame])
    const audited = auditBatch(state, openCar(car))
    if (!audited.ok) throw Object.assign(new Error(audited.message), { code: audited.code })
    state = audited.state
    log.append(
      leafHash(
        encodeEntry({
          kind: 1,
          organization: organization + 1,
          sequence: batches.length + 1,
          digest: new Uint8Array(32).fill(batches.length),
        }),
      ),
    )
    const entry: Entry = { kind: 1, organization, sequence: state.sequence, digest: digestOf(header.cid) }
    const batch = {
      car,
      header,
      frame,
      entry,
      signature: signEntry(entry, DOMAIN, options.key ?? PLANT_KEY),
      index: log.size,
      audited,
    }
    log.append(leafHash(encodeEntry(entry)))
    batches.push(batch)
    return batch
  }

  /** What an honest platform answers. @param hidden sequences that are not open to whoever asks */
  function answer(
    question: Omit<PackageQuestion, 'organization'>,
    upTo = batches.length,
    hidden: readonly number[] = [],
  ): EvidencePackage {
    const logged = batches.slice(0, upTo)
    const shown = logged.filter(({ entry }) => !hidden.includes(entry.sequence))
    const size = upTo === batches.length ? log.size : (batches[upTo] as PlantBatch).index
    const asked = locate(
      question,
      shown.map((batch) => batch.audited.header),
      declaredBy(shown).values(),
    )
    const proofs = asked.flatMap(({ sequence, questions }) =>
      questions.map((parts) => ({
        sequence,
        intervals: parts.map(({ interval }) => [interval.lo, interval.hi] as const),
        proof: prove((batches[sequence - 1] as PlantBatch).audited.tree, {
          intervals: parts.map((part) => part.interval),
          mode: question.mode,
        }),
      })),
    )
    return {
      question: { ...question, organization },
      headers: shown.map((batch) => batch.header),
      entries: logged.map((batch) => encodeEntry(batch.entry)),
      signatures: logged.map((batch) => batch.signature),
      streams: [...new Map(shown.map((batch) => [batch.audited.header.streams.toString(), batch])).values()].map(
        (batch) => {
          const cid = batch.audited.header.streams
          return { cid, bytes: openCar(batch.car).require(cid) }
        },
      ),
      proofs,
      bodies:
        question.mode === 'total'
          ? []
          : asked.flatMap(({ sequence, questions }) =>
              bodiesOf(
                batches[sequence - 1] as PlantBatch,
                questions.flat().map((part) => part.interval),
              ),
            ),
      frames: [],
      audits: [],
      log: { size, root: log.root(size), chain: DOMAIN.chainId, block: 10 + upTo },
      contracts: CONTRACTS,
      inclusion: {
        indexes: logged.map((batch) => batch.index),
        path: multiproof(
          logged.map((batch) => batch.index),
          size,
          log.subtree,
        ),
      },
      keys: [[fromHex0x(addressOf(PLANT_KEY)), 1, 1, Number.MAX_SAFE_INTEGER]],
      anchors: logged.map((batch, at) => [11 + at, batch.audited.header.to + 60] as const),
      checkpoint: '',
    }
  }

  /** What the chain says when it is asked now. */
  function chain(pack: EvidencePackage): ChainFacts {
    const last = batches.at(-1)
    return {
      chainId: DOMAIN.chainId,
      log: CONTRACTS.log,
      root: pack.log.size <= log.size ? log.root(pack.log.size) : undefined,
      head: { sequence: batches.length, digest: last === undefined ? new Uint8Array(32) : last.entry.digest },
      depth: 3,
      keyValid: (_organization, account) => account === addressOf(PLANT_KEY),
    }
  }

  return { append, answer, chain, batches }
}

/** Streams as these batches declare them; a later word on one takes the place of an earlier. */
function declaredBy(batches: readonly PlantBatch[]): ReadonlyMap<number, StreamItem> {
  const items = batches.flatMap(
    ({ audited, car }) => decodeStreams(openCar(car).require(audited.header.streams)).streams,
  )
  return new Map(items.map((item) => [item.stream, item]))
}

/** A day of quarter-hour readings of one stream from a start. */
export function quarterHours(start: number, options: Partial<PlantReading> = {}): PlantReading[] {
  return Array.from({ length: 96 }, (_, at) => ({
    stream: 1,
    type: 0x020100,
    start: start + at * 900,
    seconds: 900,
    quantity: 1000 + at,
    flag: 'N',
    ...options,
  }))
}

export const days = (count: number) => Array.from({ length: count }, (_, at) => at * DAY)

function bodiesOf(batch: PlantBatch, asked: readonly Interval[]): EvidencePackage['bodies'] {
  return batch.audited.chunks.flatMap((chunk) =>
    chunk.rows.flatMap(([start, , , flag, source]) => {
      const key = encodeKey(chunk.type, chunk.stream, start)
      if (!asked.some(({ lo, hi }) => compareKeys(lo, key) <= 0 && compareKeys(key, hi) <= 0)) return []
      return [
        {
          sequence: batch.entry.sequence,
          key,
          flag,
          source: source === null ? null : (chunk.sources[source] ?? null),
          salt: bodySalt(chunk.seed, key),
        },
      ]
    }),
  )
}
