import { type ErrorValues, type Refusal, refusalOf, TanlianError } from '@tanlian/units'
import { digestOf, equalBytes, toHex } from './block.ts'
import { bodyDigest } from './body.ts'
import { checkProof, type ProofAnswer } from './check-proof.ts'
import { openCheckpoint } from './checkpoint.ts'
import { decodeEntry, ENTRY_BATCH, ENTRY_DOCUMENT, type Entry, recoverEntrySigner } from './entry.ts'
import {
  decodeDocument,
  decodeFrame,
  decodeHeader,
  decodeStreams,
  type Header,
  readAuditContent,
  type StreamItem,
} from './form.ts'
import { decodeKey } from './key.ts'
import { isFlag, type Validity, validityOf } from './kind.ts'
import { leafHash } from './log.ts'
import { checkMultiproof } from './log-multiproof.ts'
import type { BatchProof, EvidencePackage, PackageKey } from './package.ts'
import { locate, type Part } from './question.ts'
import { type Address, toHex0x } from './typed-data.ts'

/** The steps of a verdict (spec section 8), in order. */
export const VERDICT_STEPS = [
  'log',
  'entries',
  'signatures',
  'inclusion',
  'proofs',
  'complete',
  'bodies',
  'restatements',
  'witnesses',
] as const
export type VerdictStep = (typeof VERDICT_STEPS)[number]

/** One line of a verdict. `ok` is null where the step could not or need not be checked; `code` says why not or what failed. */
export interface VerdictLine {
  readonly step: VerdictStep
  readonly ok: boolean | null
  readonly code?: string
  readonly message?: string
  readonly values: ErrorValues
}

/** What the asker read from a chain node itself, not from the platform. */
export interface ChainFacts {
  readonly chainId: number
  /** The log contract that was asked, 20 bytes. */
  readonly log: Uint8Array
  /** The root that the contract emitted for the package's size; undefined where it never had that size. */
  readonly root: Uint8Array | undefined
  /** The organization's head of kind 1 now. */
  readonly head: { readonly sequence: number; readonly digest: Uint8Array }
  /** Blocks on top of the one the package names. */
  readonly depth: number
  /** The registry's `keyValid`, asked for each signer beforehand ({@link signersOf}); undefined where it was not asked. */
  keyValid(organization: number, account: Address, kind: number, sequence: number): boolean | undefined
}

/** A total of one stream and validity in one batch. */
export interface BatchTotal {
  readonly sequence: number
  readonly from: number
  readonly to: number
  readonly type: number
  readonly stream: number
  readonly validity: Validity
  readonly count: number
  /** In the type's base unit; of a gauge base unit × s. */
  readonly quantity: number
  readonly seconds: number
}

/** A reading that a proof in mode `readings` opened. */
export interface OpenedReading {
  readonly sequence: number
  readonly type: number
  readonly stream: number
  readonly validity: Validity
  readonly start: number
  readonly seconds: number
  readonly quantity: number
}

/** A total over the whole window; sums over batches are exact. */
export interface Total {
  readonly type: number
  readonly validity: Validity
  readonly count: number
  readonly quantity: bigint
  readonly seconds: number
}

/** What a check found (验证结论), line by line, and the figures that it proved. */
export interface Verdict {
  /** `verified` where every line holds, `failed` where one does not, `unchecked` where the chain was not asked but nothing failed. */
  readonly status: 'verified' | 'failed' | 'unchecked'
  readonly lines: readonly VerdictLine[]
  readonly organization: number
  /** The log size that the answer is as of, and its block. */
  readonly asOf: { readonly size: number; readonly block: number }
  /** Sequences that were asked, of how many. */
  readonly batches: { readonly asked: readonly number[]; readonly all: number }
  readonly totals: readonly Total[]
  readonly series: readonly BatchTotal[]
  readonly readings: readonly OpenedReading[]
  readonly streams: readonly StreamItem[]
  /** Seconds of measured readings (validity 0), over window × streams. */
  readonly capture: { readonly seconds: number; readonly of: number }
  /** Delay between a batch's end and its block's time, seconds, over the batches asked. */
  readonly delaySeconds: { readonly least: number; readonly median: number; readonly greatest: number } | undefined
  readonly restatements: readonly { readonly sequence: number; readonly intervals: number }[]
  /** Organizations that audited every batch asked. */
  readonly witnesses: readonly number[]
  /** Distinct sources of opened bodies whose frames did not come along. */
  readonly framesNotOpened: number
}

