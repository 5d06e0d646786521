import { expect, test } from 'vitest'
import { readAuditContent } from './form.ts'
import { auditContent, auditWords, isCitable, type LoggedAudit, neededAudits, witnessesOf } from './witness.ts'

const digest = (n: number) => new Uint8Array(32).fill(n)
const audit = (organization: number, sequence: number, held: number[], failed: number[] = []): LoggedAudit => ({
  organization,
  sequence,
  content: { held: held.map(digest), failed: failed.map((n) => [digest(n), 'E_AUDIT_TREE'] as const) },
})
const batch = (n: number, organization = 7) => ({ organization, digest: digest(n) })

test('S7 an audit counts for a batch of another organization, until a later one of the same auditor fails it', () => {
  const words = auditWords([audit(1, 2, [], [3]), audit(1, 1, [1, 2, 3]), audit(8, 1, [1]), audit(7, 1, [1])])
  expect(witnessesOf(batch(1), words)).toEqual({ held: [1, 8], failed: [] })
  expect(witnessesOf(batch(2), words)).toEqual({ held: [1], failed: [] })
  expect(witnessesOf(batch(3), words)).toEqual({ held: [], failed: [1] })
  expect(witnessesOf(batch(4), words)).toEqual({ held: [], failed: [] })
  expect(witnessesOf(batch(3), auditWords([audit(1, 2, [], [3]), audit(1, 3, [3])])).held).toEqual([1])
})

test('S7 a document that says both of a batch does not hold it', () => {
  expect(witnessesOf(batch(1), auditWords([audit(1, 1, [1], [1])]))).toEqual({ held: [], failed: [1] })
})

test('only the documents with the last word about what was asked are needed, whatever the order they come in', () => {
  const [early, late, other, none] = [audit(1, 1, [1, 2]), audit(1, 4, [2, 3]), audit(9, 2, [2]), audit(9, 3, [5])]
  expect(neededAudits([batch(2)], [none, other, late, early])).toEqual([late, other])
  expect(neededAudits([batch(1), batch(2), batch(3)], [early, late, other, none])).toEqual([early, late, other])
  expect(neededAudits([batch(2, 9)], [early, late, other])).toEqual([late])
  expect(neededAudits([batch(6)], [early, late, other, none])).toEqual([])
})

test('S7 the platform’s own audit is one of the number that a report needs', () => {
  expect(isCitable({ platform: true, outside: 0 }, 1)).toBe(true)
  expect(isCitable({ platform: true, outside: 0 }, 2)).toBe(false)
  expect(isCitable({ platform: true, outside: 1 }, 2)).toBe(true)
  expect(isCitable({ platform: false, outside: 1 }, 2)).toBe(false)
})

test('the content of an audit document is of the form that its reader wants', () => {
  const content = auditContent(41, [
    [digest(9), 'held'],
    [digest(3), { code: 'E_AUDIT_TREE' }],
    [digest(2), 'held'],
    [digest(5), 'unavailable'],
  ])
  expect(readAuditContent(content)).toEqual({
    log: 41,
    held: [digest(2), digest(9)],
    failed: [[digest(3), 'E_AUDIT_TREE']],
    unavailable: [digest(5)],
  })
})
