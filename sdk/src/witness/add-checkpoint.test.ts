import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkEquivocation,
  createLog,
  EMPTY_ROOT,
  ed25519PublicKey,
  type Log,
  makeCosignerVkey,
  makeVkey,
  openCheckpoint,
  signCheckpoint,
} from '@tanlian/evidence'
import fc from 'fast-check'
import { base64pad } from 'multiformats/bases/base64'
import { expect, test } from 'vitest'
import { openClient } from '../client.ts'
import { addCheckpoint } from './add-checkpoint.ts'
import { openRaiser } from './raise.ts'
import { openOtherLogs } from './record.ts'

/* The rules of C2SP tlog-witness, by its statuses. */

const logKey = new Uint8Array(32).fill(1)
const privateKey = new Uint8Array(32).fill(2)
const origin = 'log.example/behind'
const vkey = makeVkey(origin, ed25519PublicKey(logKey))
const name = 'witness.example'
const own = makeCosignerVkey(name, ed25519PublicKey(privateKey))
const nobody = openClient({ base: 'http://127.0.0.1:9', tries: 1 })

async function witness(folder?: string) {
  const place = folder ?? (await mkdtemp(join(tmpdir(), 'tanlian-add-')))
  const raiser = await openRaiser(place, nobody)
  const hand = { name, privateKey, clock: () => 1_790_000_000_000, convicted: raiser.convicted }
  const logs = await openOtherLogs(place, [vkey], hand)
  const post = (text: string) => addCheckpoint(logs, new TextEncoder().encode(text), raiser.keep)
  const ask = (from: number, path: readonly Uint8Array[], note: string) =>
    post(`old ${from}\n${path.map((hash) => `${base64pad.baseEncode(hash)}\n`).join('')}\n${note}`)
  return { place, raiser, post, ask, record: logs[0]?.record }
}

function logOf(...fills: number[]): Log {
  const log = createLog()
  for (const fill of fills) log.append(new Uint8Array(32).fill(fill))
  return log
}
const sign = (size: number, root: Uint8Array, key = logKey, by = origin) =>
  signCheckpoint({ origin: by, size, root }, key)
const noteOf = (log: Log, size = log.size) => sign(size, log.root(size))

test('200: from nothing without a proof, then each step with one; the line is a cosignature of the checkpoint', async () => {
  const { ask, place } = await witness()
  const log = logOf(1, 2, 3, 4, 5)
  const first = await ask(0, [], noteOf(log, 3))
  if (first.status !== 200) throw new Error(first.why)
  expect(openCheckpoint(noteOf(log, 3) + first.lines, [vkey, own])).toMatchObject({
    ok: true,
    cosigners: [{ name, timeS: 1_790_000_000 }],
  })
  expect(await ask(3, log.consistency(3, 5), noteOf(log))).toMatchObject({ status: 200 })
  // The same size again is signed again; so is it after a restart.
  expect(await ask(5, [], noteOf(log))).toMatchObject({ status: 200 })
  expect(await (await witness(place)).ask(5, [], noteOf(log))).toMatchObject({ status: 200 })
})

test('an empty log has the one root that it can have', async () => {
  const { ask } = await witness()
  expect(await ask(0, [], sign(0, new Uint8Array(32)))).toMatchObject({ status: 422 })
  expect(await ask(0, [], sign(0, EMPTY_ROOT))).toMatchObject({ status: 200 })
  expect(await ask(0, [], noteOf(logOf(1)))).toMatchObject({ status: 200 })
})

test('404 for a log that is not known, 403 where none of its known keys signed', async () => {
  const { ask } = await witness()
  const log = logOf(1)
  expect(await ask(0, [], sign(1, log.root(), logKey, 'other.example'))).toMatchObject({ status: 404 })
  expect(await ask(0, [], sign(1, log.root(), new Uint8Array(32).fill(9)))).toMatchObject({ status: 403 })
  const changed = noteOf(log).replace(/[A-Z](.{20})\n$/, (line) => (line[0] === 'A' ? 'B' : 'A') + line.slice(1))
  expect(await ask(0, [], changed)).toMatchObject({ status: 403 })
  // Signatures of strangers beside the log's own are passed over.
  const stranger = sign(1, log.root(), new Uint8Array(32).fill(9)).split('\n\n')[1] ?? ''
  expect(await ask(0, [], noteOf(log) + stranger)).toMatchObject({ status: 200 })
})

test('409 with the last size where the old size is another', async () => {
  const { ask } = await witness()
  const log = logOf(1, 2, 3)
  await ask(0, [], noteOf(log, 2))
  expect(await ask(0, [], noteOf(log))).toMatchObject({ status: 409, size: 2 })
  expect(await ask(1, log.consistency(1, 3), noteOf(log))).toMatchObject({ status: 409, size: 2 })
  expect(await ask(1, [], noteOf(log, 1))).toMatchObject({ status: 409, size: 2 })
})

