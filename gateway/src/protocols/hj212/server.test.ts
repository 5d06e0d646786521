import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type MemoryIntake, memoryIntake, testClock, until } from '../../../test/memory-intake.ts'
import type { Device, Point } from '../../device.ts'
import type { Hj212Options } from '../options.ts'
import { createPacketReader, encodePacket, type PacketFields } from './packet.ts'
import { readPacket } from './segment.ts'
import { type Hj212Channel, hj212 } from './server.ts'

const MN = '010000A8900016F000169DC0'
const NOW = '2026-08-02T02:00:00+08:00'
const options: Hj212Options = { host: '127.0.0.1', port: 0, connections: 10, idle: 60 }

const point = (name: string, command: string, code: string, field: string): Point => ({
  name,
  stream: 1,
  type: 0x0b0901,
  unit: 'mg/m³',
  value: 'mean',
  scale: '1',
  offset: '0',
  rounding: 'half-even',
  interval: 60,
  stamp: 'end',
  source: { command, code, field },
  limits: {},
  definition: 'test',
})
const cems: Device = {
  id: 'cems',
  model: 'cems',
  protocol: 'hj212',
  address: { mn: MN, password: '123456' },
  points: [point('co2', '2011', 'a05001', 'Rtd'), point('co2-hour', '2061', 'a05001', 'Avg')],
  zone: 'Asia/Shanghai',
}
const old: Device = { ...cems, id: 'old', address: { mn: '88888888', password: 'abc', profile: 'lenient' } }

const open: { channel: Hj212Channel; sockets: Socket[] }[] = []
afterEach(async () => {
  for (const { channel, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await channel.close()
  }
})

async function serve(more: Partial<Hj212Options> = {}, haste = 1) {
  const intake = memoryIntake()
  const channel = await hj212.open({ ...options, ...more }, [cems, old], intake, testClock(NOW, haste))
  const sockets: Socket[] = []
  open.push({ channel, sockets })
  return { intake, channel, dial: () => dial(channel, sockets) }
}

/** A data logger: what it sends, and the answers in words. */
async function dial(channel: Hj212Channel, sockets: Socket[]) {
  const [host = '', port] = (channel.address ?? '').split(':')
  const socket = connect({ host, port: Number(port) })
  socket.on('error', () => {})
  sockets.push(socket)
  const heard: string[] = []
  const raw: string[] = []
  const reader = createPacketReader()
  socket.on('data', (chunk) => {
    raw.push(chunk.toString())
    for (const cut of reader.push(chunk)) {
      if (!cut.ok) throw new Error(`the server sent ${cut.code}`)
      const read = readPacket(cut, () => undefined, 'down')
      if (!read.ok) throw new Error(`the server sent ${read.code}`)
      heard.push([read.packet.CN, ...[...read.packet.items.plain].map(([k, v]) => `${k}=${v}`)].join(' '))
    }
  })
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, heard, raw, send: (bytes: Uint8Array | string) => socket.write(bytes) }
}

const upload = (more: Partial<PacketFields> = {}) =>
  encodePacket({
    QN: '20260801085857223',
    ST: '31',
    CN: '2011',
    PW: '123456',
    MN,
    Flag: 5,
    CP: 'DataTime=20260801085857;a05001-Rtd=245535.714,a05001-Flag=N',
    ...more,
  })

