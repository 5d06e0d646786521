import { privacyOf, toHex } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { chosenRules, modeOf, otherMode, rulesOf } from './choice-rules.ts'

const ELECTRICITY = 0x020100
const CO2 = 0x040101
const said = (rules: ReturnType<typeof chosenRules>) => rules.map(({ prefix, mode }) => `${toHex(prefix)} ${mode}`)

test('a type is kept by the rule that names most of it, and open where none does', () => {
  const rules = rulesOf({ rules: [{ type: '04', mode: 'closed' }] })
  expect([modeOf(rules, CO2), modeOf(rules, ELECTRICITY), otherMode(rules)]).toEqual(['closed', 'open', 'open'])
  expect(otherMode(rulesOf({ rules: [{ type: '', mode: 'shared' }] }))).toBe('shared')
})

test('a choice says no more than it must, and keeps what was said of types that are not shown', () => {
  const before = rulesOf({
    rules: [
      { type: '04', mode: 'closed' },
      { type: '050101', mode: 'shared' },
    ],
  })
  const all = new Map([
    [ELECTRICITY, 'shared'],
    [CO2, 'closed'],
  ] as const)
  expect(said(chosenRules(before, all, 'shared'))).toEqual([' shared', '04 closed', '050101 shared'])
  expect(said(chosenRules(before, all, 'open'))).toEqual(['04 closed', '050101 shared', '020100 shared'])
})

test('every type is kept as chosen, whatever was chosen before', () => {
  const modes = ['open', 'shared', 'closed'] as const
  const before = rulesOf({
    rules: [
      { type: '04', mode: 'closed' },
      { type: '020100', mode: 'shared' },
    ],
  })
  for (const one of modes)
    for (const two of modes)
      for (const other of modes) {
        const rules = chosenRules(
          before,
          new Map([
            [ELECTRICITY, one],
            [CO2, two],
          ]),
          other,
        )
        expect([modeOf(rules, ELECTRICITY), modeOf(rules, CO2)]).toEqual([one, two])
        expect(privacyOf(rules, Uint8Array.of(9, 9, 9))).toBe(other)
      }
})
