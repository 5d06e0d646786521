import { createTable, type Draft, draftBatch, type Mapping, streamsOf, type TableReading } from '@tanlian/evidence'
import { packFrames, type TableRecord } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { createWindower, type Plan } from './upload-plan.ts'

/** A batch that is whole, by the day that names it, without number and signature. */
export interface Built {
  readonly window: string
  readonly draft: Draft
}

/** What building needs from outside: the file's own facts, the clock and randomness. */
export interface BuildOptions {
  readonly protocol: string
  /** SHA-256 of the file. */
  readonly file: Uint8Array
  /** Unix seconds. */
  readonly receivedS: number
  readonly random: (length: number) => Uint8Array
}

/**
 * The second pass: raw rows into frames, good rows into readings with their frame as source, each day into a batch as soon as its last row
 * has come. Only unfinished days are in memory. Codes: E_UPLOAD_CHANGED where the file is no longer what the plan saw.
 */
export async function* buildBatches(
  mapping: Mapping,
  plan: Plan,
  wanted: ReadonlySet<string>,
  records: AsyncIterable<readonly TableRecord[]>,
  options: BuildOptions,
): AsyncGenerator<Built> {
  const table = createTable(mapping)
  const windowOf = createWindower(mapping)
  const expected = new Map(plan.windows.map(({ day, readings }) => [day, readings]))
  const open = new Map<string, OpenBatch>()
  for await (const part of records) {
    for (const { line, cells, bytes } of part) {
      const outcome = table.push(cells, line)
      if (!outcome.ok) continue
      for (const reading of outcome.readings) {
        const window = windowOf(reading)
        if (!wanted.has(window)) continue
        const batch = open.get(window) ?? openBatch(mapping, options)
        open.set(window, batch)
        // The reader's buffer goes on to the next rows; a batch keeps its own bytes.
        batch.add(line, bytes.slice(), reading)
        if (batch.count() < (expected.get(window) ?? 0)) continue
        open.delete(window)
        yield { window, draft: batch.finish() }
      }
    }
  }
  if (open.size > 0)
    throw new TanlianError(
      'E_UPLOAD_CHANGED',
      'The file changed between checking and sending. Choose it again; what was sent is not sent twice.',
    )
}

interface OpenBatch {
  add(line: number, bytes: Uint8Array, reading: TableReading): void
  count(): number
  finish(): Draft
}

function openBatch(mapping: Mapping, { protocol, file, receivedS, random }: BuildOptions): OpenBatch {
  const packer = packFrames({ device: mapping.device, protocol, received: receivedS, file }, random)
  const readings: { readonly reading: TableReading; readonly frame: number }[] = []
  return {
    add(line, bytes, reading) {
      readings.push({ reading, frame: packer.add(line, bytes) })
    },
    count: () => readings.length,
    finish() {
      const frames = packer.finish()
      const used = new Set(readings.map(({ reading }) => reading.stream))
      return draftBatch({
        readings: readings.map(({ reading, frame }) => ({ ...reading, source: frames[frame]?.cid ?? null })),
        streams: streamsOf(mapping).filter(({ stream }) => used.has(stream)),
        seed: () => random(32),
        frames,
      })
    },
  }
}
