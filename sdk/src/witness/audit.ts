import {
  type AuditResult,
  auditBatch,
  cidFromDigest,
  digestOf,
  equalBytes,
  type OrganizationState,
  openBatch,
  type Reader,
} from '@tanlian/evidence'
import { type Refusal, refusalOf } from '@tanlian/units'
import type { BatchSource } from './batch-source.ts'
import type { LogFile } from './log-file.ts'
import { type Finding, newRecord, type OrganizationFiles, type OrganizationRecord } from './organization-file.ts'
import { haveFrames } from './sealed-frames.ts'

/** Audits what the log holds, organization by organization, each in sequence (spec section 4). */
export interface Auditor {
  /** Audits what can be audited now. @returns whether anything was found or tried */
  work(signal: AbortSignal): Promise<boolean>
  /** What was found and stands in no logged document yet, by organization and in the order in which it was found. */
  readonly findings: readonly Finding[]
  /** When the oldest of them was found, Unix milliseconds; undefined where there is none. */
  readonly oldestMs: number | undefined
  /** These stand in a logged document now. Resolves once that is on the disk. */
  logged(findings: readonly Finding[]): Promise<void>
  readonly counts: AuditCounts
}

/** How far an auditor is. */
export interface AuditCounts {
  /** Batches in the log that no audit was made of yet. */
  readonly waiting: number
  /** Batches whose audit was made, by whatever run of this folder. */
  readonly audited: number
  /** Since this process began. */
  readonly held: number
  readonly failed: number
  /** Batches whose blocks cannot be had now, and those that are sealed for others: each keeps its organization waiting. */
  readonly unavailable: number
  readonly closed: number
}

export interface AuditorOptions {
  readonly file: LogFile
  readonly organizations: OrganizationFiles
  readonly batches: BatchSource
  /** Keys that open sealed blocks for this witness. */
  readonly readers: readonly Reader[]
  /** The auditor's own organization: its batches are audited like all others, but no word of it counts. */
  readonly own: number
  /** How long blocks may be missing before a document says so, milliseconds. */
  readonly patienceMs: number
  readonly clock: () => number
}

/** A record is written at least so often, and with every document: so much is audited again after a crash. */
const WRITE_EVERY = 64
/** After so long what was found is looked at: it may be time to log it. */
const WORK_MS = 4_000
/** Organizations that are audited side by side: memory holds so many batches at most. */
const AT_ONCE = 2
const RETRY_MS = { first: 2_000, greatest: 300_000 } as const

interface Work {
  record: OrganizationRecord
  /** Whether the record in memory is newer than the one on the disk, by so many batches. */
  unwritten: number
  oldestMs: number | undefined
  closed: boolean
  retry: { readonly atMs: number; readonly waitMs: number } | undefined
}

