import { expect, test } from 'vitest'
import { createPlant, days, type PlantReading, quarterHours, STRANGER_KEY } from '../test/plant.ts'
import { decodeBlock, encodeBlock, equalBytes, fromHex } from './block.ts'
import { writeCar } from './car.ts'
import { makeVkey, signCheckpoint } from './checkpoint.ts'
import { ed25519PublicKey } from './ed25519.ts'
import { decodeHeader } from './form.ts'
import { encodeKey } from './key.ts'
import { decodePackage, type EvidencePackage, encodePackage, joinParts, packageParts, packageRoot } from './package.ts'
import { checkPackage, type Verdict, type VerdictStep } from './verdict.ts'

const DAY = 86_400
const ELECTRICITY = [fromHex('0201')]

function threeDays() {
  const plant = createPlant()
  for (const start of days(3))
    plant.append([
      ...quarterHours(start),
      ...quarterHours(start, { stream: 2, type: 0x0b0100, quantity: 290_000 * 900 }),
    ])
  return plant
}

const failing = (verdict: Verdict) =>
  verdict.lines.filter((line) => line.ok === false).map((line) => [line.step, line.code])
const lineOf = (verdict: Verdict, step: VerdictStep) => verdict.lines.find((line) => line.step === step)

test('a whole answer is verified, with totals, capture and delays, and says what was not checked', () => {
  const plant = threeDays()
  const pack = plant.answer({ types: ELECTRICITY, from: DAY, to: 3 * DAY, mode: 'total' })
  const verdict = checkPackage(pack, plant.chain(pack))
  expect(failing(verdict)).toEqual([])
  expect(verdict.status).toBe('verified')
  const sum = quarterHours(0).reduce((total, reading) => total + reading.quantity, 0)
  expect(verdict.totals).toEqual([
    { type: 0x020100, validity: 0, count: 192, quantity: BigInt(2 * sum), seconds: 2 * DAY },
  ])
  expect(verdict.batches).toEqual({ asked: [2, 3], all: 3, hidden: 0 })
  expect(verdict.capture).toEqual({ seconds: 2 * DAY, of: 2 * DAY })
  expect(verdict.delaySeconds).toEqual({ least: 60, median: 60, greatest: 60 })
  expect(lineOf(verdict, 'witnesses')).toMatchObject({ ok: null, code: 'E_VERDICT_NO_WITNESS' })
  expect(lineOf(verdict, 'bodies')).toMatchObject({ ok: null, code: 'E_VERDICT_NOT_OPENED' })
})

test('S12 without the chain nothing is called verified', () => {
  const plant = threeDays()
  const verdict = checkPackage(plant.answer({ types: ELECTRICITY, from: 0, to: DAY, mode: 'total' }))
  expect(verdict.status).toBe('unchecked')
  expect(failing(verdict)).toEqual([])
  expect(lineOf(verdict, 'log')).toMatchObject({ ok: null, code: 'E_VERDICT_CHAIN_NOT_ASKED' })
})

test('S32 a package without some headers holds for the others, says so, and is never called verified', () => {
  const plant = threeDays()
  const question = { types: ELECTRICITY, from: 0, to: 3 * DAY, mode: 'total' } as const
  for (const hidden of [[1], [2], [3], [1, 3]]) {
    const pack = plant.answer(question, 3, hidden)
    const verdict = checkPackage(pack, plant.chain(pack))
    expect(failing(verdict)).toEqual([])
    expect(verdict.status).toBe('partial')
    const asked = [1, 2, 3].filter((sequence) => !hidden.includes(sequence))
    expect(verdict.batches).toEqual({ asked, all: 3, hidden: hidden.length })
    expect(verdict.totals).toMatchObject([{ count: 96 * asked.length }])
    expect(verdict.delaySeconds).toEqual({ least: 60, median: 60, greatest: 60 })
    expect(lineOf(verdict, 'entries')).toMatchObject({
      ok: null,
      code: 'E_VERDICT_NOT_GRANTED',
      values: { batches: 3, hidden: hidden.length },
    })
    expect(lineOf(verdict, 'complete')).toMatchObject({ ok: null, code: 'E_VERDICT_NOT_GRANTED' })
    expect(checkPackage(decodePackage(encodePackage(pack))).status).toBe('unchecked')
  }
})

test('the root of a package joined from its parts is the encoding of the whole', () => {
  const plant = threeDays()
  const pack = plant.answer({ types: ELECTRICITY, from: 0, to: DAY, mode: 'readings' })
  const { bytes } = packageRoot(pack)
  expect(equalBytes(bytes, encodeBlock(decodeBlock(bytes)).bytes)).toBe(true)
  const { headers, keys, ...rest } = pack
  expect(equalBytes(joinParts(packageParts({ headers, keys }), packageParts(rest)), bytes)).toBe(true)
})

