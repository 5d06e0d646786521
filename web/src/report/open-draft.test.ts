import { expect, it } from 'vitest'
import { isOpen } from './open-draft.ts'

const draft = { subject: 'line 1', period: '2025-03', changed: '2025-04-02T08:00:00.700Z' }
const report = { subject: 'line 1', period: '2025-03', submitted: '2025-04-02T08:00:00.000Z' }

it('a draft is no work any more once its report was submitted, in the same second too', () => {
  expect(isOpen(draft, [])).toBe(true)
  expect(isOpen(draft, [report])).toBe(false)
})

it('a draft that was changed after a report, or is of another subject or period, is being prepared', () => {
  expect(isOpen({ ...draft, changed: '2025-04-03T08:00:00Z' }, [report])).toBe(true)
  expect(isOpen(draft, [{ ...report, subject: 'line 2' }])).toBe(true)
  expect(isOpen(draft, [{ ...report, period: '2025' }])).toBe(true)
})
