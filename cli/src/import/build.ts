import { type Block, createTable, type Draft, draftBatch, type TableReading } from '@tanlian/evidence'
import { type FramePacker, packFrames } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { ImportJob } from './job.ts'
import { openWindower, type Plan, placeRow, roundsOf } from './plan.ts'

/** A batch that is whole: where it stands in the import, and its draft without number and signature. */
export interface BuiltBatch {
  /** Place in the plan's windows. */
  readonly place: number
  readonly draft: Draft
}

/** What the building needs from outside: the clock and randomness. */
export interface BuildOptions {
  readonly receivedS: number
  readonly random: (length: number) => Uint8Array
  /** Bytes of the file that have been read, in the pass under way. */
  readonly onBytes?: (read: number) => void
}

/**
 * The second pass: reads the file again and gives one batch after another, each as soon as its last row has come: frames of the raw
 * rows, readings with their frames as sources, and the drafted tree. Only batches that are not whole are held in memory.
 * Codes: E_IMPORT_CHANGED where the file is no longer what the plan saw, and those of `draftBatch`.
 */
export async function* buildBatches(
  job: ImportJob,
  plan: Plan,
  wanted: readonly number[],
  options: BuildOptions,
): AsyncGenerator<BuiltBatch> {
  const places = new Map(plan.windows.map((window, place) => [`${window.day}:${window.part}`, place]))
  for (const round of roundsOf(plan.windows, wanted)) {
    const table = createTable(job.mapping)
    const windower = openWindower(job.mapping)
    const open = new Map<number, OpenBatch>()
    for await (const records of job.source.records(options.onBytes)) {
      for (const record of records) {
        const row = table.push(record.cells, record.line)
        if (!row.ok) throw changed(job, record.line)
        for (const { day, part, readings } of placeRow(windower, row.readings)) {
          const place = places.get(`${day}:${part}`)
          if (place === undefined) throw changed(job, record.line)
          if (!round.has(place)) continue
          const batch = open.get(place) ?? openBatch(job, options)
          open.set(place, batch)
          batch.add(record.line, record.bytes, readings)
          if (batch.count() < (plan.windows[place]?.readings ?? 0)) continue
          open.delete(place)
          yield { place, draft: batch.finish(job) }
        }
      }
    }
    if (open.size > 0) throw changed(job, 0)
  }
}

interface OpenBatch {
  add(line: number, bytes: Uint8Array, readings: readonly TableReading[]): void
  count(): number
  finish(job: ImportJob): Draft
}

function openBatch(job: ImportJob, { receivedS, random }: BuildOptions): OpenBatch {
  const packer: FramePacker = packFrames(
    { device: job.mapping.device, protocol: job.source.protocol, received: receivedS, file: job.file },
    random,
  )
  const readings: { reading: TableReading; frame: number }[] = []
  return {
    add(line, bytes, given) {
      // The reader's buffer goes on to the next rows; a batch keeps only its own bytes.
      const frame = packer.add(line, bytes.slice())
      for (const reading of given) readings.push({ reading, frame })
    },
    count: () => readings.length,
    finish({ streams }) {
      const frames: Block[] = packer.finish()
      const used = new Set(readings.map(({ reading }) => reading.stream))
      return draftBatch({
        readings: readings.map(({ reading, frame }) => ({ ...reading, source: frames[frame]?.cid ?? null })),
        streams: streams.filter(({ stream }) => used.has(stream)),
        frames,
        seed: () => random(32),
      })
    },
  }
}

function changed(job: ImportJob, line: number): TanlianError {
  return new TanlianError(
    'E_IMPORT_CHANGED',
    `The file ${job.name} is no longer what the first pass read (line ${line}). Start again; what was sent is not sent twice.`,
    {
      values: { file: job.name, line },
    },
  )
}
