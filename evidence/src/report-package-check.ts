import { refusalOf, TanlianError } from '@tanlian/units'
import { digestOf, equalBytes, toHex } from './block.ts'
import { decodeEntry, ENTRY_DOCUMENT, type Entry, entryHash } from './entry.ts'
import { type DocumentBlock, decodeDocument, decodeStreams, type Header, type StreamItem } from './form.ts'
import type { EvidencePackage } from './package.ts'
import { createRecovery, type Recovery } from './recovery.ts'
import type { ReportPackage } from './report-package.ts'
import { type Address, toHex0x } from './typed-data.ts'
import { checkEntries, checkInclusionOf, checkLog, readEvidence } from './verdict/entries.ts'
import { type ChainFacts, inKeys, type StepOutcome, verdictError } from './verdict/form.ts'

/** What a report package's blocks say, once they read. */
export interface ReportEvidenceRead {
  /** The log size that the report's totals are as of. */
  readonly size: number
  /** Batches that stood in the log before that size. */
  readonly headers: readonly Header[]
  readonly declared: readonly StreamItem[]
  readonly documents: readonly ReadDocument[]
}

/** A document of a report package and where it stands. */
export interface ReadDocument {
  readonly entry: Entry
  readonly document: DocumentBlock
  readonly index: number
  readonly block: number
  /** Unix seconds. */
  readonly time: number
}

/** Who signed what in a report package, so that a caller can ask the registry about each; malformed signatures are left out. */
export function reportSigners(pack: ReportPackage): readonly {
  readonly account: Address
  readonly organization: number
  readonly kind: number
  readonly sequence: number
}[] {
  const recover = createRecovery()
  return statements(pack).flatMap(([bytes, signature]) => {
    if (signature === undefined) return []
    try {
      const entry = decodeEntry(bytes)
      const { organization, kind, sequence } = entry
      return [{ account: signerOf(recover, pack, entry, signature), organization, kind, sequence }]
    } catch (error) {
      refusalOf(error)
      return []
    }
  })
}

/** The log's root is the chain's; without a chain, whoever signed the checkpoint is named. */
export function checkReportLog(
  pack: ReportPackage,
  chain: ChainFacts | undefined,
  vkeys: readonly string[],
): StepOutcome {
  return checkLog(batchPart(pack), chain, vkeys)
}

/**
 * Every batch from 1 to the last before the report's size is there, in sequence and hash-linked; that none is hidden shows by the next one, which
 * stands behind that size, or by the chain's head.
 * @throws TanlianError E_VERDICT_…
 */
