import { encodeKey, type Interval, type LogDomain } from '@tanlian/evidence'
import type { Client, CoverageItem, StreamJson } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { ImportJob } from './job.ts'
import type { Plan } from './plan.ts'
import { listRecords } from './record.ts'

/**
 * Holds the mapping's streams to what the organization declared before: device, type and unit of a stream never change (spec section 1).
 * Codes: E_IMPORT_STREAM.
 */
export async function requireStreams(job: ImportJob, client: Client): Promise<void> {
  const known = new Map<number, StreamJson>()
  for await (const item of client.streams(job.organization)) known.set(item.stream, item)
  for (const item of job.streams) {
    const before = known.get(item.stream)
    if (before === undefined) continue
    for (const [name, value] of Object.entries(item)) {
      const other = before[name]
      if (other === undefined || comparable(name, other) === comparable(name, value)) continue
      throw new TanlianError(
        'E_IMPORT_STREAM',
        `Stream ${item.stream} was declared with ${name} ${comparable(name, other)}, the mapping says ${comparable(name, value)}. A replaced meter is a new stream: give it a new number.`,
        { values: { stream: item.stream, field: name, before: comparable(name, other), now: comparable(name, value) } },
      )
    }
  }
}

/**
 * Makes sure, before anything is signed, that no reading of the import falls on time that the organization has accounted for already.
 * @returns the marks of withdrawn imports that stand in the way, as intervals that the first batch restates. Codes: E_IMPORT_TAKEN.
 */
export async function requireFree(
  job: ImportJob,
  plan: Plan,
  client: Client,
  home: string,
  log: LogDomain,
): Promise<Interval[]> {
  const marks = new Map<string, Interval>()
  for (const record of await listRecords(home, log)) {
    if (record.organization !== job.organization) continue
    for (const [type, stream, start] of record.withdrawals.flatMap(({ marks: own }) => own)) {
      const key = encodeKey(type * 256 + 2, stream, start)
      marks.set(`${stream}:${start}`, { lo: key, hi: key })
    }
  }
  const restated = new Map<string, Interval>()
  for (const { stream, runs } of await coverageOf(client, job.organization)) {
    const own = plan.runs.get(stream)
    if (own === undefined) continue
    let at = 0
    for (const [, start, seconds, count] of [...runs].sort((a, b) => a[1] - b[1])) {
      const end = start + seconds * count
      while (at < own.length && endOf(own[at]) <= start) at += 1
      const hit = own[at]
      if (hit === undefined || hit.start >= end) continue
      const mark = count === 1 ? marks.get(`${stream}:${start}`) : undefined
      if (mark === undefined) throw taken(job, stream, Math.max(start, hit.start))
      restated.set(`${stream}:${start}`, mark)
    }
  }
  return [...restated.values()]
}

async function coverageOf(client: Client, organization: number): Promise<CoverageItem[]> {
  const items: CoverageItem[] = []
  for await (const item of client.coverage(organization)) items.push(item)
  return items
}

function endOf(run: { start: number; seconds: number; count: number } | undefined): number {
  return run === undefined ? Number.POSITIVE_INFINITY : run.start + run.seconds * run.count
}

/** A type is a number here and six hex digits in JSON. */
function comparable(name: string, value: unknown): string {
  return name === 'type' && typeof value === 'number' ? value.toString(16).padStart(6, '0') : String(value)
}

function taken(job: ImportJob, stream: number, start: number): TanlianError {
  const time = new Date(start * 1000).toISOString()
  return new TanlianError(
    'E_IMPORT_TAKEN',
    `Organization ${job.organization} has readings of stream ${stream} at ${time} already. Withdraw the earlier import, or leave these rows out.`,
    { values: { organization: job.organization, stream, time } },
  )
}