/**
 * Checks an opened evidence package (验证): recomputes every hash, signature, proof and sum, and compares with the chain where `chain`
 * is given, or at least with the checkpoint in the package where the log's own keys (`vkeys`) are. The rules come from here, never from the package: the questions are located anew and the proofs must be theirs (safety R3).
 */
export function checkPackage(pack: EvidencePackage, chain?: ChainFacts, vkeys: readonly string[] = []): Verdict {
  const lines: VerdictLine[] = []
  const line = (step: VerdictStep, check: () => { ok: boolean | null; code?: string; values?: ErrorValues }) => {
    try {
      const { ok, code, values } = check()
      lines.push({ step, ok, ...(code === undefined ? {} : { code }), values: values ?? {} })
    } catch (error) {
      const refusal = refusalOf(error)
      lines.push({ step, ok: false, code: refusal.code, message: refusal.message, values: refusal.values ?? {} })
    }
  }
  const evidence = readEvidence(pack)
  line('log', () => checkLog(pack, chain, vkeys))
  line('entries', () => checkEntries(pack, evidence, chain))
  line('signatures', () => checkSignatures(pack, evidence, chain))
  line('inclusion', () => checkInclusionOf(pack))
  const figures = emptyFigures()
  line('proofs', () => checkProofs(pack, evidence, figures))
  line('complete', () => checkComplete(figures))
  line('bodies', () => checkBodies(pack, figures))
  const restatements = evidence.ok ? evidence.headers.filter((header) => header.restates.length > 0) : []
  line('restatements', () => ({ ok: evidence.ok ? true : null, values: { restatements: restatements.length } }))
  const audits = readAudits(pack, evidence, figures.asked, chain)
  line('witnesses', () => audits)
  const failed = lines.some((item) => item.ok === false)
  return {
    status: failed ? 'failed' : chain === undefined ? 'unchecked' : 'verified',
    lines,
    organization: pack.question.organization,
    asOf: { size: pack.log.size, block: pack.log.block },
    batches: { asked: figures.asked, all: pack.headers.length },
    totals: sumTotals(figures.series),
    series: figures.series,
    readings: figures.readings,
    streams: figures.streams,
    capture: capture(pack, figures),
    delaySeconds: delays(pack, evidence, figures.asked),
    restatements: restatements.map((header) => ({ sequence: header.sequence, intervals: header.restates.length })),
    witnesses: audits.witnesses,
    framesNotOpened: figures.framesNotOpened,
  }
}

/** Who signed what in a package, so that a caller can ask the registry about each; entries whose signature is malformed are left out. */
export function signersOf(
  pack: EvidencePackage,
): { account: Address; organization: number; kind: number; sequence: number }[] {
  const domain = { chainId: pack.log.chain, verifyingContract: toHex0x(pack.contracts.log) }
  const signed = [
    ...pack.entries.map((entry, at) => [entry, pack.signatures[at]] as const),
    ...pack.audits.map((audit) => [audit.entry, audit.signature] as const),
  ]
  return signed.flatMap(([bytes, signature]) => {
    if (signature === undefined) return []
    try {
      const entry = decodeEntry(bytes)
      const account = recoverEntrySigner(entry, domain, signature)
      return [{ account, organization: entry.organization, kind: entry.kind, sequence: entry.sequence }]
    } catch (error) {
      refusalOf(error)
      return []
    }
  })
}

type Evidence = { ok: true; headers: Header[]; entries: Entry[]; declared: Map<number, StreamItem> } | Refusal

interface Figures {
  asked: number[]
  series: BatchTotal[]
  readings: OpenedReading[]
  streams: StreamItem[]
  leaves: { sequence: number; key: Uint8Array; bodyDigest: Uint8Array }[]
  strangers: number
  checked: boolean
  framesNotOpened: number
}

const emptyFigures = (): Figures => ({
  asked: [],
  series: [],
  readings: [],
  streams: [],
  leaves: [],
  strangers: 0,
  checked: false,
  framesNotOpened: 0,
})

