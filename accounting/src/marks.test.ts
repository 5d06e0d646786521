import { expect, test } from 'vitest'
import { run } from '../test/library.ts'
import { marksOf } from './marks.ts'

const coal = { coalUsed: '100', coalNcv: '21' }
const marks = (...coals: Record<string, string>[]) =>
  marksOf(run('cn.power', { values: { electricityMade: '200' }, groups: { coals } }))

test('a conservative fallback is marked with its rows, and what was measured is not', () => {
  const found = marks({ ...coal, coalCarbon: '0.55' }, coal)
  expect(found).toContainEqual({ mark: 'fallback', parameter: 'defaultCarbon', rows: [1] })
  expect(marks({ ...coal, coalCarbon: '0.55' }).map(({ parameter }) => parameter)).not.toContain('defaultCarbon')
})

test('a default where a measurement was possible, and a value from memory, are marked', () => {
  const cement = run('cn.aluminium', { values: { aluminium: '10', anodeNet: '0.41' }, groups: {} })
  expect(marksOf(cement)).toEqual([
    { mark: 'default', parameter: 'anodeSulphur', rows: [] },
    { mark: 'unverified', parameter: 'anodeSulphur', rows: [] },
    { mark: 'default', parameter: 'anodeAsh', rows: [] },
    { mark: 'unverified', parameter: 'anodeAsh', rows: [] },
    { mark: 'unverified', parameter: 'anodeCarbon', rows: [] },
  ])
})
