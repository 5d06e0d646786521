import { toHex } from './block.ts'
import type { AuditContent } from './form.ts'
import { compareKeys } from './key.ts'

/** An audit document that is in the log (审计文件). */
export interface LoggedAudit {
  /** Who audited. */
  readonly organization: number
  /** Of the document among the auditor's. */
  readonly sequence: number
  readonly content: Pick<AuditContent, 'held' | 'failed'>
}

/** A batch that auditors speak of. */
export interface AuditedDigest {
  readonly organization: number
  /** Of its header. */
  readonly digest: Uint8Array
}

/** The last word of one auditor about one batch. */
export interface AuditWord<T extends LoggedAudit = LoggedAudit> {
  readonly held: boolean
  /** The document that says it. */
  readonly by: T
}

/**
 * The last word of each auditor about each batch, by the batch's digest in hex and then by the auditor's number. An auditor that could not
 * have the blocks said nothing.
 */
export function auditWords<T extends LoggedAudit>(audits: Iterable<T>): Map<string, Map<number, AuditWord<T>>> {
  const words = new Map<string, Map<number, AuditWord<T>>>()
  const say = (digest: Uint8Array, held: boolean, by: T) => {
    const name = toHex(digest)
    const of = words.get(name) ?? new Map<number, AuditWord<T>>()
    words.set(name, of)
    of.set(by.organization, { held, by })
  }
  const inOrder = [...audits].sort((a, b) => a.organization - b.organization || a.sequence - b.sequence)
  for (const audit of inOrder) {
    for (const digest of audit.content.held) say(digest, true, audit)
    // Where one document says both, the batch is not held.
    for (const [digest] of audit.content.failed) say(digest, false, audit)
  }
  return words
}

/**
 * Who witnesses a batch (spec section 6): an audit counts when its entry is in the log (which the caller has seen to), its organization is
 * not the batch's, and no later audit of that organization fails it.
 */
export function witnessesOf(
  { organization, digest }: AuditedDigest,
  words: ReturnType<typeof auditWords>,
): { readonly held: readonly number[]; readonly failed: readonly number[] } {
  const others = [...(words.get(toHex(digest)) ?? [])].filter(([auditor]) => auditor !== organization)
  const of = (held: boolean) =>
    others.flatMap(([auditor, word]) => (word.held === held ? [auditor] : [])).sort(ascending)
  return { held: of(true), failed: of(false) }
}

/**
 * The documents that the last words about these batches stand in, each once, by auditor and sequence: a package carries these and no others.
 */
export function neededAudits<T extends LoggedAudit>(batches: readonly AuditedDigest[], audits: Iterable<T>): T[] {
  const words = auditWords(audits)
  const needed = new Set<T>()
  for (const { organization, digest } of batches)
    for (const [auditor, { by }] of words.get(toHex(digest)) ?? []) if (auditor !== organization) needed.add(by)
  return [...needed].sort((a, b) => a.organization - b.organization || a.sequence - b.sequence)
}

/**
 * Whether a report may cite a batch (safety S7): at least so many audited it. The platform's own audit, made when it accepted the batch, is
 * one of them and is named as the platform's wherever it is counted.
 */
export function isCitable(audits: { readonly platform: boolean; readonly outside: number }, least: number): boolean {
  return audits.outside + (audits.platform ? 1 : 0) >= least
}

/** What an audit found of a batch. */
export type AuditResult = 'held' | 'unavailable' | { readonly code: string }

/** The content of an audit document: each digest once, sorted. @param size of the log that the auditor has seen */
export function auditContent(
  size: number,
  results: readonly (readonly [digest: Uint8Array, AuditResult])[],
): AuditContent {
  const sorted = [...results].sort(([a], [b]) => compareKeys(a, b))
  const digests = (wanted: AuditResult) => sorted.flatMap(([digest, result]) => (result === wanted ? [digest] : []))
  return {
    log: size,
    held: digests('held'),
    failed: sorted.flatMap(([digest, result]) => (typeof result === 'object' ? [[digest, result.code] as const] : [])),
    unavailable: digests('unavailable'),
  }
}

const ascending = (a: number, b: number) => a - b
