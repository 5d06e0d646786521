import type { CID } from 'multiformats/cid'
import { type Block, cidOf, decodeBlock, encodeValue, equalBytes } from './block.ts'
import { openCar, writeCar } from './car.ts'
import { writeHead } from './cbor.ts'
import type { Flag } from './kind.ts'
import { bytesOf, fieldsOf, linkOf, listOf, numberOf, packageError, textOf, tupleOf } from './package-field.ts'
import type { Filter } from './question.ts'

/** First words of a package's root. */
export const PACKAGE_FORMAT = 'tanlian/package/1'

/** Limits of a package that is opened; a browser must survive any file. */
const PACKAGE_LIMITS = { bytes: 256 * 1024 * 1024, blocks: 400_000 }

/**
 * An evidence package (证据包): one question to one organization, and all that a check of the answer needs but the chain itself.
 * Its form is in `docs/spec/package.md`.
 */
export interface EvidencePackage {
  readonly question: PackageQuestion
  /** All headers of the organization as of the log's size that are open to whoever asked, in sequence. */
  readonly headers: readonly Block[]
  /** The 52 bytes of the entry of every batch, in sequence from 1, and its signature. */
  readonly entries: readonly Uint8Array[]
  readonly signatures: readonly Uint8Array[]
  /** The streams blocks that the headers name, each once. */
  readonly streams: readonly Block[]
  readonly proofs: readonly BatchProof[]
  /** Bodies that were opened for mode `readings`, and the frames that came along. */
  readonly bodies: readonly OpenedBody[]
  readonly frames: readonly Block[]
  /** Audit documents of other organizations on these batches. */
  readonly audits: readonly AuditEvidence[]
  readonly log: { readonly size: number; readonly root: Uint8Array; readonly chain: number; readonly block: number }
  readonly contracts: { readonly registry: Uint8Array; readonly log: Uint8Array }
  /** Where the entries (then the audits' entries) stand in the log, and the one proof that they do. */
  readonly inclusion: { readonly indexes: readonly number[]; readonly path: readonly Uint8Array[] }
  /** The organization's keys as the platform read them from the registry: account, kind, first and last sequence. */
  readonly keys: readonly PackageKey[]
  /** Block number and Unix time of each entry's block, in sequence. */
  readonly anchors: readonly (readonly [block: number, time: number])[]
  /** The signed checkpoint (C2SP), or empty. */
  readonly checkpoint: string
}

export interface PackageQuestion extends Filter {
  readonly organization: number
  readonly mode: 'total' | 'readings'
}

/** One proof: which batch, which intervals, the pruned tree. */
export interface BatchProof {
  readonly sequence: number
  readonly intervals: readonly (readonly [lo: Uint8Array, hi: Uint8Array])[]
  readonly proof: Uint8Array
}

/** The body of one opened reading. */
export interface OpenedBody {
  readonly sequence: number
  readonly key: Uint8Array
  readonly flag: Flag
  readonly source: CID | null
  readonly salt: Uint8Array
}

/** An audit document with its entry and signature. */
export interface AuditEvidence {
  readonly document: Block
  readonly entry: Uint8Array
  readonly signature: Uint8Array
  readonly keys: readonly PackageKey[]
}

export type PackageKey = readonly [account: Uint8Array, kind: number, first: number, last: number]

/** Writes a package as CAR v1. */
export function encodePackage(pack: EvidencePackage): Uint8Array {
  const root = packageRoot(pack)
  return writeCar(root.cid, [
    root,
    ...pack.headers,
    ...pack.streams,
    ...pack.frames,
    ...pack.audits.map((audit) => audit.document),
  ])
}

/** The root block of a package alone. */
export function packageRoot(pack: EvidencePackage): Block {
  const bytes = joinParts(packageParts(pack))
  return { cid: cidOf(bytes), bytes }
}

/** Fields of a package's root by name, each encoded. */
export type PackageParts = ReadonlyMap<string, Uint8Array>

/** Encodes some fields of a package's root: a writer of many packages keeps those that they share, and adds the rest for each. */
export function packageParts(pack: Partial<EvidencePackage>): PackageParts {
  const parts = new Map<string, Uint8Array>()
  for (const [name, form] of Object.entries(FORMS)) {
    const value = pack[name as keyof EvidencePackage]
    if (value !== undefined) parts.set(name, encodeValue((form as (value: unknown) => unknown)(value)))
  }
  return parts
}

