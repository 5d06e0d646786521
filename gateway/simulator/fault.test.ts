import { expect, test } from 'vitest'
import { faultAt, parseFaults } from './fault.ts'
import { counted, type Instrument, textOf, withFaults } from './instrument.ts'

test('an order of faults names what, where, how much, from when and for how long', () => {
  expect(parseFaults('loss=0.01,stuck:co2@6h+3h,clock:cems=3600@2h,ratio:meter=0.5@1d')).toEqual([
    { name: 'loss', value: 0.01, target: undefined, fromS: 0, toS: Number.POSITIVE_INFINITY },
    { name: 'stuck', value: 1, target: 'co2', fromS: 21_600, toS: 32_400 },
    { name: 'clock', value: 3600, target: 'cems', fromS: 7200, toS: Number.POSITIVE_INFINITY },
    { name: 'ratio', value: 0.5, target: 'meter', fromS: 86_400, toS: Number.POSITIVE_INFINITY },
  ])
  expect(parseFaults('')).toEqual([])
})

test.each(['los=0.1', 'loss=2', 'loss=-1', 'stuck@x', 'clock=1@2y', 'constructor', 'loss=0.1 duplicate'])(
  '"%s" is refused',
  (text) => {
    expect(() => parseFaults(text)).toThrow(RangeError)
  },
)

test('a fault acts on its device or point, in its time', () => {
  const faults = parseFaults('stuck:co2@6h+3h')
  const at = (device: string, point: string, hour: number) => faultAt(faults, 'stuck', device, point, hour * 3600)
  expect([at('cems', 'co2', 5.9), at('cems', 'co2', 6), at('cems', 'co2', 9), at('cems', 'o2', 7)]).toEqual([
    undefined,
    1,
    undefined,
    undefined,
  ])
})

const meter: Instrument = {
  device: 'meter',
  every: 60,
  show: (atS) => [
    { point: 'energy', count: BigInt(atS * 10), digits: 2, register: true },
    counted('power', atS / 7, 1),
  ],
}
const shows = (order: string, times: readonly number[]) => {
  const faulty = withFaults(meter, parseFaults(order), 0)
  return times.map((at) => faulty.show(at).map(textOf))
}

test('a stuck point shows what it showed last, and the truth when it is over', () => {
  expect(shows('stuck:power@10+10', [5, 10, 15, 20])).toEqual([
    ['0.50', '0.7'],
    ['1.00', '0.7'],
    ['1.50', '0.7'],
    ['2.00', '2.9'],
  ])
})

test('half the transformer ratio halves what a register grows by, never what it had counted', () => {
  expect(shows('ratio:meter=0.5@10+20', [0, 10, 20, 30, 40]).map(([energy]) => energy)).toEqual([
    '0.00',
    '0.50',
    '1.00',
    '2.00',
    '3.00',
  ])
})
