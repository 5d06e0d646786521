import type { Point } from '../src/device.ts'
import type { Message } from './courier.ts'
import type { Shown } from './instrument.ts'

/** Unix seconds with which a device stamps a value: the moment that it is of, or the beginning of the interval that ends there. */
export function stampOf(message: Message, point: Point, shown: Shown): number {
  const moment = shown.atS ?? message.atMs / 1000
  return point.stamp === 'start' && point.value !== 'register' ? moment - point.interval : moment
}
