import { encodeBlock, type Flag, type Frame } from '@tanlian/evidence'
import { describe, expect, test } from 'vitest'
import type { BatchFacts, FactFrame } from '../series/batch-facts.ts'
import { DAY } from '../series/bucket.ts'
import { evaluate, isMeant, type Surroundings } from './evaluate.ts'
import { type Rule, SETTINGS } from './rule.ts'

/** 2018-03-01 00:00 in Shanghai. */
const MARCH = 1_519_833_600
const METER = { stream: 1, type: 0x020100, device: 'meter', interval: 900 }
const HALL = { stream: 2, type: 0x0b0100, device: 'hall', interval: 900 }
const KEY = new Uint8Array(32).fill(7)

const NOTHING: Surroundings = {
  streams: new Map([METER, HALL].map((item) => [item.stream, item])),
  before: new Map(),
  keys: new Map(),
  counters: new Map(),
  measured: () => 0,
}

/** A batch of quarter hours of one stream; `skip` leaves some out. */
function batch(
  given: {
    readonly stream?: number
    readonly quantities?: readonly number[]
    readonly validity?: readonly number[]
    readonly skip?: readonly number[]
    readonly start?: number
    readonly frames?: readonly FactFrame[]
  } = {},
): BatchFacts {
  const { stream = 1, quantities = [100, 100, 100, 100], validity = [], skip = [], start = MARCH, frames = [] } = given
  const type = (stream === 1 ? METER : HALL).type * 256
  const at = quantities.map((_, index) => index).filter((index) => !skip.includes(index))
  const rows = [0, 1, 2].flatMap((one) => {
    const own = at.filter((index) => (validity[index] ?? 0) === one)
    if (own.length === 0) return []
    return [
      {
        type: type + one,
        stream,
        starts: own.map((index) => start + index * 900),
        seconds: own.map(() => 900),
        quantities: own.map((index) => quantities[index] as number),
        flags: own.map((): Flag => 'N'),
        sources: own.map((index) => (frames[index] === undefined ? -1 : index)),
      },
    ]
  })
  return {
    rows,
    frames,
    organization: 7,
    sequence: 2,
    receivedS: start,
    streams: [],
    keys: new Map(),
    header: {} as BatchFacts['header'],
  }
}

function frame(
  given: Partial<Frame> & { readonly signing?: FactFrame['signing']; readonly key?: Uint8Array | undefined },
): FactFrame {
  const { signing = 'unsigned', key = KEY, ...more } = given
  const bytes = encodeBlock('bytes').bytes
  return { signing, key, frame: { bytes, device: 'meter', protocol: 'mqtt', received: MARCH, salt: bytes, ...more } }
}

function rule<K extends Rule['kind']>(kind: K, settings: Extract<Rule, { kind: K }>['settings']): Rule {
  return { id: 'r', kind, stream: undefined, type: undefined, settings } as unknown as Rule
}