/** The bytes of a package's root from all of its parts: what encoding the whole gives. */
export function joinParts(...groups: readonly PackageParts[]): Uint8Array {
  const parts = new Map([['format', encodeValue(PACKAGE_FORMAT)], ...groups.flatMap((group) => [...group])])
  // DAG-CBOR orders keys by length and then by their bytes.
  const names = [...parts.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const size = names.reduce((sum, name) => sum + 1 + name.length + (parts.get(name) as Uint8Array).length, 1)
  const bytes = new Uint8Array(size)
  let at = writeHead(bytes, 0, MAP, names.length)
  for (const name of names) {
    bytes.set(encodeValue(name), at)
    at += 1 + name.length
    const part = parts.get(name) as Uint8Array
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** CBOR's major type of a map. Names and their number are below 24, so that each head is one byte. */
const MAP = 5

/** How each field stands in the root. */
const FORMS: { readonly [K in keyof EvidencePackage]: (value: EvidencePackage[K]) => unknown } = {
  question: ({ organization, types, streams, from, to, mode }) => ({
    organization,
    types,
    streams: streams ?? null,
    from,
    to,
    mode,
  }),
  headers: (blocks) => blocks.map(({ cid }) => cid),
  entries: (entries) => entries,
  signatures: (signatures) => signatures,
  streams: (blocks) => blocks.map(({ cid }) => cid),
  proofs: (proofs) => proofs.map(({ sequence, intervals, proof }) => [sequence, intervals, proof]),
  bodies: (bodies) => bodies.map(({ sequence, key, flag, source, salt }) => [sequence, key, flag, source, salt]),
  frames: (blocks) => blocks.map(({ cid }) => cid),
  audits: (audits) => audits.map(({ document, entry, signature, keys }) => [document.cid, entry, signature, keys]),
  log: (log) => log,
  contracts: (contracts) => contracts,
  inclusion: (inclusion) => inclusion,
  keys: (keys) => keys,
  anchors: (anchors) => anchors,
  checkpoint: (text) => text,
}

/**
 * Opens a package: every block matches its CID, and the root is of the form. Nothing of its meaning is checked here.
 * @throws TanlianError E_CAR_…, E_BLOCK_NOT_CANONICAL, E_PACKAGE_FORM
 */
export function decodePackage(bytes: Uint8Array): EvidencePackage {
  const car = openCar(bytes, PACKAGE_LIMITS)
  const root = fieldsOf(decodeBlock(car.header.bytes), ROOT_FIELDS)
  if (root.format !== PACKAGE_FORMAT) throw packageError(`its format is not ${PACKAGE_FORMAT}`)
  const block = (value: unknown): Block => {
    const cid = linkOf(value)
    return { cid, bytes: car.require(cid) }
  }
  const blocks = (name: string) => listOf(root[name]).map(block)
  const question = fieldsOf(root.question, ['organization', 'types', 'streams', 'from', 'to', 'mode'])
  const log = fieldsOf(root.log, ['size', 'root', 'chain', 'block'])
  const contracts = fieldsOf(root.contracts, ['registry', 'log'])
  const inclusion = fieldsOf(root.inclusion, ['indexes', 'path'])
  const mode = question.mode
  if (mode !== 'total' && mode !== 'readings') throw packageError('its mode is neither total nor readings')
  const pack: EvidencePackage = {
    question: {
      organization: numberOf(question.organization),
      types: listOf(question.types).map((item) => bytesOf(item)),
      ...(question.streams === null ? {} : { streams: listOf(question.streams).map(numberOf) }),
      from: numberOf(question.from),
      to: numberOf(question.to),
      mode,
    },
    headers: blocks('headers'),
    entries: listOf(root.entries).map((item) => bytesOf(item, 52)),
    signatures: listOf(root.signatures).map((item) => bytesOf(item, 65)),
    streams: blocks('streams'),
    proofs: listOf(root.proofs).map((item) => {
      const [sequence, intervals, proof] = tupleOf(item, 3)
      return {
        sequence: numberOf(sequence),
        intervals: listOf(intervals).map((pair) => {
          const [lo, hi] = tupleOf(pair, 2)
          return [bytesOf(lo, 16), bytesOf(hi, 16)] as const
        }),
        proof: bytesOf(proof),
      }
    }),
    bodies: listOf(root.bodies).map((item) => {
      const [sequence, key, flag, source, salt] = tupleOf(item, 5)
      return {
        sequence: numberOf(sequence),
        key: bytesOf(key, 16),
        flag: textOf(flag) as Flag,
        source: source === null ? null : linkOf(source),
        salt: bytesOf(salt, 16),
      }
    }),
    frames: blocks('frames'),
    audits: listOf(root.audits).map((item) => {
      const [document, entry, signature, keys] = tupleOf(item, 4)
      return {
        document: block(document),
        entry: bytesOf(entry, 52),
        signature: bytesOf(signature, 65),
        keys: listOf(keys).map(keyOf),
      }
    }),
    log: {
      size: numberOf(log.size),
      root: bytesOf(log.root, 32),
      chain: numberOf(log.chain),
      block: numberOf(log.block),
    },
    contracts: { registry: bytesOf(contracts.registry, 20), log: bytesOf(contracts.log, 20) },
    inclusion: {
      indexes: listOf(inclusion.indexes).map(numberOf),
      path: listOf(inclusion.path).map((item) => bytesOf(item, 32)),
    },
    keys: listOf(root.keys).map(keyOf),
    anchors: listOf(root.anchors).map((item) => {
      const [block, time] = tupleOf(item, 2)
      return [numberOf(block), numberOf(time)] as const
    }),
    checkpoint: typeof root.checkpoint === 'string' ? root.checkpoint : '',
  }
  if (!equalBytes(encodePackage(pack), bytes))
    throw packageError('its blocks are not exactly those it names, in their order')
  return pack
}

const ROOT_FIELDS = [
  'format',
  'question',
  'headers',
  'entries',
  'signatures',
  'streams',
  'proofs',
  'bodies',
  'frames',
  'audits',
  'log',
  'contracts',
  'inclusion',
  'keys',
  'anchors',
  'checkpoint',
]

function keyOf(item: unknown): PackageKey {
  const [account, kind, first, last] = tupleOf(item, 4)
  return [bytesOf(account, 20), numberOf(kind), numberOf(first), numberOf(last)]
}
