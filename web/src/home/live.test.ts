import { expect, it } from 'vitest'
import { heard, type LogEntry } from './live.ts'

const entry = (sequence: number, more: Partial<LogEntry> = {}): LogEntry => ({
  kind: 1,
  organization: 7,
  sequence,
  digest: 'aa',
  ...more,
})

it('shows the newest first and each entry once, with all that is known of it', () => {
  const first = heard([entry(1)], entry(2, { transaction: '0x2' }))
  expect(first.map((one) => one.sequence)).toEqual([2, 1])
  expect(heard(first, entry(1, { index: 0, block: 9 }))).toEqual([
    entry(1, { index: 0, block: 9 }),
    entry(2, { transaction: '0x2' }),
  ])
  expect(heard(first, entry(2, { index: 1 }))[0]).toEqual(entry(2, { transaction: '0x2', index: 1 }))
})

it('keeps a bounded list', () => {
  let entries: LogEntry[] = []
  for (let sequence = 1; sequence <= 50; sequence++) entries = heard(entries, entry(sequence))
  expect(entries.length).toBe(6)
  expect(entries[0]?.sequence).toBe(50)
})
