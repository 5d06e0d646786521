import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crcOf, createPacketReader, encodePacket, MAX_SEGMENT } from './packet.ts'
import { type Enrolment, readPacket } from './segment.ts'

interface Sample {
  readonly id: string
  readonly packet: string
  readonly profile: 'strict' | 'lenient'
  readonly direction?: 'down'
  readonly decoder?: '2025'
  readonly expect: {
    readonly ok: boolean
    readonly error?: string
    readonly answer?: string
    readonly warnings?: readonly string[]
    readonly [more: string]: unknown
  }
}

interface Stream {
  readonly id: string
  readonly chunks: readonly string[]
  readonly expectFrames: number
}

const folder = new URL('../../../vectors/hj212/', import.meta.url)
const samples = JSON.parse(readFileSync(new URL('samples.json', folder), 'utf8')) as {
  profiles: { devices: readonly { MN: string; PW: string; profile?: 'lenient' }[] }
  packets: readonly Sample[]
  streams: readonly Stream[]
}

/** The record of a sample's device, by the rules that stand in the sample file. */
function enrolment({ id, profile, decoder }: Sample): (mn: string) => Enrolment | undefined {
  return (mn) => {
    const device = samples.profiles.devices.find(({ MN }) => MN === mn)
    if (id === 'V32') return { password: '123456', profile: 'lenient', edition: '2017' }
    return device && { password: device.PW, profile, edition: decoder ?? '2017' }
  }
}

/** What becomes of a sample when its connection ends after it. */
function read(sample: Sample) {
  const reader = createPacketReader()
  const [cut] = [...reader.push(Buffer.from(sample.packet)), ...reader.end()]
  if (cut === undefined) throw new Error('nothing was cut')
  return cut.ok ? readPacket(cut, enrolment(sample), sample.direction) : { ...cut, qnRtn: undefined }
}

describe('the sample packets', () => {
  test('are 58, right and wrong ones', () => {
    expect(samples.packets.filter(({ expect }) => expect.ok)).toHaveLength(32)
    expect(samples.packets.filter(({ expect }) => !expect.ok)).toHaveLength(26)
  })

  test.each(samples.packets.filter(({ expect }) => expect.ok).map((sample) => [sample.id, sample] as const))(
    '%s is read, with its warnings',
    (_, sample) => {
      const result = read(sample)
      if (!('packet' in result)) throw new Error(`refused: ${result.code}`)
      const { packet } = result
      const wanted = sample.expect
      expect(new Set(packet.warnings)).toEqual(new Set(wanted.warnings ?? []))
      const values: Record<string, unknown> = {
        ST: packet.ST,
        CN: packet.CN,
        flag: packet.flag,
        needAck: packet.needAck,
        split: packet.part !== undefined,
        version: (packet.flag ?? 0) >> 2,
        PNUM: packet.part?.of,
        PNO: packet.part?.number,
        cp: Object.fromEntries(packet.items.plain),
        factors: [...packet.items.factors.keys()],
        flagValue: packet.items.factors.get('a05001')?.get('Flag'),
        eflag: packet.items.factors.get('a05001')?.get('EFlag'),
        length: Buffer.byteLength(sample.packet) - 12,
      }
      for (const [name, value] of Object.entries(values))
        if (wanted[name] !== undefined) expect(value, name).toEqual(wanted[name])
    },
  )

  test.each(samples.packets.filter(({ expect }) => !expect.ok).map((sample) => [sample.id, sample] as const))(
    '%s is refused with its error and its answer, twice alike',
    (_, sample) => {
      const result = read(sample)
      if (!('code' in result)) throw new Error('was read')
      expect(result.code).toBe(`E_HJ212_${sample.expect.error}`)
      const answer = result.qnRtn === undefined ? 'no answer, counted' : `9011 QnRtn=${result.qnRtn}`
      expect(answer).toBe(sample.expect.answer)
      expect(read(sample)).toEqual(result)
    },
  )

  test.each(samples.streams.map((stream) => [stream.id, stream] as const))(
    'stream %s gives its frames',
    (_, stream) => {
      const reader = createPacketReader()
      const cuts = [...stream.chunks.flatMap((chunk) => reader.push(Buffer.from(chunk, 'latin1'))), ...reader.end()]
      expect(cuts.filter(({ ok }) => ok)).toHaveLength(stream.expectFrames)
      expect(reader.pending()).toBe(0)
    },
  )

  test('the published frames: two check, two do not', () => {
    const rows = readFileSync(new URL('frames.csv', folder), 'utf8').trim().split('\n').slice(1)
    for (const row of rows) {
      const [, , , expected = '', , good] = row.split(',')
      const frame = row.slice(row.indexOf('"') + 1, -1)
      expect(
        crcOf(Buffer.from(frame.slice(6, -4)))
          .toString(16)
          .toUpperCase()
          .padStart(4, '0'),
      ).toBe(expected)
      const [cut] = createPacketReader().push(Buffer.from(`${frame}\r\n`))
      expect(cut?.ok).toBe(good === 'true')
    }
    expect(rows).toHaveLength(4)
  })
})

