import { localTime, zoneOf } from '@tanlian/units'
import type { Device } from '../src/device.ts'
import type { Message } from './courier.ts'
import { textOf } from './instrument.ts'

/**
 * A message as a Campbell logger writes it to a file (TOA5): four lines of head, then a record a moment, stamped with the end of its
 * interval by the logger's own clock. A column without a value is NAN.
 */
export function toa5({ values, atMs, counter }: Message, { points, zone }: Device): Uint8Array {
  const columns = points.map(({ source }) => String(source.column))
  const records = new Map<number, Map<string, string>>()
  for (const value of values) {
    const atS = value.atS ?? atMs / 1000
    const record = records.get(atS) ?? new Map<string, string>()
    records.set(atS, record.set(value.point, textOf(value)))
  }
  const { toLocal } = zoneOf(zone)
  const quoted = (cells: readonly string[]) => cells.map((cell) => `"${cell}"`).join(',')
  const head = [
    quoted(['TOA5', 'PNNL_33', 'CR1000X', '9647', 'CR1000X.Std.03.01', 'CPU:Tempest_v3a.CR1X', '36933', 'Terosdata']),
    quoted(['TIMESTAMP', 'RECORD', 'Statname', ...columns]),
    quoted(['TS', 'RN', '', ...columns.map(() => '')]),
    quoted(['', '', 'Smp', ...columns.map(() => 'Smp')]),
  ]
  const lines = [...records].map(([atS, record], at) => {
    const { year, month, day, hour, minute, second } = localTime(toLocal(atS))
    const [date, time] = [[year, month, day].map(two).join('-'), [hour, minute, second].map(two).join(':')]
    const cells = points.map(({ name }) => record.get(name) ?? '"NAN"')
    return `"${date} ${time}",${counter * 100 + at},"PNNL_33",${cells.join(',')}`
  })
  return new TextEncoder().encode(`${[...head, ...lines].join('\r\n')}\r\n`)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