describe('an HJ 212 server over a real socket', () => {
  test('answers 9014 only after the message is kept (S1), and its samples say what was sent', async () => {
    const { intake, channel, dial } = await serve()
    let release = () => {}
    intake.gate = new Promise((resolve) => {
      release = resolve
    })
    const logger = await dial()
    logger.send(upload())
    await until(() => channel.devices.get('cems')?.connected === true)
    expect(logger.heard).toEqual([])
    release()
    await until(() => logger.heard.length === 1)
    expect(logger.heard).toEqual(['9014'])
    const [arrival] = intake.kept
    expect(arrival).toMatchObject({
      device: 'cems',
      name: '2011 20260801085857',
      rank: Date.parse('2026-08-01T08:58:57+08:00'),
    })
    const samples = [
      { point: 'co2', stamp: Date.parse('2026-08-01T08:58:57+08:00') / 1000, value: '245535.714', flag: 'N' },
    ]
    expect(arrival?.samples).toEqual(samples)
    expect(hj212.samples(arrival?.bytes ?? new Uint8Array(), cems)).toEqual(samples)
    expect(channel.devices.get('cems')).toMatchObject({ connected: true, messages: 1, refused: 0 })
  })

  test('the sample streams S04 to S06: a repeat is answered again and kept once, another value is refused (S2)', async () => {
    const streams = (
      JSON.parse(readFileSync(new URL('../../../vectors/hj212/samples.json', import.meta.url), 'utf8')) as {
        streams: {
          id: string
          chunks: string[]
          expectAnswers?: string[]
          expectStored?: number
          expectMessages?: number
        }[]
      }
    ).streams
    for (const { id, chunks, expectAnswers, expectStored } of streams.slice(3)) {
      const { intake, dial } = await serve()
      const logger = await dial()
      const before = logger.heard.length
      for (const [i, chunk] of chunks.entries()) {
        logger.send(chunk)
        await until(() => logger.heard.length === before + i + 1)
      }
      expect(logger.heard, id).toEqual(expectAnswers ?? chunks.map(() => '9014'))
      if (expectStored !== undefined) expect(intake.kept, id).toHaveLength(expectStored)
      if (id === 'S05') expect(intake.kept.map(({ name }) => name.slice(-1)).sort()).toEqual(['1', '2', '3'])
      if (id === 'S06') expect(intake.conflicts).toHaveLength(1)
    }
  })

  test('parts that do not come are told of after thirty seconds', async () => {
    const intake = memoryIntake()
    let now = Date.parse(NOW)
    const clock = { ...testClock(NOW), now: () => now }
    const channel = await hj212.open(options, [cems], intake, clock)
    const sockets: Socket[] = []
    open.push({ channel, sockets })
    const logger = await dial(channel, sockets)
    logger.send(
      upload({
        CN: '2061',
        QN: '20260801090000777',
        Flag: 7,
        PNUM: 2,
        PNO: 1,
        CP: 'DataTime=20260801080000;a05001-Avg=1',
      }),
    )
    await until(() => logger.heard.length === 1)
    expect(channel.devices.get('cems')?.problem).toBeUndefined()
    now += 31_000
    logger.send(
      upload({
        CN: '2061',
        QN: '20260801100000777',
        Flag: 7,
        PNUM: 2,
        PNO: 1,
        CP: 'DataTime=20260801090000;a05001-Avg=1',
      }),
    )
    await until(() => logger.heard.length === 2)
    expect(channel.devices.get('cems')?.problem).toBe('E_HJ212_PARTS_MISSING')
  })

  test('a full journal is no acknowledgement: the device keeps what it has', async () => {
    const { intake, channel, dial } = await serve()
    intake.full = true
    const logger = await dial()
    logger.send(upload())
    await until(() => channel.devices.get('cems')?.problem === 'E_JOURNAL_FULL')
    intake.full = false
    logger.send(upload())
    await until(() => logger.heard.length === 1)
    expect(logger.heard).toEqual(['9014'])
  })

  test('a server that closes answers what is being kept, and takes nothing new', async () => {
    const { intake, channel, dial } = await serve()
    let release = () => {}
    intake.gate = new Promise((resolve) => {
      release = resolve
    })
    const logger = await dial()
    logger.send(upload())
    await until(() => channel.devices.get('cems')?.connected === true)
    const closed = channel.close()
    logger.send(upload({ QN: '20260801085957223', CP: 'DataTime=20260801085957;a05001-Rtd=1' }))
    release()
    await closed
    await until(() => logger.heard.length > 0)
    expect(logger.heard).toEqual(['9014'])
    expect(intake.kept).toHaveLength(1)
  })

  const bad: [string, Uint8Array | string, string, string | undefined][] = [
    ['a wrong CRC', `${Buffer.from(upload()).toString().slice(0, -6)}0000\r\n`, 'E_HJ212_CRC_MISMATCH', undefined],
    ['noise', 'GET / HTTP/1.1\r\n\r\n', 'E_HJ212_NO_HEADER', undefined],
    ['a length of letters', '##0x10QN=1\r\n', 'E_HJ212_BAD_LENGTH', undefined],
    ['a segment too long', '##9999QN=1\r\n', 'E_HJ212_TOO_LONG', undefined],
    ['a wrong password', upload({ PW: '000000' }), 'E_HJ212_BAD_PASSWORD', '9011 QnRtn=3'],
    ['another device’s MN', upload({ MN: 'F'.repeat(24) }), 'E_HJ212_UNKNOWN_MN', '9011 QnRtn=4'],
    ['an unknown command', upload({ CN: '7777' }), 'E_HJ212_UNKNOWN_CN', '9011 QnRtn=8'],
    ['a command of the 2025 edition', upload({ CN: '9015', CP: '' }), 'E_HJ212_UNKNOWN_CN', '9011 QnRtn=8'],
    ['a time that is none', upload({ CP: 'DataTime=20260230000000' }), 'E_HJ212_BAD_TIME', '9011 QnRtn=100'],
    ['no DataTime', upload({ CP: 'a05001-Rtd=1' }), 'E_HJ212_BAD_TIME', '9011 QnRtn=100'],
    ['the future', upload({ CP: 'DataTime=20260802020501;a05001-Rtd=1' }), 'E_HJ212_FUTURE', '9011 QnRtn=100'],
    [
      'a value that is none',
      upload({ CP: 'DataTime=20260801000000;a05001-Rtd=1e9' }),
      'E_HJ212_BAD_NUMBER',
      '9011 QnRtn=100',
    ],
    [
      'a flag that is none',
      upload({ CP: 'DataTime=20260801000000;a05001-Flag=E' }),
      'E_HJ212_BAD_FLAG_VALUE',
      '9011 QnRtn=100',
    ],
    ['a request to us', upload({ CN: '1012', CP: 'SystemTime=20260801000000' }), 'E_HJ212_REQUEST', '9011 QnRtn=2'],
  ]
  test.each(bad)(
    '%s is refused twice alike, nothing of it is kept, and others go on',
    async (_, bytes, code, answer) => {
      const { intake, dial } = await serve()
      const hostile = await dial()
      const honest = await dial()
      for (const round of [1, 2]) {
        hostile.send(bytes)
        await until(() => intake.refused.length === round)
        expect(intake.refused.at(-1)).toMatchObject({ code, protocol: 'hj212' })
        if (answer !== undefined) await until(() => hostile.heard.length === round)
        expect(hostile.heard).toEqual(answer === undefined ? [] : Array(round).fill(answer))
      }
      expect(intake.kept).toEqual([])
      honest.send(upload())
      await until(() => honest.heard.length === 1)
      expect(honest.heard).toEqual(['9014'])
      if (code !== 'E_HJ212_BAD_PASSWORD') return
      // The refusal is laid to nobody who did not send it, and the answer does not tell the right password.
      expect(intake.refused.every(({ device }) => device === undefined)).toBe(true)
      expect(hostile.raw.join('')).not.toContain('123456')
    },
  )

  test('half a frame is given up after its time, and the next frame counts', async () => {
    const { intake, dial } = await serve({}, 200)
    const logger = await dial()
    logger.send(Buffer.from(upload()).subarray(0, 50))
    await until(() => intake.refused.length === 1)
    expect(intake.refused[0]?.code).toBe('E_HJ212_INCOMPLETE')
    logger.send(upload())
    await until(() => logger.heard.length === 1)
    expect(logger.heard).toEqual(['9014'])
  })

  test('one that only sends rubbish loses its connection, one connection too many is not served, others go on', async () => {
    const { intake, dial } = await serve({ connections: 2 })
    const [hostile, honest] = [await dial(), await dial()]
    const third = await dial()
    await new Promise((resolve) => third.socket.once('close', resolve))
    const gone = new Promise((resolve) => hostile.socket.once('close', resolve))
    for (let i = 0; i < 60; i++) hostile.send(upload({ PW: String(i).padStart(6, '0') }))
    await gone
    expect(intake.kept).toEqual([])
    honest.send(upload())
    await until(() => honest.heard.length === 1)
    expect(honest.heard).toEqual(['9014'])
  })

  test('a device that takes no answers is not read from, and does not fill the memory', async () => {
    const { intake, dial } = await serve()
    const logger = await dial()
    logger.socket.pause()
    let release = () => {}
    intake.gate = new Promise((resolve) => {
      release = resolve
    })
    const frame = upload()
    let sent = 0
    while (sent < 8_000_000 && logger.socket.write(frame)) sent += frame.length
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(logger.socket.writableLength).toBeGreaterThan(0)
    release()
    logger.socket.resume()
    await until(() => logger.socket.writableLength === 0)
    expect(intake.kept).toHaveLength(1)
  })

  test('a frame whose rest is not read because the disk is slow is waited for, however long that is', async () => {
    const { intake, dial } = await serve({}, 100)
    const logger = await dial()
    let release = () => {}
    intake.gate = new Promise((resolve) => {
      release = resolve
    })
    const frame = upload()
    const frames = Math.ceil(200_000 / frame.length)
    logger.send(Buffer.concat(Array.from({ length: frames }, () => frame)))
    // Three times as long as a frame is waited for.
    await new Promise((resolve) => setTimeout(resolve, 300))
    release()
    await until(() => logger.heard.length === frames)
    expect(intake.refused).toEqual([])
    expect(new Set(logger.heard)).toEqual(new Set(['9014']))
  })

  test('old devices are taken as they are enrolled, without QN and Flag, and get no answer', async () => {
    const { intake, dial } = await serve()
    const logger = await dial()
    const { QN: _, Flag: __, ...bare } = { QN: '', Flag: 0, ST: '31', CN: '2011', PW: 'abc', MN: '88888888', CP: '' }
    logger.send(encodePacket({ ...bare, CP: 'DataTime=20260801085857000;a05001-Rtd=7' }))
    await until(() => intake.kept.length === 1)
    expect(intake.kept[0]).toMatchObject({ device: 'old', samples: [{ point: 'co2', value: '7', flag: undefined }] })
    expect(logger.heard).toEqual([])
  })
})