describe('rules on readings', () => {
  const rows: [
    what: string,
    rule: Rule,
    facts: BatchFacts,
    around: Partial<Surroundings>,
    expected: object | undefined,
  ][] = [
    // 100 Wh in a quarter hour are 400 W.
    ['a load at the bound', rule('threshold', { most: 400 }), batch(), {}, undefined],
    ['a load above it', rule('threshold', { most: 399 }), batch(), {}, { times: 4, values: { value: 400, most: 399 } }],
    [
      'one reading just above it',
      rule('threshold', { most: 400 }),
      batch({ quantities: [100, 101] }),
      {},
      { times: 1, from: MARCH + 900 },
    ],
    [
      'a load below',
      rule('threshold', { least: 1 }),
      batch({ quantities: [0, 5] }),
      {},
      { times: 1, values: { value: 0, least: 1 } },
    ],
    [
      'an invalid reading has no level',
      rule('threshold', { most: 1 }),
      batch({ validity: [2, 2, 2, 2] }),
      {},
      undefined,
    ],
    [
      'a gauge goes by its mean',
      rule('threshold', { most: 293_000 }),
      batch({ stream: 2, quantities: [293_000 * 900 + 1] }),
      {},
      { times: 1 },
    ],
    [
      'a gauge at its mean',
      rule('threshold', { most: 293_000 }),
      batch({ stream: 2, quantities: [293_000 * 900] }),
      {},
      undefined,
    ],
    ['a slow change', rule('rate', { mostPerMinute: 27 }), batch({ quantities: [100, 200] }), {}, undefined],
    [
      'a quick change',
      rule('rate', { mostPerMinute: 25 }),
      batch({ quantities: [100, 200] }),
      {},
      { times: 1, values: { perMinute: 27 } },
    ],
    [
      'a quick change from the batch before',
      rule('rate', { mostPerMinute: 25 }),
      batch({ quantities: [200] }),
      { before: new Map([[1, { start: MARCH - 900, seconds: 900, quantity: 100 }]]) },
      { times: 1 },
    ],
    [
      'a change over a gap says nothing',
      rule('rate', { mostPerMinute: 1 }),
      batch({ quantities: [100, 0, 0, 900], skip: [1, 2] }),
      {},
      undefined,
    ],
    [
      'a gap of two intervals',
      rule('gap', { intervals: 2 }),
      batch({ skip: [1, 2] }),
      {},
      { times: 1, values: { missingSeconds: 1800, since: MARCH + 900 } },
    ],
    ['a gap of one where two count', rule('gap', { intervals: 2 }), batch({ skip: [1] }), {}, undefined],
    [
      'a gap to the batch before',
      rule('gap', { intervals: 4 }),
      batch(),
      { before: new Map([[1, { start: MARCH - 4500, seconds: 900, quantity: 0 }]]) },
      { times: 1, values: { missingSeconds: 3600 } },
    ],
    ['the first batch has no gap before it', rule('gap', { intervals: 1 }), batch(), {}, undefined],
    [
      'half of a batch invalid',
      rule('quality', { percent: 25, readings: 2 }),
      batch({ validity: [2, 2, 0, 0] }),
      {},
      { times: 2, values: { invalid: 2, readings: 4 } },
    ],
    [
      'too few to judge',
      rule('quality', { percent: 25, readings: 3 }),
      batch({ validity: [2, 2, 0, 0] }),
      {},
      undefined,
    ],
    [
      'as many as are allowed',
      rule('quality', { percent: 50, readings: 1 }),
      batch({ validity: [2, 2, 0, 0] }),
      {},
      undefined,
    ],
    ['a day that has not ended', rule('capture', { percent: 75 }), batch(), {}, undefined],
    [
      'a day with too little',
      rule('capture', { percent: 75 }),
      batch({ start: MARCH + DAY }),
      { before: new Map([[1, { start: MARCH, seconds: 900, quantity: 0 }]]), measured: () => DAY / 2 },
      { times: 1, from: MARCH, values: { percent: 50, least: 75 } },
    ],
    [
      'a day with enough',
      rule('capture', { percent: 75 }),
      batch({ start: MARCH + DAY }),
      { before: new Map([[1, { start: MARCH, seconds: 900, quantity: 0 }]]), measured: () => (DAY * 3) / 4 },
      undefined,
    ],
    [
      'a clock that is ahead',
      rule('drift', { seconds: 300 }),
      batch({ quantities: [1], frames: [frame({ received: MARCH + 900 - 301 })] }),
      {},
      { times: 1, values: { aheadSeconds: 301 } },
    ],
    [
      'a clock that is right',
      rule('drift', { seconds: 300 }),
      batch({ quantities: [1], frames: [frame({ received: MARCH + 900 })] }),
      {},
      undefined,
    ],
    ['silence is for the clock to find', rule('silence', { seconds: 10 }), batch(), {}, undefined],
  ]
  for (const [what, one, facts, around, expected] of rows)
    test(`${one.kind}: ${what}`, () => {
      const found = evaluate([one], facts, { ...NOTHING, ...around })
      if (expected === undefined) expect(found).toEqual([])
      else expect(found).toMatchObject([{ rule: 'r', ...expected }])
    })

  test('a rule is about one stream, one type, or all', () => {
    expect(isMeant({ stream: undefined, type: undefined }, METER)).toBe(true)
    expect(isMeant({ stream: 2, type: undefined }, METER)).toBe(false)
    expect(isMeant({ stream: undefined, type: '02' }, METER)).toBe(true)
    expect(isMeant({ stream: undefined, type: '0b' }, METER)).toBe(false)
  })
})

