import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'
import { type Block, decodeBlock, encodeBlock, equalBytes, isEvidenceCid } from './block.ts'
import { openCar, writeCar } from './car.ts'

/** First words of a report package's root. */
export const REPORT_PACKAGE_FORMAT = 'tanlian/report-package/1'

/** Limits of a package that is opened; a browser must survive any file. */
const LIMITS = { bytes: 128 * 1024 * 1024, blocks: 200_000 }

/**
 * A report and all that doing it again needs but the chain itself (报告证据包). Its form is in `docs/spec/report-package.md`; what its documents
 * say is for `@tanlian/accounting` to read.
 */
export interface ReportPackage {
  /** The report's document. */
  readonly report: CID
  readonly organization: number
  /** Headers of the organization from 1 to the last before the report's log size, and the one after it where there is one. */
  readonly headers: readonly Block[]
  /** The 52 bytes of each header's entry, in sequence, and its signature. */
  readonly entries: readonly Uint8Array[]
  readonly signatures: readonly Uint8Array[]
  /** The streams blocks that the headers name, each once, in order of first use. */
  readonly streams: readonly Block[]
  /** For each located batch the proofs of its questions, in order. */
  readonly proofs: readonly (readonly [sequence: number, proofs: readonly Uint8Array[]])[]
  /** Everything that the report's life rests on, in the order of the log. */
  readonly documents: readonly PackagedDocument[]
  /** The methodology, then the factor sets in the report's order. */
  readonly blocks: readonly Block[]
  /** What sort of party each organization is, as the platform read it. */
  readonly parties: readonly (readonly [organization: number, kind: string])[]
  /** Keys as the platform read them from the registry. */
  readonly keys: readonly PartyKey[]
  readonly log: { readonly size: number; readonly root: Uint8Array; readonly chain: number; readonly block: number }
  readonly contracts: { readonly registry: Uint8Array; readonly log: Uint8Array }
  /** Where the batches' entries, then the documents', stand in the log, and the one proof that they do. */
  readonly inclusion: { readonly indexes: readonly number[]; readonly path: readonly Uint8Array[] }
  /** Block number and Unix time of each of these entries. */
  readonly anchors: readonly (readonly [block: number, time: number])[]
  /** The signed checkpoint (C2SP), or empty. */
  readonly checkpoint: string
}

/** A document with its entry and signature. */
export interface PackagedDocument {
  readonly document: Block
  readonly entry: Uint8Array
  readonly signature: Uint8Array
}

export type PartyKey = readonly [organization: number, account: Uint8Array, kind: number, first: number, last: number]

/** Writes a report package as CAR v1: root, headers, streams, documents, methodology and factors. */
export function encodeReportPackage(pack: ReportPackage): Uint8Array {
  const { headers, streams, documents, blocks, ...rest } = pack
  const root = encodeBlock({
    ...rest,
    format: REPORT_PACKAGE_FORMAT,
    headers: headers.map(({ cid }) => cid),
    streams: streams.map(({ cid }) => cid),
    documents: documents.map(({ document, entry, signature }) => [document.cid, entry, signature]),
    blocks: blocks.map(({ cid }) => cid),
  })
  return writeCar(root.cid, [root, ...headers, ...streams, ...documents.map(({ document }) => document), ...blocks])
}

/** True where a file's root says that it is a report package: a caller that takes either kind asks first. @throws TanlianError E_CAR_…, E_BLOCK_NOT_CANONICAL */
export function isReportPackage(bytes: Uint8Array): boolean {
  const root = decodeBlock(openCar(bytes, LIMITS).header.bytes)
  return typeof root === 'object' && root !== null && 'format' in root && root.format === REPORT_PACKAGE_FORMAT
}

/**
 * Opens a report package: every block matches its CID, and the root is of the form. Nothing of its meaning is checked here.
 * @throws TanlianError E_CAR_…, E_BLOCK_NOT_CANONICAL, E_PACKAGE_FORM
 */