describe('what the server asks of a device', () => {
  test('a back-fill asks for each command, takes the data as uploads and ends with the device’s 9012', async () => {
    const { intake, channel, dial } = await serve()
    const logger = await dial()
    logger.send(upload())
    await until(() => logger.heard.length === 1)
    const reader = createPacketReader()
    logger.socket.on('data', (chunk) => {
      for (const cut of reader.push(chunk)) {
        const read = cut.ok ? readPacket(cut, () => undefined, 'down') : undefined
        if (read?.ok !== true || !['2011', '2061'].includes(read.packet.CN)) continue
        const { QN = '', CN } = read.packet
        logger.send(upload({ QN, ST: '91', CN: '9011', Flag: 4, CP: 'QnRtn=1' }))
        if (CN === '2061') logger.send(upload({ QN, CN, Flag: 4, CP: 'DataTime=20260801070000;a05001-Avg=5' }))
        logger.send(upload({ QN, ST: '91', CN: '9012', Flag: 4, CP: 'ExeRtn=1' }))
      }
    })
    const from = Date.parse('2026-08-01T07:00:00+08:00') / 1000
    await channel.backfill('cems', from, from + 3600)
    expect(logger.heard.slice(1)).toEqual([
      '2011 BeginTime=20260801070000 EndTime=20260801075959',
      '2061 BeginTime=20260801070000 EndTime=20260801075959',
    ])
    await until(() => intake.kept.length === 2)
    expect(intake.kept[1]).toMatchObject({ name: '2061 20260801070000', samples: [{ point: 'co2-hour', value: '5' }] })
  })

  test('a notice of clock calibration is answered 9013 and followed by the time', async () => {
    const { channel, intake, dial } = await serve()
    const logger = await dial()
    logger.send(upload({ QN: '20260802011500500', CN: '1013', CP: 'PolId=a05001' }))
    await until(() => logger.heard.length === 2)
    expect(logger.heard).toEqual(['9013', '1012 SystemTime=20260802020000'])
    expect(intake.kept[0]).toMatchObject({ name: '1013 20260802011500500', samples: [] })
    expect(channel.devices.get('cems')?.messages).toBe(1)
  })

  test('a device that does not answer is asked three times; one that declines is not asked again', async () => {
    const { channel, dial } = await serve({}, 200)
    await expect(channel.setClock('cems')).rejects.toMatchObject({ code: 'E_HJ212_SILENT' })
    const logger = await dial()
    logger.send(upload())
    await until(() => logger.heard.length === 1)
    await expect(channel.setClock('cems')).rejects.toMatchObject({ code: 'E_HJ212_SILENT' })
    expect(logger.heard.slice(1)).toHaveLength(3)
    logger.socket.on('data', (chunk) => {
      const QN = /QN=(\d{17})/.exec(chunk.toString())?.[1] ?? ''
      logger.send(upload({ QN, ST: '91', CN: '9011', Flag: 4, CP: 'QnRtn=2' }))
    })
    await expect(channel.setClock('cems')).rejects.toMatchObject({ code: 'E_HJ212_DECLINED' })
    expect(logger.heard.slice(4)).toHaveLength(1)
  })
})

test('a device’s record is checked before anything is opened, and no refusal shows its password', async () => {
  const intake: MemoryIntake = memoryIntake()
  const refusals = [
    { ...cems, address: { ...cems.address, mn: 'short' } },
    { ...cems, address: { ...cems.address, mn2: 'x' } },
    { ...cems, address: { mn: MN, password: 'se cret' } },
    { ...cems, address: { ...cems.address, profile: 'lax' } },
    { ...cems, points: [point('x', '2011', 'a05001', 'Mean')] },
  ]
  for (const device of refusals) {
    const refusal = await hj212.open(options, [device], intake, testClock(NOW)).catch((error: Error) => error)
    expect(refusal).toMatchObject({ code: 'E_PLANT' })
    expect(String(refusal)).not.toMatch(/123456|se cret/)
  }
  await expect(hj212.open(options, [cems, { ...cems, id: 'two' }], intake, testClock(NOW))).rejects.toMatchObject({
    code: 'E_PLANT',
  })
})