export function checkReportEntries(pack: ReportPackage, size: number, chain: ChainFacts | undefined): StepOutcome {
  const part = batchPart(pack)
  // A report rests on every batch: none may be kept back from whoever does it again.
  if (pack.headers.length !== pack.entries.length)
    throw verdictError('E_VERDICT_GAP', 'Headers and entries are not of one number.', {})
  checkEntries(part, readEvidence(part), undefined)
  const { indexes } = pack.inclusion
  const before = countBefore(pack, size)
  const values = { batches: before, size }
  if (pack.headers.some((_, at) => at > 0 && (indexes[at] ?? 0) <= (indexes[at - 1] ?? 0)))
    throw verdictError('E_VERDICT_GAP', 'The batches stand in another order in the log than in their sequence.', values)
  if (pack.headers.length > before) return { ok: true, values }
  if (chain === undefined) return { ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED', values }
  const last = pack.entries.at(-1)
  const digest = last === undefined ? undefined : decodeEntry(last).digest
  if (chain.head.sequence !== before || (digest !== undefined && !equalBytes(chain.head.digest, digest)))
    throw verdictError(
      'E_VERDICT_HEAD',
      `The chain has ${chain.head.sequence} batches of this organization, the package ${before}: it is old, or batches are hidden.`,
      { chain: chain.head.sequence, package: before },
    )
  return { ok: true, values }
}

/** Each batch and document is signed by a key of its organization that was valid then. @throws TanlianError E_VERDICT_SIGNATURE, E_SIGNATURE_… */
export function checkReportSignatures(pack: ReportPackage, chain: ChainFacts | undefined): StepOutcome {
  const all = statements(pack)
  const recover = createRecovery()
  let asked = chain !== undefined
  for (const [bytes, signature] of all) {
    if (signature === undefined)
      throw verdictError('E_VERDICT_SIGNATURE', 'Signatures and entries are not of one number.', {})
    const entry = decodeEntry(bytes)
    const { organization, kind, sequence } = entry
    const account = signerOf(recover, pack, entry, signature)
    const said = chain?.keyValid(organization, account, kind, sequence)
    if (said === undefined) asked = false
    if (!(said ?? inKeys(keysOf(pack, organization), account, entry)))
      throw verdictError(
        'E_VERDICT_SIGNATURE',
        `Statement ${sequence} of organization ${organization} is not signed by a key that was valid for it.`,
        { organization, sequence, account },
      )
  }
  const values = { signatures: all.length }
  return asked ? { ok: true, values } : { ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED', values }
}

/** Each entry, of batches and of documents, is in the log of the package's root. */
export function checkReportInclusion(pack: ReportPackage): StepOutcome {
  return checkInclusionOf(batchPart(pack))
}

/**
 * Reads headers, streams and documents. Documents stand in the order of the log, each under its own entry.
 * @throws TanlianError E_VERDICT_…, E_FORM, E_BLOCK_NOT_CANONICAL, E_ENTRY_FORM
 */
export function readReportEvidence(pack: ReportPackage, size: number): ReportEvidenceRead {
  const part = batchPart(pack)
  const evidence = readEvidence(part)
  if (!evidence.ok) throw new TanlianError(evidence.code, evidence.message, { values: evidence.values ?? {} })
  for (const [at, { sequence }] of evidence.headers.entries())
    if (sequence !== at + 1)
      throw verdictError(
        'E_VERDICT_GAP',
        `Where batch ${at + 1} should be stands ${sequence}: one is hidden or out of order.`,
        {
          sequence: at + 1,
        },
      )
  const first = pack.headers.length
  let last = -1
  const documents = pack.documents.map(({ document: block, entry: bytes }, at): ReadDocument => {
    const entry = decodeEntry(bytes)
    const document = decodeDocument(block.bytes)
    const index = pack.inclusion.indexes[first + at] ?? -1
    const [number, time] = pack.anchors[first + at] ?? [0, 0]
    const { organization, sequence } = document
    if (
      entry.kind !== ENTRY_DOCUMENT ||
      entry.organization !== organization ||
      entry.sequence !== sequence ||
      !equalBytes(entry.digest, digestOf(block.cid)) ||
      index <= last
    )
      throw verdictError(
        'E_VERDICT_DIGEST',
        `Document ${sequence} of organization ${organization} is not its entry's, or out of order.`,
        {
          organization,
          sequence,
        },
      )
    last = index
    return { entry, document, index, block: number, time }
  })
  const headers = evidence.headers.slice(0, countBefore(pack, size))
  return { size, headers, declared: declaredBy(pack, headers), documents }
}

/** Streams as these headers declare them: what a later batch declares is no part of the report. */
function declaredBy({ streams }: ReportPackage, headers: readonly Header[]): readonly StreamItem[] {
  const named = new Set(headers.map((header) => header.streams.toString()))
  const items = streams
    .filter(({ cid }) => named.has(cid.toString()))
    .flatMap(({ bytes }) => decodeStreams(bytes).streams.map((item) => [item.stream, item] as const))
  return [...new Map(items).values()]
}

/** Digests (hex) of the batches of a package, by sequence. */
export function batchDigests(pack: ReportPackage): readonly string[] {
  return pack.headers.map(({ cid }) => toHex(digestOf(cid)))
}

/** Batches whose entry stands before a log size. */
function countBefore(pack: ReportPackage, size: number): number {
  return pack.headers.filter((_, at) => (pack.inclusion.indexes[at] ?? size) < size).length
}

function statements(pack: ReportPackage): readonly (readonly [entry: Uint8Array, signature: Uint8Array | undefined])[] {
  return [
    ...pack.entries.map((entry, at) => [entry, pack.signatures[at]] as const),
    ...pack.documents.map(({ entry, signature }) => [entry, signature] as const),
  ]
}

function signerOf(recover: Recovery, { log, contracts }: ReportPackage, entry: Entry, signature: Uint8Array): Address {
  const hash = entryHash(entry, { chainId: log.chain, verifyingContract: toHex0x(contracts.log) })
  return recover(hash, signature, `${entry.organization} ${entry.kind}`)
}

function keysOf({ keys }: ReportPackage, organization: number): EvidencePackage['keys'] {
  return keys.flatMap(([of, ...key]) => (of === organization ? [key] : []))
}

/** A report package's batches and entries as a package of evidence, for the steps that both share. */
function batchPart(pack: ReportPackage): EvidencePackage {
  const { organization, headers, entries, signatures, streams, documents, log, contracts, inclusion, anchors } = pack
  return {
    question: { organization, types: [], from: 0, to: 0, mode: 'total' },
    headers,
    entries,
    signatures,
    streams,
    proofs: [],
    bodies: [],
    frames: [],
    audits: documents.map((document) => ({ ...document, keys: [] })),
    log,
    contracts,
    inclusion,
    keys: keysOf(pack, organization),
    anchors,
    checkpoint: pack.checkpoint,
  }
}
