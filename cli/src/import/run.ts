import { batchCar, createTable, ENTRY_BATCH, numberBatch, type PrivacyRule, sealDraft, toHex } from '@tanlian/evidence'
import { openReaders, privacyRulesOf } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Connection } from '../connect.ts'
import { openSending } from '../sending.ts'
import { buildBatches } from './build.ts'
import { requireFree, requireStreams } from './fit.ts'
import type { ImportJob } from './job.ts'
import { openManifest, openSignedIn } from './manifest.ts'
import { type Plan, planImport } from './plan.ts'
import { keepRecord, nextRound, readRecord } from './record.ts'

/** How far an import has come. */
export type ImportProgress =
  | { readonly phase: 'reading'; readonly rows: number; readonly bytes: number; readonly size: number }
  | {
      readonly phase: 'sending'
      readonly batches: number
      readonly of: number
      readonly readings: number
      readonly ofReadings: number
    }

/** How an import ended. */
export interface ImportResult {
  readonly id: string
  readonly organization: number
  readonly rows: number
  readonly readings: number
  /** Batches that are received, of how many; those of earlier runs count. */
  readonly batches: number
  readonly of: number
  /** Batches that this run sent. */
  readonly sent: number
  readonly firstSequence: number | undefined
  readonly lastSequence: number | undefined
  readonly seconds: number
}

/** Everything an import needs beside its job. */
export interface ImportOptions {
  readonly home: string
  readonly connection: Connection
  /** The key for batches; it stays in this process. */
  readonly key: Uint8Array
  /** How chunks are kept, by type; as the organization's logged choice says where it is left out. */
  readonly privacy?: readonly PrivacyRule[]
  /** Only the first so many batches; the rest stays for another run of the same import. */
  readonly limit?: number
  /** Asked between batches: true ends the run, and another goes on. */
  readonly stop?: () => boolean
  readonly onProgress?: (progress: ImportProgress) => void
  readonly clockMs?: () => number
  readonly random?: (length: number) => Uint8Array
}

/** The first pass: every row read, every bad one named, nothing signed. */
export async function planJob(job: ImportJob, onProgress?: (progress: ImportProgress) => void): Promise<Plan> {
  let bytes = 0
  const records = job.source.records((read) => {
    bytes = read
  })
  return planImport(records, createTable(job.mapping), job.mapping, (rows) =>
    onProgress?.({ phase: 'reading', rows, bytes, size: job.source.size }),
  )
}

/**
 * The second pass: builds, signs and sends one batch after another. Safe to run again after anything: what has a receipt is not built
 * again, what was signed without one is sent again as it is.
 * Codes: E_IMPORT_ROWS, E_IMPORT_EMPTY, E_IMPORT_STREAM, E_IMPORT_TAKEN, E_IMPORT_CHANGED, those of the submitter and the platform's.
 */
export async function runImport(job: ImportJob, plan: Plan, options: ImportOptions): Promise<ImportResult> {
  if (plan.faultCount > 0) throw rowsRefused(job, plan)
  requireRows(job, plan)
  const started = performance.now()
  const { connection, home, key } = options
  const { client, log } = connection
  const { organization } = job
  const random = options.random ?? ((length: number) => crypto.getRandomValues(new Uint8Array(length)))
  const { gate, submitter, outbox } = await openSending(connection, { home, organization, kind: ENTRY_BATCH, key })
  try {
    const round = nextRound(await readRecord(home, log, job.id))
    const note = `import/${job.id}/${round}/`
    const sequences = new Map(
      (await outbox.receipts(note)).map(({ note: own, receipt }) => [Number(own.slice(note.length)), receipt.sequence]),
    )
    const of = plan.windows.length
    const wanted = plan.windows.map((_, place) => place).filter((place) => !sequences.has(place))
    const now = wanted.slice(0, options.limit ?? wanted.length)
    // Of an import that was begun before, the time taken is its own.
    // Of sealed streams only the owner is told what is there.
    const owner = await openSignedIn(client.http.base, organization, key)
    const restates = sequences.size > 0 ? [] : await requireFree(job, plan, owner, home, log)
    await requireStreams(job, client)
    const source = { client: owner, gate, log, organization }
    const readersOf = await openReaders(source, options.privacy ?? (await privacyRulesOf(source)).rules)
    await keepRecord(home, log, job, plan)
    const manifest = await openManifest(client.http.base, job, plan, key, [...sequences.values()])
    let readings = plan.windows.reduce((sum, window, place) => (sequences.has(place) ? sum + window.readings : sum), 0)
    let sent = 0
    const report = () =>
      options.onProgress?.({ phase: 'sending', batches: sequences.size, of, readings, ofReadings: plan.readings })
    report()
    const receivedS = Math.floor((options.clockMs?.() ?? Date.now()) / 1000)
    for await (const { place, draft: plain } of buildBatches(job, plan, now, { receivedS, random })) {
      const draft = readersOf === undefined ? plain : await sealDraft(plain, organization, readersOf, random)
      const voids = sent === 0 && sequences.size === 0 ? restates : []
      const receipt = await submitter.submit((sequence, previous) => {
        const { header, entry } = numberBatch(draft, { organization, sequence, previous, restates: voids })
        return { entry, car: batchCar(header, draft.blocks) }
      }, `${note}${place}`)
      sequences.set(place, receipt.sequence)
      await manifest.add(receipt.sequence)
      sent += 1
      readings += draft.count
      report()
      if (options.stop?.() === true) break
    }
    await manifest.flush()
    const all = [...sequences.values()]
    return {
      id: job.id,
      organization,
      rows: plan.rows,
      readings: plan.readings,
      batches: sequences.size,
      of,
      sent,
      firstSequence: all.length === 0 ? undefined : Math.min(...all),
      lastSequence: all.length === 0 ? undefined : Math.max(...all),
      seconds: (performance.now() - started) / 1000,
    }
  } finally {
    await outbox.close()
  }
}

/** A table without a reading is a slip, not an import of nothing. Codes: E_IMPORT_EMPTY. */
export function requireRows(job: ImportJob, plan: Plan): void {
  if (plan.windows.length > 0) return
  throw new TanlianError('E_IMPORT_EMPTY', `No row of ${job.name} gives a reading. Check the file and the mapping.`, {
    values: { file: job.name },
  })
}

function rowsRefused(job: ImportJob, plan: Plan): TanlianError {
  return new TanlianError(
    'E_IMPORT_ROWS',
    `${plan.faultCount} rows of ${job.name} cannot be used. Correct them; nothing was signed or sent.`,
    {
      values: { file: job.name, rows: plan.faultCount, sha256: toHex(job.file) },
    },
  )
}