test('422 where the proof is missing, has a hash too many or another one, or where there is nothing to prove', async () => {
  const { ask } = await witness()
  const log = logOf(1, 2, 3, 4, 5)
  expect(await ask(0, [EMPTY_ROOT], noteOf(log, 3))).toMatchObject({ status: 422 })
  await ask(0, [], noteOf(log, 3))
  const path = log.consistency(3, 5)
  for (const wrong of [[], [...path, EMPTY_ROOT], path.slice(1), path.toReversed(), [EMPTY_ROOT, ...path.slice(1)]])
    expect(await ask(3, wrong, noteOf(log))).toMatchObject({ status: 422 })
  const other = logOf(1, 2, 9, 4, 5)
  expect(await ask(3, other.consistency(3, 5), noteOf(other))).toMatchObject({ status: 422 })
  expect(await ask(3, [EMPTY_ROOT], noteOf(log, 3))).toMatchObject({ status: 422 })
  expect(await ask(3, path, noteOf(log))).toMatchObject({ status: 200 })
})

test('400 for what is not of the form', async () => {
  const { post, ask } = await witness()
  const log = logOf(1, 2)
  const note = noteOf(log)
  const hash = base64pad.baseEncode(EMPTY_ROOT)
  for (const text of [
    '',
    note,
    `old 0\n${note}`,
    `old\n\n${note}`,
    `old -1\n\n${note}`,
    `old 00\n\n${note}`,
    `old 1 \n\n${note}`,
    `Old 0\n\n${note}`,
    `old 9007199254740992\n\n${note}`,
    `old 1\r\n\r\n${note}`,
    `old 1\n${hash.slice(1)}\n\n${note}`,
    `old 1\n${hash.slice(0, -2)}F=\n\n${note}`,
    `old 1\n${`${hash}\n`.repeat(64)}\n${note}`,
    `old 0\n\n${note.slice(0, -1)}`,
    `old 0\n\n${origin}\n\n`,
  ])
    expect(await post(text), JSON.stringify(text.slice(0, 30))).toMatchObject({ status: 400 })
  expect(await ask(3, [], note)).toMatchObject({ status: 400 })
})

test('S9 two roots for one size: 409, a proof on the disk that anybody can check, and nothing of that log is cosigned ever after', async () => {
  const { place, ask, raiser } = await witness()
  const [log, fork] = [logOf(1, 2, 3, 4), logOf(1, 9, 3)]
  await ask(0, [], noteOf(log, 3))
  expect(await ask(0, [], noteOf(fork))).toMatchObject({ status: 409, size: 3 })
  const [proof] = [...raiser.proofs.values()]
  expect(checkEquivocation(proof?.bytes ?? new Uint8Array())).toMatchObject({ ok: true, vkey, sizes: [3, 3] })
  expect(await readdir(join(place, 'equivocations'))).toEqual([`${proof?.cid}.cbor`])
  // Not even what would have been right; not after a restart.
  expect(await ask(3, log.consistency(3, 4), noteOf(log))).toMatchObject({ status: 403 })
  expect(await (await witness(place)).ask(3, log.consistency(3, 4), noteOf(log))).toMatchObject({ status: 403 })
})

test('of requests at once for different sizes exactly one is signed from the same old size', async () => {
  const { ask, record } = await witness()
  const log = logOf(...Array.from({ length: 20 }, (_, at) => at))
  await ask(0, [], noteOf(log, 5))
  const answers = await Promise.all(
    Array.from({ length: 15 }, (_, at) => ask(5, log.consistency(5, at + 6), noteOf(log, at + 6))),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(14)
  expect(record?.last?.size).toBe(6)
})

test('whatever order requests of two histories come in, no size is ever cosigned with two roots, and sizes never fall', async () => {
  const logs = [logOf(1, 2, 3, 4, 5, 6), logOf(1, 2, 3, 7, 5, 6)] as const
  const request = fc.record({ which: fc.nat(1), from: fc.nat(6), size: fc.integer({ min: 1, max: 6 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
      const { ask } = await witness()
      const signed: { size: number; root: string }[] = []
      for (const { which, from, size } of requests) {
        const log = logs[which] as Log
        const path = from >= 1 && from <= size ? log.consistency(from, size) : []
        const { status } = await ask(from, path, noteOf(log, size))
        if (status === 200) signed.push({ size, root: String(log.root(size)) })
      }
      for (const [at, { size, root }] of signed.entries())
        for (const later of signed.slice(at + 1)) {
          expect(later.size).toBeGreaterThanOrEqual(size)
          if (later.size === size) expect(later.root).toBe(root)
        }
    }),
    { numRuns: 20 },
  )
})