describe('the reader of a stream', () => {
  const packet = (CP: string) =>
    encodePacket({ QN: '20260801085857223', ST: '31', CN: '2011', PW: '123456', MN: '8'.repeat(24), Flag: 5, CP })
  const values = fc.stringMatching(/^[A-Za-z0-9=;,.在线#-]{0,120}$/)

  test('finds the same frames wherever the stream is cut, with noise before each', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ CP: values, noise: fc.stringMatching(/^[^#]{0,20}$/) }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
        (parts, sizes) => {
          const frames = parts.map(({ CP }) => Buffer.from(packet(CP)))
          const stream = Buffer.concat(parts.flatMap(({ noise }, i) => [Buffer.from(noise), frames[i] as Buffer]))
          const reader = createPacketReader()
          const found: string[] = []
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = sizes[i % sizes.length] as number
            for (const cut of reader.push(stream.subarray(at, at + size)))
              if (cut.ok) found.push(Buffer.from(cut.bytes).toString())
            at += size
          }
          expect(found).toEqual(frames.map(String))
          expect(reader.pending()).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('loses no byte: what it cuts and what it refuses is all that came but line ends', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => {
        const reader = createPacketReader()
        const cuts = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()]
        const given = Buffer.concat(chunks)
          .toString('latin1')
          .replace(/[\r\n]/g, '')
        const taken = cuts.map(({ bytes }) =>
          Buffer.from(bytes)
            .toString('latin1')
            .replace(/[\r\n]/g, ''),
        )
        expect(taken.join('')).toBe(given)
      }),
    )
  })

  test('every bit of a frame that is turned makes it another frame or none, never the same values', () => {
    const good = packet('DataTime=20260801085857;a05001-Rtd=245535.714,a05001-Flag=N')
    for (let bit = 48; bit < good.length * 8; bit++) {
      const bad = good.slice()
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7))
      const reader = createPacketReader()
      const [cut] = [...reader.push(bad), ...reader.end()]
      // Turning a letter of the CRC into the small one says the same; only a lenient device may write it.
      expect(cut?.ok === false || cut?.smallCrc, String(bit)).toBe(true)
    }
  })

  test('waits for no more than one frame, and a wait that is given up uncovers the frame behind it', () => {
    const reader = createPacketReader()
    const good = packet('DataTime=20260801085857')
    expect(reader.push(Buffer.concat([Buffer.from('##1024'), good]))).toEqual([])
    expect(reader.pending()).toBe(6 + good.length)
    expect(reader.expire().map((cut) => (cut.ok ? 'frame' : cut.code))).toEqual(['E_HJ212_INCOMPLETE', 'frame'])
    expect(reader.push(Buffer.alloc(100_000, '#')).every(({ ok }) => !ok)).toBe(true)
    expect(reader.pending()).toBeLessThanOrEqual(MAX_SEGMENT + 12)
  })

  test('a length that counts characters is a habit of lenient devices only', () => {
    const frame = Buffer.from(packet('DataTime=20260801085857;a05001-Info=在线'))
    const counted = Buffer.concat([Buffer.from(`##${String(frame.length - 16).padStart(4, '0')}`), frame.subarray(6)])
    for (const size of [counted.length, 7]) {
      const reader = createPacketReader()
      const cuts = []
      for (let at = 0; at < counted.length; at += size) cuts.push(...reader.push(counted.subarray(at, at + size)))
      const [cut] = cuts
      if (!cut?.ok) throw new Error('no frame')
      const record = (profile: 'strict' | 'lenient') => () =>
        ({ password: '123456', profile, edition: '2017' }) as const
      expect(readPacket(cut, record('strict'))).toMatchObject({ code: 'E_HJ212_LENGTH_MISMATCH' })
      expect(readPacket(cut, record('lenient'))).toMatchObject({ packet: { warnings: ['LENGTH_CHARACTERS'] } })
    }
  })
})