describe('rules on messages', () => {
  const own = { key: '07'.repeat(32), firstCounter: 10, lastCounter: 20 }
  const signature = rule('signature', {})
  const enrolled = { keys: new Map([['meter', [own]]]) }
  const rows: [
    what: string,
    rule: Rule,
    frames: FactFrame[],
    around: Partial<Surroundings>,
    expected: object | undefined,
  ][] = [
    ['unsigned by a device that need not sign', signature, [frame({})], {}, undefined],
    ['broken by a device that need not sign', signature, [frame({ signing: 'broken' })], {}, { why: 'broken' }],
    ['S13 unsigned by one that is enrolled', signature, [frame({})], enrolled, { why: 'unsigned' }],
    [
      'S13 signed by a key that an earlier batch ended',
      signature,
      [frame({ signing: 'ended', counter: 20 })],
      enrolled,
      { why: 'revoked', counter: 20 },
    ],
    ['S13 signed within its counters', signature, [frame({ signing: 'signed', counter: 20 })], enrolled, undefined],
    [
      'S13 signed after its last good counter',
      signature,
      [frame({ signing: 'signed', counter: 21 })],
      enrolled,
      { why: 'revoked', counter: 21 },
    ],
    [
      'S13 signed before its first',
      signature,
      [frame({ signing: 'signed', counter: 9 })],
      enrolled,
      { why: 'revoked', counter: 9 },
    ],
    [
      'S13 signed by another key',
      signature,
      [frame({ signing: 'signed', counter: 12, key: new Uint8Array(32) })],
      enrolled,
      { why: 'foreign' },
    ],
    [
      'S3 the next counter',
      rule('counter', {}),
      [frame({ counter: 6 })],
      { counters: new Map([['meter', 5]]) },
      undefined,
    ],
    [
      'S3 a hole',
      rule('counter', {}),
      [frame({ counter: 8 })],
      { counters: new Map([['meter', 5]]) },
      { skipped: 2, counter: 8 },
    ],
    [
      'S3 a repeat',
      rule('counter', {}),
      [frame({ counter: 5 })],
      { counters: new Map([['meter', 5]]) },
      { repeated: 5 },
    ],
    ['the first of all', rule('counter', {}), [frame({ counter: 500 })], {}, undefined],
    ['no counter', rule('counter', {}), [frame({})], { counters: new Map([['meter', 5]]) }, undefined],
  ]
  for (const [what, one, frames, around, expected] of rows)
    test(`${one.kind}: ${what}`, () => {
      const found = evaluate([one], { ...batch(), frames }, { ...NOTHING, ...around })
      expect(found.map(({ values }) => values)).toEqual(
        expected === undefined ? [] : [{ device: 'meter', ...expected }],
      )
    })
})

test('R14 settings that are not those of their kind are refused', () => {
  const rows: [kind: keyof typeof SETTINGS, settings: unknown][] = [
    ['threshold', {}],
    ['threshold', { least: 2, most: 1 }],
    ['threshold', { most: 1.5 }],
    ['threshold', { most: '1' }],
    ['threshold', { most: 1, unit: 'kW' }],
    ['rate', { mostPerMinute: -1 }],
    ['gap', { intervals: 0 }],
    ['drift', {}],
    ['quality', { percent: 101, readings: 1 }],
    ['capture', { percent: Number.NaN }],
    ['signature', { any: 1 }],
    ['silence', { seconds: 1 }],
    ['silence', null],
  ]
  for (const [kind, settings] of rows)
    expect(SETTINGS[kind].safeParse(settings).success, `${kind} ${JSON.stringify(settings)}`).toBe(false)
})
