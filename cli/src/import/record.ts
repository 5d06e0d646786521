import type { LogDomain } from '@tanlian/evidence'
import { toHex } from '@tanlian/evidence'
import { below, makeFolder, namesIn, readIfThere, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import type { ImportJob } from './job.ts'
import type { Plan } from './plan.ts'

/** What this machine remembers of an import: enough to show it, to take it up again and to withdraw it. */
export interface ImportRecord {
  readonly id: string
  readonly organization: number
  readonly name: string
  /** SHA-256 of the file and of the mapping, hex. */
  readonly file: string
  readonly mapping: string
  readonly rows: number
  readonly readings: number
  readonly batches: number
  readonly from: number
  readonly to: number
  readonly streams: readonly { readonly stream: number; readonly type: number }[]
  /** RFC 3339. */
  readonly begun: string
  /** How often it was brought in again after it was withdrawn. */
  readonly round: number
  /** Withdrawals, one for each round that was taken back. */
  readonly withdrawals: readonly Withdrawal[]
}

/** How an import was taken back: by which batches, and which readings stand in its place. */
export interface Withdrawal {
  readonly at: string
  readonly reason: string
  readonly sequences: readonly number[]
  /** `[24-bit type, stream, start]` of each reading of quantity 0 with flag B. */
  readonly marks: readonly (readonly [number, number, number])[]
}

/** True where what was brought in last has been taken back. */
export function isWithdrawn(record: ImportRecord): boolean {
  return record.withdrawals.length > record.round
}

/** Which round an import is in, or begins: one more than before where it was withdrawn. */
export function nextRound(record: ImportRecord | undefined): number {
  if (record === undefined) return 0
  return isWithdrawn(record) ? record.withdrawals.length : record.round
}

/** Keeps the record of an import that begins; one that was withdrawn begins its next round. */
export async function keepRecord(home: string, log: LogDomain, job: ImportJob, plan: Plan): Promise<void> {
  const known = await readRecord(home, log, job.id)
  if (known !== undefined && !isWithdrawn(known)) return
  await writeRecord(home, log, {
    id: job.id,
    organization: job.organization,
    name: job.name,
    file: toHex(job.file),
    mapping: toHex(job.mappingDigest),
    rows: plan.rows,
    readings: plan.readings,
    batches: plan.windows.length,
    from: plan.from,
    to: plan.to,
    streams: job.streams.map(({ stream, type }) => ({ stream, type })),
    begun: new Date().toISOString(),
    round: nextRound(known),
    withdrawals: known?.withdrawals ?? [],
  })
}

/** Writes a record anew. */
export async function writeRecord(home: string, log: LogDomain, record: ImportRecord): Promise<void> {
  const folder = folderOf(home, log)
  await makeFolder(folder)
  await writeDurably(below(folder, `${record.id}.json`), `${JSON.stringify(record, null, 2)}\n`)
}

/** The record of an import; undefined where none was made from this folder. */
export async function readRecord(home: string, log: LogDomain, id: string): Promise<ImportRecord | undefined> {
  const bytes = await readIfThere(below(folderOf(home, log), `${id}.json`))
  return bytes === undefined ? undefined : (JSON.parse(new TextDecoder().decode(bytes)) as ImportRecord)
}

/** The record whose id begins with these digits. Codes: E_IMPORT_UNKNOWN. */
export async function findRecord(home: string, log: LogDomain, id: string): Promise<ImportRecord> {
  const hits = (await listRecords(home, log)).filter((record) => record.id.startsWith(id.toLowerCase()))
  const [only] = hits
  if (hits.length === 1 && only !== undefined) return only
  throw new TanlianError(
    'E_IMPORT_UNKNOWN',
    `${hits.length === 0 ? 'No import' : 'More than one import'} of id ${id} was made from this folder. See tanlian import list.`,
    {
      values: { id },
    },
  )
}

/** All imports that were made from this folder into this log, oldest first. */
export async function listRecords(home: string, log: LogDomain): Promise<ImportRecord[]> {
  const records: ImportRecord[] = []
  for (const name of await namesIn(folderOf(home, log))) {
    if (!name.endsWith('.json')) continue
    const record = await readRecord(home, log, name.slice(0, -'.json'.length))
    if (record !== undefined) records.push(record)
  }
  return records.sort((a, b) => a.begun.localeCompare(b.begun))
}

const folderOf = (home: string, log: LogDomain) =>
  below(home, 'imports', `${log.chainId}-${log.verifyingContract.slice(2, 14)}`)