export function decodeReportPackage(bytes: Uint8Array): ReportPackage {
  const car = openCar(bytes, LIMITS)
  const root = fields(decodeBlock(car.header.bytes), ROOT_FIELDS)
  if (root.format !== REPORT_PACKAGE_FORMAT) throw packageError(`its format is not ${REPORT_PACKAGE_FORMAT}`)
  const block = (value: unknown): Block => {
    const cid = link(value)
    return { cid, bytes: car.require(cid) }
  }
  const log = fields(root.log, ['size', 'root', 'chain', 'block'])
  const contracts = fields(root.contracts, ['registry', 'log'])
  const inclusion = fields(root.inclusion, ['indexes', 'path'])
  const pack: ReportPackage = {
    report: link(root.report),
    organization: int(root.organization),
    headers: list(root.headers).map(block),
    entries: list(root.entries).map((item) => bytesOf(item, 52)),
    signatures: list(root.signatures).map((item) => bytesOf(item, 65)),
    streams: list(root.streams).map(block),
    proofs: list(root.proofs).map((item) => {
      const [sequence, proofs] = tuple(item, 2)
      return [int(sequence), list(proofs).map((proof) => bytesOf(proof))] as const
    }),
    documents: list(root.documents).map((item) => {
      const [document, entry, signature] = tuple(item, 3)
      return { document: block(document), entry: bytesOf(entry, 52), signature: bytesOf(signature, 65) }
    }),
    blocks: list(root.blocks).map(block),
    parties: list(root.parties).map((item) => {
      const [organization, kind] = tuple(item, 2)
      return [int(organization), text(kind)] as const
    }),
    keys: list(root.keys).map((item) => {
      const [organization, account, kind, first, last] = tuple(item, 5)
      return [int(organization), bytesOf(account, 20), int(kind), int(first), int(last)] as const
    }),
    log: { size: int(log.size), root: bytesOf(log.root, 32), chain: int(log.chain), block: int(log.block) },
    contracts: { registry: bytesOf(contracts.registry, 20), log: bytesOf(contracts.log, 20) },
    inclusion: {
      indexes: list(inclusion.indexes).map(int),
      path: list(inclusion.path).map((item) => bytesOf(item, 32)),
    },
    anchors: list(root.anchors).map((item) => {
      const [number, time] = tuple(item, 2)
      return [int(number), int(time)] as const
    }),
    checkpoint: text(root.checkpoint),
  }
  if (!equalBytes(encodeReportPackage(pack), bytes))
    throw packageError('its blocks are not exactly those it names, in their order')
  return pack
}

const ROOT_FIELDS = [
  ...['format', 'report', 'organization', 'headers', 'entries', 'signatures', 'streams', 'proofs', 'documents'],
  ...['blocks', 'parties', 'keys', 'log', 'contracts', 'inclusion', 'anchors', 'checkpoint'],
]

function fields(value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw packageError('a part is not a map')
  const map = value as Record<string, unknown>
  if (Object.keys(map).length !== names.length || names.some((name) => !Object.hasOwn(map, name)))
    throw packageError(`a part has not exactly the fields ${names.join(', ')}`)
  return map
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw packageError('a part is not a list')
  return value
}

function tuple(value: unknown, length: number): unknown[] {
  const items = list(value)
  if (items.length !== length) throw packageError(`a list has ${items.length} items, not ${length}`)
  return items
}

function int(value: unknown): number {
  if (typeof value !== 'number') throw packageError('a part is not a number')
  return value
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw packageError('a part is not a text')
  return value
}

function bytesOf(value: unknown, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array) || (length !== undefined && value.length !== length))
    throw packageError(`a part is not a byte string${length === undefined ? '' : ` of ${length}`}`)
  return value
}

function link(value: unknown): CID {
  if (!isEvidenceCid(value)) throw packageError('a part is not a CID')
  return value
}

function packageError(why: string): TanlianError {
  return new TanlianError('E_PACKAGE_FORM', `The report package is not of the expected form: ${why}.`, {
    values: { why },
  })
}