/** Decodes what every step needs; a fault is reported once, by the step that is about it. */
function readEvidence(pack: EvidencePackage): Evidence {
  try {
    const headers = pack.headers.map((block) => decodeHeader(block.bytes))
    const declared = new Map<number, StreamItem>()
    const named = new Set(headers.map((header) => header.streams.toString()))
    for (const block of pack.streams) {
      if (!named.delete(block.cid.toString()))
        throw new TanlianError('E_VERDICT_STREAMS', 'A streams block is given that no header names, or twice.')
      for (const item of decodeStreams(block.bytes).streams) declared.set(item.stream, item)
    }
    if (named.size > 0)
      throw new TanlianError('E_VERDICT_STREAMS', 'A streams block that a header names is not in the package.')
    return { ok: true, headers, entries: pack.entries.map(decodeEntry), declared }
  } catch (error) {
    return refusalOf(error)
  }
}

function checkLog(pack: EvidencePackage, chain: ChainFacts | undefined, vkeys: readonly string[]) {
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

function checkEntries(pack: EvidencePackage, evidence: Evidence, chain: ChainFacts | undefined) {
  if (!evidence.ok) throw verdictError(evidence.code, evidence.message, evidence.values ?? {})
  const { headers, entries } = evidence
  if (entries.length !== headers.length)
    throw verdictError('E_VERDICT_GAP', 'Headers and entries are not of one number.', {})
  for (const [at, header] of headers.entries()) {
    const entry = entries[at] as Entry
    const block = pack.headers[at] as EvidencePackage['headers'][number]
    const before = at === 0 ? null : (pack.headers[at - 1] as EvidencePackage['headers'][number]).cid
    const sequence = at + 1
    if (
      header.organization !== pack.question.organization ||
      entry.organization !== header.organization ||
      entry.kind !== ENTRY_BATCH
    )
      throw verdictError('E_VERDICT_ORGANIZATION', `Batch ${sequence} is not of the organization asked about.`, {
        sequence,
      })
    if (header.sequence !== sequence || entry.sequence !== sequence)
      throw verdictError(
        'E_VERDICT_GAP',
        `Where batch ${sequence} should be stands ${header.sequence}: one is hidden or out of order.`,
        { sequence },
      )
    if (!equalBytes(entry.digest, digestOf(block.cid)))
      throw verdictError('E_VERDICT_DIGEST', `The entry of batch ${sequence} names another header.`, { sequence })
    if (before === null ? header.previous !== null : header.previous === null || !header.previous.equals(before))
      throw verdictError('E_VERDICT_CHAIN', `Batch ${sequence} does not name the header before it.`, { sequence })
  }
  const values = { batches: headers.length }
  if (chain === undefined) return { ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED', values }
  const last = entries.at(-1)
  if (chain.head.sequence !== headers.length || (last !== undefined && !equalBytes(chain.head.digest, last.digest)))
    throw verdictError(
      'E_VERDICT_HEAD',
      `The chain has ${chain.head.sequence} batches of this organization, the package ${headers.length}: it is old, or batches are hidden.`,
      {
        chain: chain.head.sequence,
        package: headers.length,
      },
    )
  return { ok: true, values }
}

function checkSignatures(pack: EvidencePackage, evidence: Evidence, chain: ChainFacts | undefined) {
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

function checkInclusionOf(pack: EvidencePackage) {
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

function checkProofs(pack: EvidencePackage, evidence: Evidence, figures: Figures) {
  if (!evidence.ok) return { ok: null, code: evidence.code }
  const { question } = pack
  figures.streams = [...evidence.declared.values()].filter((item) => isAsked(item, pack))
  const plan = locate(question, evidence.headers, evidence.declared.values())
  const left = [...pack.proofs]
  for (const { sequence, questions } of plan) {
    const header = evidence.headers[sequence - 1] as Header
    figures.asked.push(sequence)
    for (const parts of questions) {
      const proof = left.shift()
      if (proof === undefined || proof.sequence !== sequence || !sameIntervals(proof, parts))
        throw verdictError(
          'E_VERDICT_PROOF_MISSING',
          `Batch ${sequence} was located for the question, and its proof is not in the package.`,
          { sequence },
        )
      const answer = checkProof(
        header.tree,
        { intervals: parts.map((part) => part.interval), mode: question.mode },
        proof.proof,
      )
      if (!answer.ok)
        throw verdictError(answer.code, `The proof of batch ${sequence} does not hold: ${answer.message}`, {
          sequence,
          ...answer.values,
        })
      collect(figures, header, parts, answer, question.mode)
    }
  }
  if (left.length > 0)
    throw verdictError('E_VERDICT_PROOF_UNUSED', 'The package holds a proof that the question does not call for.', {
      sequence: left[0]?.sequence ?? 0,
    })
  figures.checked = true
  return {
    ok: true,
    values: { proofs: pack.proofs.length, bytes: pack.proofs.reduce((sum, { proof }) => sum + proof.length, 0) },
  }
}

function collect(
  figures: Figures,
  header: Header,
  parts: readonly Part[],
  answer: ProofAnswer,
  mode: 'total' | 'readings',
) {
  for (const [at, part] of parts.entries()) {
    const total = answer.totals[at]
    if (total === undefined || total.count === 0) continue
    if ('gap' in part) figures.strangers += total.count
    else
      figures.series.push({
        sequence: header.sequence,
        from: header.from,
        to: header.to,
        type: part.type >>> 8,
        stream: part.stream,
        validity: part.validity,
        count: total.count,
        quantity: total.quantity,
        seconds: total.seconds,
      })
  }
  if (mode === 'total') return
  for (const leaf of answer.leaves) {
    const { type, stream, start } = decodeKey(leaf.key)
    figures.leaves.push({ sequence: header.sequence, key: leaf.key, bodyDigest: leaf.bodyDigest })
    figures.readings.push({
      sequence: header.sequence,
      type: type >>> 8,
      stream,
      validity: (type & 0xff) as Validity,
      start,
      seconds: leaf.seconds,
      quantity: leaf.quantity,
    })
  }
}

function checkComplete(figures: Figures) {
  if (!figures.checked) return { ok: null, code: 'E_VERDICT_PROOF_MISSING' }
  if (figures.strangers > 0)
    throw verdictError(
      'E_VERDICT_STRANGER',
      `${figures.strangers} readings of these types belong to no declared stream.`,
      { readings: figures.strangers },
    )
  return { ok: true, values: { batches: figures.asked.length, streams: figures.streams.length } }
}

function checkBodies(pack: EvidencePackage, figures: Figures) {
  if (pack.question.mode === 'total' || !figures.checked)
    return { ok: null, code: 'E_VERDICT_NOT_OPENED', values: { opened: 0 } }
  const digests = new Map(figures.leaves.map((leaf) => [`${leaf.sequence}:${toHex(leaf.key)}`, leaf.bodyDigest]))
  const frames = new Map(pack.frames.map((block) => [block.cid.toString(), block.bytes]))
  const unopened = new Set<string>()
  for (const body of pack.bodies) {
    const digest = digests.get(`${body.sequence}:${toHex(body.key)}`)
    const validity = decodeKey(body.key).type & 0xff
    if (
      digest === undefined ||
      !isFlag(body.flag) ||
      validityOf(body.flag) !== validity ||
      !equalBytes(bodyDigest(body), digest)
    )
      throw verdictError(
        'E_VERDICT_BODY',
        `A body of batch ${body.sequence} is not the one that its reading commits to.`,
        { sequence: body.sequence },
      )
    if (body.source === null) continue
    const frame = frames.get(body.source.toString())
    if (frame === undefined) unopened.add(body.source.toString())
    else decodeFrame(frame)
  }
  figures.framesNotOpened = unopened.size
  if (pack.bodies.length === 0) return { ok: null, code: 'E_VERDICT_NOT_OPENED', values: { opened: 0 } }
  return { ok: true, values: { opened: pack.bodies.length, frames: frames.size } }
}

function readAudits(
  pack: EvidencePackage,
  evidence: Evidence,
  asked: readonly number[],
  chain: ChainFacts | undefined,
) {
  const holders = new Map<number, { size: number; held: Set<string> }>()
  const domain = { chainId: pack.log.chain, verifyingContract: toHex0x(pack.contracts.log) }
  for (const audit of pack.audits) {
    try {
      const entry = decodeEntry(audit.entry)
      const document = decodeDocument(audit.document.bytes)
      const content = readAuditContent(document.content)
      const account = recoverEntrySigner(entry, domain, audit.signature)
      const valid =
        chain?.keyValid(entry.organization, account, entry.kind, entry.sequence) ?? inKeys(audit.keys, account, entry)
      if (
        !valid ||
        entry.kind !== ENTRY_DOCUMENT ||
        entry.organization === pack.question.organization ||
        document.organization !== entry.organization ||
        document.kind !== 'audit' ||
        !equalBytes(entry.digest, digestOf(audit.document.cid))
      )
        continue
      const holder = holders.get(entry.organization) ?? { size: 0, held: new Set<string>() }
      holders.set(entry.organization, holder)
      for (const digest of content.held) holder.held.add(toHex(digest))
      // A later audit of the same organization that fails a batch takes it back.
      for (const [digest] of content.failed) holder.held.delete(toHex(digest))
    } catch (error) {
      refusalOf(error)
    }
  }
  const entries = evidence.ok ? evidence.entries : []
  const witnesses = [...holders]
    .filter(([, holder]) => asked.every((sequence) => holder.held.has(toHex((entries[sequence - 1] as Entry).digest))))
    .map(([organization]) => organization)
    .sort((a, b) => a - b)
  return asked.length > 0 && witnesses.length > 0
    ? {
        ok: true as boolean | null,
        values: { witnesses: witnesses.length, organizations: witnesses.join(', ') },
        witnesses,
      }
    : { ok: null, code: 'E_VERDICT_NO_WITNESS', values: { witnesses: 0 }, witnesses: [] as number[] }
}

function isAsked(item: StreamItem, pack: EvidencePackage): boolean {
  const { question } = pack
  if (question.streams !== undefined && !question.streams.includes(item.stream)) return false
  return question.types.some((prefix) =>
    [0, 1, 2].every((at) => prefix[at] === undefined || prefix[at] === ((item.type >>> (16 - 8 * at)) & 0xff)),
  )
}

function sameIntervals(proof: BatchProof, parts: readonly Part[]): boolean {
  return (
    proof.intervals.length === parts.length &&
    parts.every(({ interval }, at) => {
      const [lo, hi] = proof.intervals[at] as readonly [Uint8Array, Uint8Array]
      return equalBytes(lo, interval.lo) && equalBytes(hi, interval.hi)
    })
  )
}

function sumTotals(series: readonly BatchTotal[]): Total[] {
  const totals = new Map<
    string,
    { type: number; validity: Validity; count: number; quantity: bigint; seconds: number }
  >()
  for (const item of series) {
    const name = `${item.type}:${item.validity}`
    const total = totals.get(name) ?? { type: item.type, validity: item.validity, count: 0, quantity: 0n, seconds: 0 }
    total.count += item.count
    total.quantity += BigInt(item.quantity)
    total.seconds += item.seconds
    totals.set(name, total)
  }
  return [...totals.values()].sort((a, b) => a.type - b.type || a.validity - b.validity)
}

function capture(pack: EvidencePackage, figures: Figures) {
  const seconds = figures.series.reduce((sum, item) => (item.validity === 0 ? sum + item.seconds : sum), 0)
  return { seconds, of: (pack.question.to - pack.question.from) * figures.streams.length }
}

function delays(pack: EvidencePackage, evidence: Evidence, asked: readonly number[]) {
  if (!evidence.ok) return undefined
  const sorted = asked
    .flatMap((sequence) => {
      const anchor = pack.anchors[sequence - 1]
      const header = evidence.headers[sequence - 1]
      return anchor === undefined || header === undefined ? [] : [anchor[1] - header.to]
    })
    .sort((a, b) => a - b)
  if (sorted.length === 0) return undefined
  return { least: sorted[0] as number, median: sorted[sorted.length >> 1] as number, greatest: sorted.at(-1) as number }
}

function inKeys(keys: readonly PackageKey[], account: Address, entry: Entry): boolean {
  return keys.some(
    ([key, kind, first, last]) =>
      kind === entry.kind && toHex0x(key) === account && entry.sequence >= first && entry.sequence <= last,
  )
}

function verdictError(code: string, message: string, values: ErrorValues): TanlianError {
  return new TanlianError(code, message, { values })
}
