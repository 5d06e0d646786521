import {
  addressOf,
  type Block,
  buildTree,
  type ChainFacts,
  createLog,
  decodeChunk,
  decodeEntry,
  decodeHeader,
  digestOf,
  draftBatch,
  type Entry,
  encodeBlock,
  encodeEntry,
  fromHex0x,
  type LogFacts,
  leafHash,
  leavesOfChunks,
  multiproof,
  numberBatch,
  type PackagedDocument,
  type PartyKey,
  type Reading,
  type StreamItem,
  signEntry,
  type Tree,
} from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { buildReportPackage, createRegister, dossierOf, type RegisterFacts } from '../src/index.ts'

/*
 * A log in memory with batches of one enterprise and documents of everybody, signed and in order: what the tests, the benchmark and the example
 * of report packages are made of. Nothing is random: the same calls give the same bytes.
 */

export const PLANT = 7
export const PARTIES: readonly (readonly [organization: number, kind: string])[] = [
  [1, 'regulator'],
  [2, 'regulator'],
  [PLANT, 'enterprise'],
  [9, 'laboratory'],
  [21, 'verifier'],
  [22, 'verifier'],
]
const CONTRACTS = { registry: new Uint8Array(20).fill(1), log: new Uint8Array(20).fill(2) }
const DOMAIN = { chainId: 31337, verifyingContract: `0x${'02'.repeat(20)}` as const }
const keyOf = (organization: number) => new Uint8Array(32).fill(100 + organization)

interface LoggedBatch {
  readonly header: Block
  readonly entry: Entry
  readonly signature: Uint8Array
  readonly index: number
  readonly anchor: readonly [block: number, time: number]
  readonly streams: Block
  readonly tree: Tree
  /** Streams, index, chunks. */
  readonly blocks: readonly Block[]
}

interface LoggedStatement extends PackagedDocument {
  readonly cid: CID
  readonly index: number
  readonly anchor: readonly [block: number, time: number]
}

/** What somebody states in place of what was to be stated. */
export type Forge = (kind: string, stated: Statement) => Statement

export interface Statement {
  readonly organization: number
  readonly content: unknown
  readonly time: number
}