test('a package survives its bytes, and any other bytes for it are refused', () => {
  const plant = threeDays()
  const pack = plant.answer({ types: ELECTRICITY, from: 0, to: DAY, mode: 'readings' })
  const bytes = encodePackage(pack)
  expect(checkPackage(decodePackage(bytes), plant.chain(pack)).status).toBe('verified')
  for (let at = 0; at < bytes.length; at += 37) {
    const altered = bytes.slice()
    altered[at] = (altered[at] as number) ^ 1
    expect(() => decodePackage(altered)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^E_/) }))
  }
})

test('a map that poses as a CID is refused as what it is', () => {
  const plant = threeDays()
  const { bytes } = packageRoot(plant.answer({ types: ELECTRICITY, from: 0, to: DAY, mode: 'total' }))
  const root = decodeBlock(bytes) as Readonly<Record<string, unknown>>
  for (const multihash of [null, {}, { digest: null }]) {
    const posing = encodeBlock({ ...root, headers: [{ multihash }] })
    expect(() => decodePackage(writeCar(posing.cid, [posing]))).toThrow(
      expect.objectContaining({ code: 'E_PACKAGE_FORM' }),
    )
  }
})

test('mode readings opens each reading with its body', () => {
  const plant = threeDays()
  const pack = plant.answer({ types: ELECTRICITY, from: DAY, to: 2 * DAY, mode: 'readings' })
  const verdict = checkPackage(pack, plant.chain(pack))
  expect(failing(verdict)).toEqual([])
  expect(verdict.readings.map((reading) => reading.quantity)).toEqual(
    quarterHours(0).map((reading) => reading.quantity),
  )
  expect(lineOf(verdict, 'bodies')).toMatchObject({ ok: true, values: { opened: 96 } })
  expect(verdict.frames).toEqual({ signed: 0, unsigned: 0, absent: 1 })
})

test('S13 frames that came along are told apart by who signed them, and a signature by another key than the declared one fails', () => {
  const own = new Uint8Array(32).fill(3)
  const withFrame = (device?: { signs: Uint8Array; declared: Uint8Array }) => {
    const plant = createPlant()
    const { frame } = plant.append(quarterHours(0), device === undefined ? {} : { device })
    const pack = plant.answer({ types: ELECTRICITY, from: 0, to: DAY, mode: 'readings' })
    return checkPackage({ ...pack, frames: [frame] }, plant.chain(pack))
  }
  expect(withFrame().frames).toEqual({ signed: 0, unsigned: 1, absent: 0 })
  const signed = withFrame({ signs: own, declared: own })
  expect(failing(signed)).toEqual([])
  expect(signed.frames).toEqual({ signed: 1, unsigned: 0, absent: 0 })
  const forged = withFrame({ signs: new Uint8Array(32).fill(4), declared: own })
  expect(failing(forged)).toEqual([['bodies', 'E_VERDICT_DEVICE_SIGNATURE']])
})

test('a restatement voids earlier readings, counts the new ones once and is named', () => {
  const plant = threeDays()
  const restates = [[encodeKey(0x02010000, 1, DAY), encodeKey(0x02010000, 1, 2 * DAY - 1)]] as const
  plant.append(quarterHours(DAY, { quantity: 5 }), { restates })
  const pack = plant.answer({ types: ELECTRICITY, from: 0, to: 3 * DAY, mode: 'total' })
  const verdict = checkPackage(pack, plant.chain(pack))
  expect(failing(verdict)).toEqual([])
  const sum = quarterHours(0).reduce((total, reading) => total + reading.quantity, 0)
  expect(verdict.totals).toEqual([
    { type: 0x020100, validity: 0, count: 288, quantity: BigInt(2 * sum + 96 * 5), seconds: 3 * DAY },
  ])
  expect(verdict.restatements).toEqual([{ sequence: 4, intervals: 1 }])
})

test('what was filled in and what is not valid is told apart', () => {
  const plant = createPlant()
  const day: PlantReading[] = quarterHours(0).map((reading, at) => ({
    ...reading,
    flag: at < 10 ? 'E' : at < 20 ? 'D' : 'N',
  }))
  plant.append(day)
  const pack = plant.answer({ types: [fromHex('020100')], from: 0, to: DAY, mode: 'total' })
  const verdict = checkPackage(pack, plant.chain(pack))
  expect(verdict.totals.map((total) => [total.validity, total.count])).toEqual([
    [0, 76],
    [1, 10],
    [2, 10],
  ])
  expect(verdict.capture).toEqual({ seconds: 76 * 900, of: DAY })
})

