import { asWritten, type Shown } from '../instrument.ts'
import { readSeries, replay } from '../series.ts'
import type { Site } from './plant.ts'

/** Probes of the data set's logger that answered; two of them show what a broken probe shows. */
const PROBES = [1, 2, 3, 17, 18, 20] as const
const RECORD_S = 900
/** A logger far from any network: its records come as a file, late and many at a time. */
const FILE_S = 6 * 3600

/** A forest plot (林地): a Campbell logger whose records of six hours come as one file in its own form, as the data set has them. */
export async function forest(): Promise<Site> {
  const logger = replay(await readSeries('soil-33'))
  const record = (atS: number): Shown[] =>
    PROBES.flatMap((probe) =>
      (['moisture', 'temperature'] as const).flatMap((what, at) => {
        const cell = logger.cell(`Teros(${probe},${at + 1})`, atS - 1)
        return cell === 'NAN' ? [] : [{ ...asWritten(`${what} ${probe}`, cell), atS }]
      }),
    )
  return {
    load: () => 1,
    instruments: [
      {
        device: 'logger-33',
        every: FILE_S,
        show: (atS) =>
          Array.from({ length: FILE_S / RECORD_S }, (_, back) => atS - FILE_S + (back + 1) * RECORD_S).flatMap(record),
      },
    ],
  }
}
