import { encodeBlock } from '@tanlian/evidence'
import type { Device, Point } from '../../../gateway/src/device.ts'
import { createQuality } from '../../../gateway/src/quality/stream.ts'

/** Samples a second from decimal text to readings under all rules of one stream, and bytes of state a stream. Argument: samples. */
const POINTS = 100
const T0 = 1_767_225_600
const rounds = Math.ceil(Number(process.argv[2]) / POINTS)

const points = Array.from({ length: POINTS }, (_, at): Point => {
  const own = {
    name: `p${at}`,
    stream: at + 1,
    scale: '1',
    offset: '0',
    interval: 1,
    stamp: 'end',
    source: {},
  } as const
  const shared = { ...own, rounding: 'half-even', definition: 'made for this bench' } as const
  return at % 2 === 0
    ? { ...shared, type: 0x020100, unit: 'kWh', value: 'register', limits: { rollover: '1000000', rate: '10' } }
    : { ...shared, type: 0x0b0100, unit: '°C', value: 'mean', limits: { least: '-40', most: '90', stuckAfter: 600 } }
})
const device: Device = { id: 'd', model: 'm', protocol: 'modbus-tcp', address: {}, points, zone: 'Asia/Shanghai' }
const frame = encodeBlock('bench').cid
let seed = 1
const scatter = () => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
  return seed / 2 ** 32
}
const messages = Array.from({ length: rounds }, (_, second) =>
  points.map(({ name }, at) => ({
    point: name,
    stamp: T0 + second,
    value: at % 2 === 0 ? (second * 0.37 + scatter() * 0.2).toFixed(2) : (20 + scatter() * 5).toFixed(1),
    flag: 'N' as const,
  })),
)
const quality = createQuality([device])
const begun = performance.now()
for (const [second, samples] of messages.entries())
  quality.push('d', samples, { frame, receivedMs: (T0 + second) * 1000 + 200 })
const seconds = (performance.now() - begun) / 1000
console.log((rounds * POINTS) / seconds)
console.log(quality.encodeState().length / POINTS)
