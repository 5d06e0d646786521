import type { CID } from 'multiformats/cid'
import { type Block, decodeBlock, encodeBlock, equalBytes } from './block.ts'
import { openCar, writeCar } from './car.ts'
import { bytesOf, fieldsOf, linkOf, listOf, numberOf, packageError, textOf, tupleOf } from './package-field.ts'
import { REPORT_PACKAGE_FORMAT } from './report-package-form.ts'

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

/**
 * Opens a report package: every block matches its CID, and the root is of the form. Nothing of its meaning is checked here.
 * @throws TanlianError E_CAR_…, E_BLOCK_NOT_CANONICAL, E_PACKAGE_FORM
 */
export function decodeReportPackage(bytes: Uint8Array): ReportPackage {
  const car = openCar(bytes, LIMITS)
  const root = fieldsOf(decodeBlock(car.header.bytes), ROOT_FIELDS)
  if (root.format !== REPORT_PACKAGE_FORMAT) throw packageError(`its format is not ${REPORT_PACKAGE_FORMAT}`)
  const block = (value: unknown): Block => {
    const cid = linkOf(value)
    return { cid, bytes: car.require(cid) }
  }
  const log = fieldsOf(root.log, ['size', 'root', 'chain', 'block'])
  const contracts = fieldsOf(root.contracts, ['registry', 'log'])
  const inclusion = fieldsOf(root.inclusion, ['indexes', 'path'])
  const pack: ReportPackage = {
    report: linkOf(root.report),
    organization: numberOf(root.organization),
    headers: listOf(root.headers).map(block),
    entries: listOf(root.entries).map((item) => bytesOf(item, 52)),
    signatures: listOf(root.signatures).map((item) => bytesOf(item, 65)),
    streams: listOf(root.streams).map(block),
    proofs: listOf(root.proofs).map((item) => {
      const [sequence, proofs] = tupleOf(item, 2)
      return [numberOf(sequence), listOf(proofs).map((proof) => bytesOf(proof))] as const
    }),
    documents: listOf(root.documents).map((item) => {
      const [document, entry, signature] = tupleOf(item, 3)
      return { document: block(document), entry: bytesOf(entry, 52), signature: bytesOf(signature, 65) }
    }),
    blocks: listOf(root.blocks).map(block),
    parties: listOf(root.parties).map((item) => {
      const [organization, kind] = tupleOf(item, 2)
      return [numberOf(organization), textOf(kind)] as const
    }),
    keys: listOf(root.keys).map((item) => {
      const [organization, account, kind, first, last] = tupleOf(item, 5)
      return [numberOf(organization), bytesOf(account, 20), numberOf(kind), numberOf(first), numberOf(last)] as const
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
    anchors: listOf(root.anchors).map((item) => {
      const [number, time] = tupleOf(item, 2)
      return [numberOf(number), numberOf(time)] as const
    }),
    checkpoint: textOf(root.checkpoint),
  }
  if (!equalBytes(encodeReportPackage(pack), bytes))
    throw packageError('its blocks are not exactly those it names, in their order')
  return pack
}

const ROOT_FIELDS = [
  ...['format', 'report', 'organization', 'headers', 'entries', 'signatures', 'streams', 'proofs', 'documents'],
  ...['blocks', 'parties', 'keys', 'log', 'contracts', 'inclusion', 'anchors', 'checkpoint'],
]