/** Makes an auditor over a log file. */
export async function createAuditor(options: AuditorOptions): Promise<Auditor> {
  const { file, organizations, batches, readers, own, patienceMs, clock } = options
  const works = new Map<number, Work>()
  const counts = { held: 0, failed: 0 }
  let turn = 0

  const open = async (organization: number): Promise<Work> => {
    const known = works.get(organization)
    if (known !== undefined) return known
    const record = await organizations.read(organization)
    const oldestMs = record.findings.length > 0 ? clock() : undefined
    const work: Work = { record, unwritten: 0, oldestMs, closed: false, retry: undefined }
    works.set(organization, work)
    return work
  }
  const write = async (organization: number, work: Work) => {
    if (work.unwritten === 0) return
    work.unwritten = 0
    await organizations.write(organization, work.record)
  }
  const keep = (work: Work, record: OrganizationRecord, found: number) => {
    work.record = record
    work.unwritten += 1
    if (found > 0) work.oldestMs ??= clock()
  }

  /** The digest of the next batch to audit; undefined where there is none now. */
  const next = async (organization: number, work: Work): Promise<Uint8Array | undefined> => {
    const places = file.places(organization, 1)
    const { state } = work.record
    const last = places[state.sequence - 1]
    if (state.sequence > 0 && state.previous !== null && last !== undefined) {
      // The chain went back and came again with another batch in this place: what was carried on from the old one counts no more.
      if (!equalBytes((await file.entry(last)).digest, digestOf(state.previous)))
        keep(work, { ...newRecord(organization), findings: work.record.findings }, 0)
    }
    const index = places[work.record.state.sequence]
    return index === undefined ? undefined : (await file.entry(index)).digest
  }

  /** One batch: fetched, audited, remembered. @returns whether the organization can go on */
  const step = async (organization: number, work: Work, digest: Uint8Array, signal: AbortSignal): Promise<boolean> => {
    const { state: before } = work.record
    const outcome = await auditOne(before, digest, batches, readers, signal)
    if (signal.aborted) return false
    // Meanwhile a document may have been logged, and the chain may have gone back.
    const { record } = work
    const index = file.places(organization, 1)[before.sequence]
    if (index === undefined || !equalBytes((await file.entry(index)).digest, digest)) return true
    if (outcome === 'unavailable' || outcome === 'closed') {
      work.closed = outcome === 'closed'
      const waitMs = Math.min(RETRY_MS.greatest, (work.retry?.waitMs ?? RETRY_MS.first / 2) * 2)
      work.retry = { atMs: clock() + waitMs, waitMs }
      const earlier =
        record.missing !== undefined && equalBytes(record.missing.digest, digest) ? record.missing : undefined
      const sinceMs = earlier?.sinceMs ?? clock()
      const tell = outcome === 'unavailable' && earlier?.told !== true && clock() - sinceMs >= patienceMs
      const findings: readonly Finding[] = tell ? [...record.findings, [digest, 'unavailable']] : record.findings
      keep(
        work,
        { ...record, findings, missing: { digest, sinceMs, told: tell || earlier?.told === true } },
        tell ? 1 : 0,
      )
      return false
    }
    work.retry = undefined
    work.closed = false
    const { result, state } = outcome
    counts[result === 'held' ? 'held' : 'failed'] += 1
    // An audit of one's own batch counts for nothing (spec section 6): it is made, for the state, and not told.
    const findings: readonly Finding[] = organization === own ? record.findings : [...record.findings, [digest, result]]
    keep(work, { state, findings, missing: undefined }, organization === own ? 0 : 1)
    return true
  }
  const advance = async (organization: number, signal: AbortSignal, mayGoOn: () => boolean): Promise<boolean> => {
    const work = await open(organization)
    let tried = false
    while (mayGoOn() && (work.retry === undefined || work.retry.atMs <= clock())) {
      const digest = await next(organization, work)
      if (digest === undefined) break
      tried = true
      if (!(await step(organization, work, digest, signal))) break
      if (work.unwritten >= WRITE_EVERY) await write(organization, work)
    }
    await write(organization, work)
    return tried
  }

  for (const organization of file.organizations()) await open(organization)

  return {
    async work(signal) {
      const limitMs = clock() + WORK_MS
      const before = counts.held + counts.failed
      // Enough for a document, or time to look whether one is due.
      const mayGoOn = () => !signal.aborted && clock() < limitMs && counts.held + counts.failed - before < WRITE_EVERY
      const all = file.organizations()
      // Another one begins each time, so that one with many batches keeps nobody waiting.
      const queue = [...all.slice(turn % Math.max(1, all.length)), ...all.slice(0, turn % Math.max(1, all.length))]
      turn++
      let tried = false
      const run = async () => {
        for (let organization = queue.shift(); organization !== undefined; organization = queue.shift())
          if (mayGoOn() && (await advance(organization, signal, mayGoOn))) tried = true
      }
      await Promise.all(Array.from({ length: AT_ONCE }, run))
      return tried
    },
    get findings() {
      return [...works.values()].flatMap(({ record }) => record.findings)
    },
    get oldestMs() {
      const times = [...works.values()].flatMap(({ oldestMs }) => oldestMs ?? [])
      return times.length === 0 ? undefined : Math.min(...times)
    },
    async logged(findings) {
      const gone = new Set(findings)
      for (const [organization, work] of works) {
        const left = work.record.findings.filter((finding) => !gone.has(finding))
        if (left.length === work.record.findings.length) continue
        keep(work, { ...work.record, findings: left }, 0)
        work.oldestMs = left.length === 0 ? undefined : clock()
        await write(organization, work)
      }
    },
    get counts() {
      let [waiting, audited, unavailable, closed] = [0, 0, 0, 0]
      for (const organization of file.organizations()) {
        const work = works.get(organization)
        const done = work?.record.state.sequence ?? 0
        audited += done
        waiting += Math.max(0, file.places(organization, 1).length - done)
        if (work?.retry === undefined) continue
        if (work.closed) closed++
        else unavailable++
      }
      return { waiting, audited, unavailable, closed, ...counts }
    },
  }
}

type Outcome = 'unavailable' | 'closed' | { readonly result: AuditResult; readonly state: OrganizationState }

/**
 * Fetches and audits one batch. What fails counts as nothing, and the next header names it all the same (spec section 4): so the state
 * takes its place in the sequence and none of its readings.
 */
async function auditOne(
  state: OrganizationState,
  digest: Uint8Array,
  batches: BatchSource,
  readers: readonly Reader[],
  signal: AbortSignal,
): Promise<Outcome> {
  const failed = ({ code }: Refusal): Outcome => ({
    result: { code },
    state: { ...state, sequence: state.sequence + 1, previous: cidFromDigest(digest) },
  })
  try {
    const car = await batches.fetch(cidFromDigest(digest), signal)
    const audited = auditBatch(state, car, await openBatch(car, readers))
    if (audited.ok) {
      const { missing, header } = audited
      const whole =
        missing.length === 0 ||
        (await haveFrames(missing, await batches.sealed(cidFromDigest(digest), signal), header.organization, readers))
      return whole ? { result: 'held', state: audited.state } : 'unavailable'
    }
    return audited.code === 'E_AUDIT_SEALED' ? 'closed' : failed(audited)
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal.code === 'E_AUDIT_SEALED') return 'closed'
    return refusal.code === 'E_TRACE_BLOCK' ? 'unavailable' : failed(refusal)
  }
}
