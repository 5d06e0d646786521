import { expect, test } from 'vitest'
import { DEMO_PARTIES, DEMO_WITNESSES } from './parties.ts'
import { isReader, rulesOf } from './privacy.ts'

const enterprises = DEMO_PARTIES.filter(({ kind }) => kind === 'enterprise')

test('enterprises of the demo share what they measure; park, farm and forest are open by their own choice', () => {
  const open = enterprises.filter((party) => rulesOf(party).length === 0)
  expect(open.map(({ name }) => name)).toEqual(['park', 'farm', 'forest'])
  for (const party of enterprises.filter((one) => !open.includes(one))) {
    const rest = rulesOf(party).find(({ prefix }) => prefix.length === 0)
    expect([party.name, rest?.mode]).toEqual([party.name, 'shared'])
  }
})

test('whoever seals has a key of its own to read it again, and so has every witness that it names', () => {
  const readers = DEMO_PARTIES.filter(isReader).map(({ name }) => name)
  const sealing = enterprises.filter(({ privacy }) => privacy !== undefined).map(({ name }) => name)
  expect(new Set(readers)).toEqual(new Set([...sealing, ...DEMO_WITNESSES]))
})
