import { connect, createServer } from 'node:net'
import modbus from 'modbus-serial'
import { afterEach, describe, expect, test } from 'vitest'
import { freePort } from '../../../../test/port.ts'
import { memoryIntake, until } from '../../../test/memory-intake.ts'
import type { Device, Point } from '../../device.ts'
import type { Clock } from '../protocol.ts'
import { modbusTcp } from './modbus.ts'
import {
  decimalOf,
  encodePoll,
  type Format,
  type Order,
  planReads,
  pollSamples,
  type RegisterPoint,
} from './registers.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

const point = (name: string, source: Point['source'], more: Partial<Point> = {}): Point => ({
  name,
  stream: 1,
  type: 0x020100,
  unit: 'kWh',
  value: 'register',
  scale: '1',
  offset: '0',
  rounding: 'exact',
  interval: 1,
  stamp: 'end',
  source,
  limits: {},
  definition: 'test',
  ...more,
})
const meter = (port: number, points: Point[], more: Device['address'] = {}): Device => ({
  id: 'meter',
  model: 'meter',
  protocol: 'modbus-tcp',
  address: { host: '127.0.0.1', port, timeoutMs: 200, ...more },
  points,
  zone: 'Asia/Shanghai',
})
/** A clock whose seconds are fifty times as short. */
const fast = (): Clock => {
  const started = Date.now()
  const from = Date.parse('2026-01-05T00:00:00.500Z')
  return {
    now: () => from + (Date.now() - started) * 50,
    after(ms, call) {
      const timer = setTimeout(call, ms / 50)
      return () => clearTimeout(timer)
    },
  }
}

/** A meter of float registers, as another project's server has them. */
async function serve(registers: Map<number, number>): Promise<{ port: number; asked: [number, number][] }> {
  const port = await freePort()
  const asked: [number, number][] = []
  const give = (from: number, count: number) => {
    asked.push([from, count])
    return Array.from({ length: count }, (_, i) => {
      const value = registers.get(from + i)
      if (value === undefined) throw Object.assign(new Error('no such register'), { modbusErrorCode: 2 })
      return value
    })
  }
  const server = new modbus.ServerTCP(
    {
      getMultipleInputRegisters: give,
      getMultipleHoldingRegisters: give,
      getInputRegister: async (address: number) => give(address, 1)[0] as number,
      getHoldingRegister: async (address: number) => give(address, 1)[0] as number,
    },
    { host: '127.0.0.1', port, unitID: 1 },
  )
  await new Promise((resolve) => server.once('initialized', resolve))
  open.push({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) })
  return { port, asked }
}

describe('registers', () => {
  const at = (format: Format, order: Order = 'ABCD'): RegisterPoint => ({
    name: 'p',
    function: 4,
    address: 0,
    format,
    order,
    interval: 1,
  })
  const cases: [string, Format, Order, string | undefined][] = [
    ['ffff', 'uint16', 'ABCD', '65535'],
    ['ffff', 'int16', 'ABCD', '-1'],
    ['00010002', 'uint32', 'ABCD', '65538'],
    ['00020001', 'uint32', 'CDAB', '65538'],
    ['01000200', 'uint32', 'BADC', '65538'],
    ['02000100', 'uint32', 'DCBA', '65538'],
    ['fffffffe', 'int32', 'ABCD', '-2'],
    ['ffffffffffffffff', 'uint64', 'ABCD', '18446744073709551615'],
    ['fffffffffffffffe', 'int64', 'ABCD', '-2'],
    ['0004000300020001', 'uint64', 'CDAB', '281483566841860'],
    ['4366ccd0', 'float32', 'ABCD', '230.80005'],
    ['3dcccccd', 'float32', 'ABCD', '0.1'],
    ['cccd3dcc', 'float32', 'CDAB', '0.1'],
    ['3727c5ac', 'float32', 'ABCD', '0.00001'],
    ['80000000', 'float32', 'ABCD', '0'],
    ['7fc00000', 'float32', 'ABCD', undefined],
    ['7f800000', 'float32', 'ABCD', undefined],
    ['7f7fffff', 'float32', 'ABCD', undefined],
    ['3fb999999999999a', 'float64', 'ABCD', '0.1'],
    ['c08f400000000000', 'float64', 'ABCD', '-1000'],
  ]
  test.each(cases)('%s as %s %s is %s', (hex, format, order, value) => {
    const flag = value === undefined ? 'D' : undefined
    expect(decimalOf(new Uint8Array(Buffer.from(hex, 'hex')), at(format, order))).toEqual({ value, flag })
  })

  test('neighbours are read in one request, none is split, and no read is longer than eighty', () => {
    const points = [0, 2, 4, 52, 72, 342].map((address) => ({ ...at('float32'), address }))
    expect(planReads([...points, { ...at('float32'), function: 3, address: 6 }])).toEqual([
      { function: 3, address: 6, count: 2 },
      { function: 4, address: 0, count: 6 },
      { function: 4, address: 52, count: 2 },
      { function: 4, address: 72, count: 2 },
      { function: 4, address: 342, count: 2 },
    ])
    const many = Array.from({ length: 100 }, (_, i) => ({ ...at('float32'), address: i * 2 }))
    expect(planReads(many).map(({ count }) => count)).toEqual([80, 80, 40])
  })

  test('bytes that are no poll of the device are refused', () => {
    const device = meter(1, [point('p', { function: 4, address: 0, format: 'uint16' })])
    const good = encodePoll(7, 1, [[{ function: 4, address: 0, count: 1 }, Uint8Array.of(0, 9)]])
    expect(pollSamples(good, device)).toEqual([{ point: 'p', stamp: 7, value: '9', flag: undefined }])
    for (const bad of ['', '[]', '{}', '{"at":1,"unit":2,"reads":[]}', '{"at":1,"unit":1,"reads":[[4,0]]}'])
      expect(() => pollSamples(Buffer.from(bad), device)).toThrow(expect.objectContaining({ code: 'E_MODBUS_POLL' }))
  })
})

