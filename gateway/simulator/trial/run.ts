import { encodeBlock } from '@tanlian/evidence'
import type { Question } from '../../src/quality/rules.ts'
import { createQuality, type Quality } from '../../src/quality/stream.ts'
import { CASES, type Case } from './inject.ts'
import { type Arriving, arrivals, type Recording, recordings } from './record.ts'

/** How a case went. */
export interface CaseResult {
  readonly case: Case
  /** Places at which it was done, and those at which a rule that should ask did. */
  readonly places: number
  readonly caught: number
  /** The rules that asked. */
  readonly by: readonly string[]
}

/** What was asked about a recording that nobody meddled with. */
export interface CleanResult {
  readonly recording: string
  readonly streams: number
  readonly streamMonths: number
  readonly questions: readonly Question[]
  /** Those that are about known faults of the data set. */
  readonly known: readonly Question[]
}

/** Faults of the data sets themselves, by recording, stream and rows (数据集自身缺陷). */
export const KNOWN_FAULTS: readonly {
  readonly recording: string
  readonly stream: number
  readonly rows: readonly [number, number]
  readonly en: string
}[] = [
  {
    recording: 'gas-turbine',
    stream: 3,
    rows: [1336, 1438],
    en: 'NOx stands at 60.38 for 102 hours while all else moves',
  },
  { recording: 'gas-turbine', stream: 6, rows: [1886, 1899], en: 'humidity stands at its upper end, 100.14 %' },
]

const MONTH = 30 * 86_400
const frame = encodeBlock('trial').cid

/** Lets the rules look at every recording as it is. */
export async function runClean(): Promise<CleanResult[]> {
  return (await recordings()).map((recording) => {
    const { device, rows, seconds, start, name } = recording
    const questions = play(recording, arrivals(recording))
      .questions()
      .filter(({ severity }) => severity !== 'info')
    const known = questions.filter((question) =>
      KNOWN_FAULTS.some(
        (fault) =>
          fault.recording === name &&
          fault.stream === question.stream &&
          question.from < start + fault.rows[1] * seconds &&
          question.to > start + fault.rows[0] * seconds,
      ),
    )
    const streams = device.points.length
    return { recording: name, streams, streamMonths: (streams * rows.length * seconds) / MONTH, questions, known }
  })
}

/** Does every case at several places of its recording, one at a time. */
export async function runCases(places: readonly number[]): Promise<CaseResult[]> {
  const all = new Map((await recordings()).map((recording) => [recording.name, recording]))
  const usual = new Map<string, ReadonlySet<string>>()
  return CASES.map((one) => {
    const recording = all.get(one.recording)
    if (recording === undefined) throw new RangeError(`there is no recording ${one.recording}`)
    const before = usual.get(one.recording) ?? idsOf(play(recording, arrivals(recording)).questions())
    usual.set(one.recording, before)
    const by = new Set<string>()
    let caught = 0
    for (const share of places) {
      const row = Math.floor(recording.rows.length * share)
      const asked = play(recording, one.inject(recording, row)).questions()
      const found = asked.filter(({ id, rule }) => one.expected.includes(rule) && !before.has(id))
      if (found.length > 0) caught++
      for (const { rule } of found) by.add(rule)
    }
    return { case: one, places: places.length, caught, by: [...by].sort() }
  })
}

/** The rules after all that arrives. */
export function play({ device, checks, zone }: Recording, arriving: readonly Arriving[]): Quality {
  const quality = createQuality([device], { checks, zone })
  for (const { receivedS, samples } of arriving)
    quality.push(device.id, samples, { frame, receivedMs: receivedS * 1000 })
  return quality
}

function idsOf(questions: readonly Question[]): ReadonlySet<string> {
  return new Set(questions.map(({ id }) => id))
}
