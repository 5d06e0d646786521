import { describe, expect, it } from 'vitest'
import { parseSearch, stringifySearch } from '../search.ts'
import { filterOf, requestOf, searchOf, toggleType, typeBytes } from './filter.ts'

const address = '?organization=3&type=02&stream=1&stream=4&from=2018-03-01&through=2018-03-31&mode=readings'

describe('a trace filter', () => {
  it('lives in the address and comes back from it', () => {
    const filter = filterOf(parseSearch(address))
    expect(filter).toEqual({
      organization: 3,
      types: ['02'],
      streams: [1, 4],
      from: '2018-03-01',
      through: '2018-03-31',
      zone: 'Asia/Shanghai',
      mode: 'readings',
    })
    if (filter === undefined) throw new Error('unreachable')
    expect(stringifySearch({ ...searchOf(filter) })).toBe(address)
  })

  it('is not asked while a part is missing or malformed', () => {
    for (const bad of [
      '',
      '?organization=3&type=02',
      address.replace('=3', '=x'),
      address.replace('type=02', 'type=2'),
      address.replace('2018-03-01', '2018-3-1'),
    ])
      expect(filterOf(parseSearch(bad)), bad).toBeUndefined()
  })

  it('becomes a half-open window in its zone: March of Shanghai', () => {
    const filter = filterOf(parseSearch(address))
    if (filter === undefined) throw new Error('unreachable')
    expect(requestOf(filter, [])).toEqual({
      types: ['02'],
      streams: [1, 4],
      from: 1519833600,
      to: 1522512000,
      mode: 'readings',
    })
  })

  it('refuses a window that ends before it begins', () => {
    const filter = filterOf(parseSearch(address.replace('2018-03-31', '2018-02-01')))
    if (filter === undefined) throw new Error('unreachable')
    expect(() => requestOf(filter, [])).toThrow(/before it begins/)
  })

  it('asks for one validity by the kinds that the organization declares', () => {
    const filter = filterOf(parseSearch(`${address}&validity=0`))
    if (filter === undefined) throw new Error('unreachable')
    expect(
      requestOf(filter, [
        { stream: 1, type: 0x020100 },
        { stream: 2, type: 0x040100 },
        { stream: 4, type: 0x020200 },
      ]).types,
    ).toEqual(['02010000', '02020000'])
  })

  it('never holds two types of which one lies within the other', () => {
    expect(toggleType(['0201', '04'], '02')).toEqual(['02', '04'])
    expect(toggleType(['02'], '0201')).toEqual(['0201'])
    expect(toggleType(['02', '04'], '02')).toEqual(['04'])
  })
})

it('types become bytes, each of its own length', () => {
  expect(typeBytes(['02', '040101'])).toEqual([Uint8Array.of(2), Uint8Array.of(4, 1, 1)])
})
