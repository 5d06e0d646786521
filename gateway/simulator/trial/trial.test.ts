import { encodeBlock } from '@tanlian/evidence'
import { describe, expect, test } from 'vitest'
import { createQuality } from '../../src/quality/stream.ts'
import { CASES, duplicated } from './inject.ts'
import { arrivals, recordings } from './record.ts'
import { KNOWN_FAULTS, play, runCases, runClean } from './run.ts'

const frame = encodeBlock('trial').cid

describe('fraud on instruments (fraud.md section 4)', () => {
  test('each case raises a question that it should, wherever it is done', { timeout: 60_000 }, async () => {
    const results = await runCases([0.55])
    expect(results).toHaveLength(CASES.length)
    expect(results.filter(({ places, caught }) => caught < places).map((result) => result.case.id)).toEqual([])
  })

  test('a packet that comes again under another QN is counted and makes no second reading', async () => {
    const recording = (await recordings()).find(({ name }) => name === 'steel-energy')
    if (recording === undefined) throw new Error('no recording')
    const clean = play(recording, arrivals(recording))
    const twice = play(recording, duplicated(recording, 5000))
    expect(twice.questions()).toEqual(clean.questions())
    const [before, after] = [clean, twice].map((quality) => quality.scores()[0]?.counts)
    expect(after).toMatchObject({ readings: before?.readings, missing: before?.missing, repeated: 4 })
  })
})

describe('data that nobody meddled with', () => {
  test('at most one question in a stream-month, once the data sets’ own faults are listed', async () => {
    const results = await runClean()
    for (const { recording, streamMonths, questions, known } of results)
      console.log(
        `${recording}: ${questions.length} questions in ${streamMonths.toFixed(1)} stream-months, ${known.length} on known faults`,
      )
    for (const { recording, streamMonths, questions, known } of results)
      expect((questions.length - known.length) / streamMonths, recording).toBeLessThanOrEqual(1)
  })

  test('every fault that is listed is found', async () => {
    const known = (await runClean()).flatMap((result) =>
      result.known.map(({ stream }) => `${result.recording} ${stream}`),
    )
    expect(new Set(known)).toEqual(new Set(KNOWN_FAULTS.map(({ recording, stream }) => `${recording} ${stream}`)))
  })
})

test('what is learned survives a restart: the same questions, the same bytes', async () => {
  const recording = (await recordings()).find(({ name }) => name === 'gas-turbine')
  if (recording === undefined) throw new Error('no recording')
  const { device, checks, zone } = recording
  const all = arrivals(recording)
  const whole = play(recording, all)
  const first = play(recording, all.slice(0, 1371))
  const asked = first.questions()
  const bytes = first.encodeState()
  const second = createQuality([device], { checks, zone })
  second.decodeState(bytes)
  expect(second.encodeState()).toEqual(bytes)
  for (const { receivedS, samples } of all.slice(1371))
    second.push(device.id, samples, { frame, receivedMs: receivedS * 1000 })
  expect([...asked, ...second.questions()]).toEqual(whole.questions())
  expect(second.encodeState()).toEqual(whole.encodeState())
  expect(bytes.length / device.points.length).toBeLessThan(4096)
})