/** @param forge with it documents are logged although they break the rules, and packages hold them all */
export function createArchive(streams: readonly StreamItem[], forge?: Forge) {
  const log = createLog()
  const batches: LoggedBatch[] = []
  const statements: LoggedStatement[] = []
  const heads = new Map<number, { readonly sequence: number; readonly cid: CID }>()
  const facts: RegisterFacts = { rootAt: (size) => (size <= log.size ? log.root(size) : undefined) }
  const register = createRegister(facts)
  let seeds = 0
  let block = 10

  const put = (entry: Entry) => {
    const bytes = encodeEntry(entry)
    return {
      entry,
      bytes,
      signature: signEntry(entry, DOMAIN, keyOf(entry.organization)),
      index: log.append(leafHash(bytes)),
    }
  }

  /** The plant logs a batch a minute after its last reading. */
  function batch(
    readings: readonly Reading[],
    restates: readonly (readonly [Uint8Array, Uint8Array])[] = [],
  ): LoggedBatch {
    const seed = () => {
      const bytes = new Uint8Array(32)
      new DataView(bytes.buffer).setUint32(0, ++seeds)
      return bytes
    }
    const draft = draftBatch({ readings, streams, seed, frames: [] })
    const last = batches.at(-1)
    const { header, entry } = numberBatch(draft, {
      organization: PLANT,
      sequence: batches.length + 1,
      previous: last?.header.cid ?? null,
      restates: restates.map(([lo, hi]) => ({ lo, hi })),
    })
    const [streamsBlock, , ...chunks] = draft.blocks as [Block, Block, ...Block[]]
    const { signature, index } = put(entry)
    const made: LoggedBatch = {
      header,
      entry,
      signature,
      index,
      anchor: [++block, draft.to + 60],
      streams: streamsBlock,
      tree: buildTree(leavesOfChunks(chunks.map(({ bytes }) => decodeChunk(bytes)))),
      blocks: draft.blocks,
    }
    batches.push(made)
    return made
  }

  /** Somebody states a document. @throws Error where the register refuses it */
  function state(kind: string, by: number, said: unknown, at: number): CID {
    const asked = { organization: by, content: said, time: at }
    const { organization, content, time } = forge === undefined ? asked : forge(kind, asked)
    const head = heads.get(organization)
    const sequence = (head?.sequence ?? 0) + 1
    const document = encodeBlock({
      format: 'tanlian/document/1',
      organization,
      sequence,
      previous: head?.cid ?? null,
      kind,
      content,
    })
    const { cid } = document
    const party = new Map(PARTIES).get(organization) ?? 'other'
    const answer = register.apply({ kind, organization, party, cid, content, time, block: block + 1, index: log.size })
    if (!answer.ok && forge === undefined) throw new Error(`${kind}: ${answer.code} ${answer.message}`)
    const { bytes, signature, index } = put({ kind: 2, organization, sequence, digest: digestOf(cid) })
    heads.set(organization, { sequence, cid })
    statements.push({ cid, document, entry: bytes, signature, index, anchor: [++block, time] })
    return cid
  }

  /** The package of a report, as a platform makes it. */
  function pack(report: CID, size: number, blocks: readonly Block[]): Promise<Uint8Array> {
    const before = batches.filter(({ index }) => index < size)
    const shown = batches.slice(0, before.length + 1)
    const wanted = new Set(forge === undefined ? dossierOf(register, report).map(String) : [])
    const documents = statements.filter(({ cid }) => forge !== undefined || wanted.has(cid.toString()))
    const all = [...shown, ...documents]
    const indexes = all.map(({ index }) => index)
    return buildReportPackage(
      {
        report,
        organization: PLANT,
        headers: shown.map(({ header }) => header),
        entries: shown.map(({ entry }) => encodeEntry(entry)),
        signatures: shown.map(({ signature }) => signature),
        streams: [...new Map(shown.map(({ streams: one }) => [one.cid.toString(), one])).values()],
        documents: documents.map(({ document, entry, signature }) => ({ document, entry, signature })),
        blocks,
        parties: PARTIES,
        keys: PARTIES.flatMap(([organization]) =>
          [1, 2].map(
            (kind): PartyKey => [
              organization,
              fromHex0x(addressOf(keyOf(organization))),
              kind,
              1,
              Number.MAX_SAFE_INTEGER,
            ],
          ),
        ),
        log: { size: log.size, root: log.root(), chain: DOMAIN.chainId, block },
        contracts: CONTRACTS,
        inclusion: {
          indexes,
          path: multiproof(
            [...indexes].sort((a, b) => a - b),
            log.size,
            log.subtree,
          ),
        },
        anchors: all.map(({ anchor }) => anchor),
        checkpoint: '',
      },
      (sequence) => (batches[sequence - 1] as LoggedBatch).tree,
    )
  }

  /** What the chain says when it is asked now. */
  function chain(): ChainFacts {
    const last = batches.at(-1)
    return {
      chainId: DOMAIN.chainId,
      log: CONTRACTS.log,
      root: log.root(),
      head: { sequence: batches.length, digest: last?.entry.digest ?? new Uint8Array(32) },
      depth: 3,
      keyValid: (organization, account) => account === addressOf(keyOf(organization)),
    }
  }

  /** What the chain says of the log's past. */
  function past(): LogFacts {
    const all = [...batches, ...statements].sort((a, b) => a.index - b.index)
    return {
      roots: all.map(({ index, anchor: [number] }) => ({ size: index + 1, root: log.root(index + 1), block: number })),
      times: new Map(statements.map(({ anchor }) => anchor)),
      parties: new Map(PARTIES),
    }
  }

  /** The log's entries as the contract announced them. */
  function appended() {
    const entries = [...batches, ...statements.map((one) => ({ ...one, entry: decodeEntry(one.entry) }))]
    return entries
      .map(({ entry, index, anchor: [number] }) => ({ ...entry, index, block: number }))
      .sort((a, b) => a.index - b.index)
  }

  return {
    batch,
    state,
    pack,
    chain,
    past,
    appended,
    batches,
    register,
    log,
    /** A block passes in which nothing is logged. @returns its number */
    passBlock: () => ++block,
    /** The block that the next statement or batch is in. */
    nextBlock: () => block + 1,
    headers: () => batches.map(({ header }) => decodeHeader(header.bytes)),
  }
}