describe('polling over a real socket', () => {
  test('every tick is one message, and a point is read at the ticks of its own interval', async () => {
    const registers = new Map([
      [72, 0x4366],
      [73, 0xccd0],
      [80, 0],
      [81, 7],
    ])
    const served = await serve(new Map([...registers, ...[74, 75, 76, 77, 78, 79].map((at) => [at, 0] as const)]))
    const device = meter(served.port, [
      point('energy', { function: 4, address: 72, format: 'float32' }),
      point('count', { function: 4, address: 80, format: 'uint32' }, { interval: 5 }),
    ])
    const intake = memoryIntake()
    const channel = await modbusTcp.open({}, [device], intake, fast())
    open.push(channel)
    await until(() => intake.kept.length >= 11)
    const ticks = intake.kept.map(({ rank }) => rank / 1000)
    for (const [i, tick] of ticks.entries()) if (i > 0) expect(tick).toBeGreaterThan(ticks[i - 1] as number)
    for (const { samples = [], rank, bytes } of intake.kept) {
      expect(samples.map(({ point: name }) => name)).toEqual(rank % 5000 === 0 ? ['energy', 'count'] : ['energy'])
      expect(samples[0]).toEqual({ point: 'energy', stamp: rank / 1000, value: '230.80005', flag: undefined })
      expect(modbusTcp.samples(bytes, device)).toEqual(samples)
    }
    expect(served.asked[0]).toEqual([72, 10])
    expect(channel.devices.get('meter')).toMatchObject({ connected: true })
  })

  test('a meter that is away, declines or hangs is told of and stops no other', async () => {
    const served = await serve(new Map([[0, 5]]))
    const hanging = createServer(() => {})
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => hanging.close() })
    const p = [point('p', { function: 4, address: 0, format: 'uint16' })]
    const devices = [
      { ...meter(served.port, p), id: 'good' },
      { ...meter(served.port, [point('p', { function: 4, address: 9, format: 'uint16' })]), id: 'declines' },
      { ...meter((hanging.address() as { port: number }).port, p, { timeoutMs: 30 }), id: 'hangs' },
      { ...meter(1, p), id: 'away' },
    ]
    const intake = memoryIntake()
    const channel = await modbusTcp.open({}, devices, intake, fast())
    open.push(channel)
    const problem = (id: string) => channel.devices.get(id)?.problem
    await until(() => intake.kept.length >= 5 && ['declines', 'hangs', 'away'].every((id) => problem(id) !== undefined))
    expect(new Set(intake.kept.map(({ device }) => device))).toEqual(new Set(['good']))
    expect(['declines', 'hangs', 'away'].map(problem)).toEqual([
      'E_MODBUS_EXCEPTION',
      'E_MODBUS_SILENT',
      'E_MODBUS_SILENT',
    ])
    expect(channel.devices.get('hangs')?.connected).toBe(false)
  })

  test('a meter that speaks rubbish is no meter', async () => {
    const rubbish = createServer((socket) => socket.on('data', () => socket.write(Buffer.alloc(64, 0x55))))
    await new Promise<void>((resolve) => rubbish.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => rubbish.close() })
    const device = meter((rubbish.address() as { port: number }).port, [
      point('p', { function: 3, address: 0, format: 'uint16' }),
    ])
    for (const _ of [1, 2])
      await expect(modbusTcp.probe(device, fast())).rejects.toMatchObject({ code: 'E_MODBUS_SILENT' })
  })

  test('a probe asks once and keeps nothing', async () => {
    const served = await serve(new Map([[0, 5]]))
    const device = meter(served.port, [point('p', { function: 3, address: 0, format: 'uint16' }, { interval: 900 })])
    expect(await modbusTcp.probe(device, fast())).toMatchObject([{ point: 'p', value: '5' }])
    expect(served.asked).toHaveLength(1)
    const free = connect(served.port, '127.0.0.1')
    await new Promise((resolve) => free.once('connect', resolve))
    free.destroy()
  })
})

test('a register map that cannot be is refused before anything is asked', async () => {
  const good = { function: 4, address: 0, format: 'uint16' }
  const bad: [Device['address'], Point['source'], number][] = [
    [{}, { ...good, function: 6 }, 1],
    [{}, { ...good, format: 'bcd' }, 1],
    [{}, { ...good, address: 70_000 }, 1],
    [{}, { ...good, order: 'CBAD' }, 1],
    [{}, { ...good, more: 1 }, 1],
    [{ every: 7 }, good, 10],
    [{ user: 'x' }, good, 1],
  ]
  for (const [address, source, interval] of bad)
    await expect(
      modbusTcp.open({}, [meter(1, [point('p', source, { interval })], address)], memoryIntake(), fast()),
    ).rejects.toMatchObject({ code: 'E_PLANT' })
})