/** Each way to lie, the step that must catch it and its code. */
const LIES: readonly [
  string,
  VerdictStep,
  string,
  (pack: EvidencePackage, plant: ReturnType<typeof threeDays>) => EvidencePackage,
][] = [
  [
    'a batch is hidden',
    'entries',
    'E_VERDICT_HEAD',
    (_pack, plant) => plant.answer({ types: ELECTRICITY, from: 0, to: 3 * DAY, mode: 'total' }, 2),
  ],
  [
    'a batch in the middle is left out',
    'entries',
    'E_VERDICT_GAP',
    (pack) => ({
      ...pack,
      headers: pack.headers.filter((_, at) => at !== 1),
      entries: pack.entries.filter((_, at) => at !== 1),
      signatures: pack.signatures.filter((_, at) => at !== 1),
    }),
  ],
  [
    'another root is shown',
    'log',
    'E_VERDICT_LOG_ROOT',
    (pack) => ({ ...pack, log: { ...pack.log, root: new Uint8Array(32) } }),
  ],
  [
    'an old size is claimed for the root',
    'log',
    'E_VERDICT_LOG_ROOT',
    (pack) => ({ ...pack, log: { ...pack.log, size: pack.log.size - 1 } }),
  ],
  [
    'another contract is named',
    'log',
    'E_VERDICT_OTHER_LOG',
    (pack) => ({ ...pack, contracts: { ...pack.contracts, log: new Uint8Array(20) } }),
  ],
  [
    'a signature is forged',
    'signatures',
    'E_SIGNATURE_FORM',
    (pack) => ({
      ...pack,
      signatures: pack.signatures.map((signature, at) => (at === 1 ? new Uint8Array(65) : signature)),
    }),
  ],
  [
    'a signature stands under another entry',
    'signatures',
    'E_VERDICT_SIGNATURE',
    (pack) => ({ ...pack, signatures: [...pack.signatures].reverse() }),
  ],
  [
    'a header is altered',
    'entries',
    'E_VERDICT_DIGEST',
    (pack) => ({
      ...pack,
      headers: pack.headers.map((block, at) => {
        if (at !== 2) return block
        return encodeBlock({ ...decodeHeader(block.bytes), to: 3 * DAY + 1 })
      }),
    }),
  ],
  [
    'an entry is moved in the log',
    'inclusion',
    'E_VERDICT_INCLUSION',
    (pack) => ({ ...pack, inclusion: { ...pack.inclusion, indexes: [1, 3, 4] } }),
  ],
  ['a proof is left out', 'proofs', 'E_VERDICT_PROOF_MISSING', (pack) => ({ ...pack, proofs: pack.proofs.slice(1) })],
  [
    'a proof is given twice',
    'proofs',
    'E_VERDICT_PROOF_UNUSED',
    (pack) => ({ ...pack, proofs: [...pack.proofs, pack.proofs[2] as (typeof pack.proofs)[number]] }),
  ],
  [
    'a quantity in a proof is altered',
    'proofs',
    'E_PROOF_ROOT',
    (pack) => ({
      ...pack,
      proofs: pack.proofs.map((item, at) => {
        if (at !== 1) return item
        const proof = item.proof.slice()
        // The last byte but the hash of a pruned or whole root is its seconds; its sums are just before.
        proof[proof.length - 41] = (proof[proof.length - 41] as number) ^ 1
        return { ...item, proof }
      }),
    }),
  ],
]

test.each(LIES)('%s: caught at step %s with %s', (_why, step, code, lie) => {
  const plant = threeDays()
  const honest = plant.answer({ types: ELECTRICITY, from: 0, to: 3 * DAY, mode: 'total' })
  expect(checkPackage(honest, plant.chain(honest)).status).toBe('verified')
  const told = lie(honest, plant)
  const verdict = checkPackage(told, plant.chain(told))
  expect(verdict.status).toBe('failed')
  expect(failing(verdict)).toContainEqual([step, code])
})

test('S9 offline, the signed checkpoint binds the root; another root under it, or a broken signature, fails', () => {
  const plant = threeDays()
  const pack = plant.answer({ types: ELECTRICITY, from: 0, to: DAY, mode: 'total' })
  const seed = new Uint8Array(32).fill(3)
  const vkeys = [makeVkey('log.example', ed25519PublicKey(seed))]
  const signed = (root: Uint8Array) => ({
    ...pack,
    checkpoint: signCheckpoint({ origin: 'log.example', size: pack.log.size, root }, seed),
  })
  expect(checkPackage(signed(pack.log.root), undefined, vkeys)).toMatchObject({ status: 'unchecked' })
  expect(lineOf(checkPackage(signed(pack.log.root), undefined, vkeys), 'log')?.values).toMatchObject({
    signers: 'log.example',
  })
  expect(failing(checkPackage(signed(new Uint8Array(32)), undefined, vkeys))).toEqual([['log', 'E_VERDICT_CHECKPOINT']])
  const broken = { ...pack, checkpoint: signed(pack.log.root).checkpoint.replace(/.{8}\n$/, 'AAAAAA==\n') }
  expect(failing(checkPackage(broken, undefined, vkeys)).map(([step]) => step)).toEqual(['log'])
})

test('S13 a batch signed by a key that the registry does not name is refused', () => {
  const plant = threeDays()
  plant.append(quarterHours(3 * DAY), { key: STRANGER_KEY })
  const pack = plant.answer({ types: ELECTRICITY, from: 0, to: DAY, mode: 'total' })
  expect(failing(checkPackage(pack, plant.chain(pack)))).toEqual([['signatures', 'E_VERDICT_SIGNATURE']])
})
