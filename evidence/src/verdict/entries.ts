import { type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import { digestOf, equalBytes, toHex } from '../block.ts'
import { openCheckpoint } from '../checkpoint.ts'
import { type DeviceKeys, declareKeys } from '../device-key.ts'
import { decodeEntry, ENTRY_BATCH, type Entry, recoverEntrySigner } from '../entry.ts'
import { decodeHeader, decodeStreams, type Header, type StreamItem } from '../form.ts'
import { leafHash } from '../log.ts'
import { checkMultiproof } from '../log-multiproof.ts'
import type { EvidencePackage } from '../package.ts'
import { toHex0x } from '../typed-data.ts'
import { type ChainFacts, inKeys, verdictError } from './form.ts'

/** The decoded blocks that every step needs, or the fault that one step reports. */
export type Evidence =
  | {
      readonly ok: true
      readonly headers: readonly Header[]
      readonly bySequence: ReadonlyMap<number, Header>
      readonly entries: readonly Entry[]
      readonly declared: ReadonlyMap<number, StreamItem>
      readonly keys: DeviceKeys
    }
  | Refusal

/** Decodes what every step needs; a fault is reported once, by the step that is about it. */
export function readEvidence(pack: EvidencePackage): Evidence {
  try {
    const headers = pack.headers.map((block) => decodeHeader(block.bytes))
    const declared = new Map<number, StreamItem>()
    // With the sequence that named each first: a key counts from there on.
    const named = new Map(headers.toReversed().map(({ streams, sequence }) => [streams.toString(), sequence]))
    const blocks: { readonly sequence: number; readonly items: readonly StreamItem[] }[] = []
    for (const block of pack.streams) {
      const sequence = named.get(block.cid.toString())
      if (sequence === undefined || !named.delete(block.cid.toString()))
        throw new TanlianError('E_VERDICT_STREAMS', 'A streams block is given that no header names, or twice.')
      const items = decodeStreams(block.bytes).streams
      for (const item of items) declared.set(item.stream, item)
      blocks.push({ sequence, items })
    }
    if (named.size > 0)
      throw new TanlianError('E_VERDICT_STREAMS', 'A streams block that a header names is not in the package.')
    const { organization } = pack.question
    const keys = blocks
      .sort((a, b) => a.sequence - b.sequence)
      .reduce<DeviceKeys>((all, { items, sequence }) => declareKeys(all, organization, items, sequence), new Map())
    const bySequence = new Map(headers.map((header) => [header.sequence, header]))
    return { ok: true, headers, bySequence, entries: pack.entries.map(decodeEntry), declared, keys }
  } catch (error) {
    return refusalOf(error)
  }
}

/** The log's root is the chain's; without a chain, whoever signed the package's checkpoint is named. */
export function checkLog(pack: EvidencePackage, chain: ChainFacts | undefined, vkeys: readonly string[]) {
  const signers = checkpointSigners(pack, vkeys)
  const values = { size: pack.log.size, block: pack.log.block, root: toHex(pack.log.root), signers: signers.join(', ') }
  if (chain === undefined) return { ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED', values }
  if (chain.chainId !== pack.log.chain || !equalBytes(chain.log, pack.contracts.log))
    throw verdictError('E_VERDICT_OTHER_LOG', 'The package is of another chain or log than the one that was asked.', {
      chain: pack.log.chain,
    })
  if (chain.root === undefined || !equalBytes(chain.root, pack.log.root))
    throw verdictError(
      'E_VERDICT_LOG_ROOT',
      'The root of the package is not the one that the contract had at this size.',
      values,
    )
  return { ok: true, values: { ...values, depth: chain.depth } }
}

/** Who signed the package's checkpoint, of the keys that are trusted; none where there is none or no key is known. */
function checkpointSigners(pack: EvidencePackage, vkeys: readonly string[]): readonly string[] {
  if (pack.checkpoint === '' || vkeys.length === 0) return []
  const opened = openCheckpoint(pack.checkpoint, vkeys)
  if (!opened.ok) throw verdictError(opened.code, opened.message, opened.values ?? {})
  if (opened.size !== pack.log.size || !equalBytes(opened.root, pack.log.root))
    throw verdictError('E_VERDICT_CHECKPOINT', 'The signed checkpoint is of another root or size than the package.', {
      size: opened.size,
    })
  return opened.signers
}

/**
 * Every entry from 1 to the head is there, in sequence, and each header is its entry's and names the one before. A header may be absent where
 * its batch was not opened to whoever asked: that it exists shows by its entry.
 */
export function checkEntries(pack: EvidencePackage, evidence: Evidence, chain: ChainFacts | undefined) {
  if (!evidence.ok) throw verdictError(evidence.code, evidence.message, evidence.values ?? {})
  const { headers, entries } = evidence
  const { organization } = pack.question
  for (const [at, entry] of entries.entries()) {
    const sequence = at + 1
    if (entry.organization !== organization || entry.kind !== ENTRY_BATCH) throw otherOrganization(sequence)
    if (entry.sequence !== sequence) throw gap(sequence, entry.sequence)
  }
  let last = 0
  for (const [at, header] of headers.entries()) {
    const { sequence } = header
    const entry = entries[sequence - 1]
    const block = pack.headers[at] as EvidencePackage['headers'][number]
    if (header.organization !== organization) throw otherOrganization(sequence)
    if (entry === undefined || sequence <= last) throw gap(last + 1, sequence)
    if (!equalBytes(entry.digest, digestOf(block.cid)))
      throw verdictError('E_VERDICT_DIGEST', `The entry of batch ${sequence} names another header.`, { sequence })
    const before = entries[sequence - 2]?.digest
    if (before === undefined ? header.previous !== null : !namesDigest(header.previous, before))
      throw verdictError('E_VERDICT_CHAIN', `Batch ${sequence} does not name the header before it.`, { sequence })
    last = sequence
  }
  const hidden = entries.length - headers.length
  const values = { batches: entries.length, hidden }
  if (chain === undefined) return { ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED', values }
  const head = entries.at(-1)
  if (chain.head.sequence !== entries.length || (head !== undefined && !equalBytes(chain.head.digest, head.digest)))
    throw verdictError(
      'E_VERDICT_HEAD',
      `The chain has ${chain.head.sequence} batches of this organization, the package ${entries.length}: it is old, or batches are hidden.`,
      {
        chain: chain.head.sequence,
        package: entries.length,
      },
    )
  if (hidden > 0) return { ok: null, code: 'E_VERDICT_NOT_GRANTED', values }
  return { ok: true, values }
}

function namesDigest(previous: Header['previous'], digest: Uint8Array): boolean {
  return previous !== null && equalBytes(digestOf(previous), digest)
}

function otherOrganization(sequence: number): TanlianError {
  return verdictError('E_VERDICT_ORGANIZATION', `Batch ${sequence} is not of the organization asked about.`, {
    sequence,
  })
}

function gap(sequence: number, stands: number): TanlianError {
  return verdictError(
    'E_VERDICT_GAP',
    `Where batch ${sequence} should be stands ${stands}: one is hidden or out of order.`,
    { sequence },
  )
}

/** Each entry is signed by a key of the organization that was valid then. */
export function checkSignatures(pack: EvidencePackage, evidence: Evidence, chain: ChainFacts | undefined) {
  if (!evidence.ok) return { ok: null, code: evidence.code }
  if (pack.signatures.length !== pack.entries.length)
    throw verdictError('E_VERDICT_SIGNATURE', 'Signatures and entries are not of one number.', {})
  const domain = { chainId: pack.log.chain, verifyingContract: toHex0x(pack.contracts.log) }
  let asked = chain !== undefined
  for (const [at, entry] of evidence.entries.entries()) {
    const account = recoverEntrySigner(entry, domain, pack.signatures[at] as Uint8Array)
    const said = chain?.keyValid(entry.organization, account, entry.kind, entry.sequence)
    if (said === undefined) asked = false
    if (!(said ?? inKeys(pack.keys, account, entry)))
      throw verdictError(
        'E_VERDICT_SIGNATURE',
        `The signature of batch ${entry.sequence} is not by a key of the organization that was valid for it.`,
        {
          sequence: entry.sequence,
          account,
        },
      )
  }
  const values = { signatures: pack.signatures.length }
  return asked ? { ok: true, values } : { ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED', values }
}

/** Each entry, of batches and of audits, is in the log of the package's root. */
export function checkInclusionOf(pack: EvidencePackage) {
  const all = [...pack.entries, ...pack.audits.map((audit) => audit.entry)]
  if (all.length === 0) return { ok: true, values: { entries: 0 } }
  const { indexes, path } = pack.inclusion
  if (indexes.length !== all.length)
    throw verdictError('E_VERDICT_INCLUSION', 'The log places and the entries are not of one number.', {})
  const placed = indexes
    .map((index, at) => ({ index, leaf: leafHash(all[at] as Uint8Array) }))
    .sort((a, b) => a.index - b.index)
  const answer = checkMultiproof({
    indexes: placed.map((item) => item.index),
    leaves: placed.map((item) => item.leaf),
    size: pack.log.size,
    root: pack.log.root,
    path,
  })
  if (!answer.ok)
    throw verdictError('E_VERDICT_INCLUSION', `The entries are not in the log of this root: ${answer.message}`, {
      code: answer.code,
    })
  return { ok: true, values: { entries: all.length, size: pack.log.size } }
}
