import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { sha256 } from '@noble/hashes/sha2.js'
import {
  createLog,
  decodeDocument,
  ed25519PublicKey,
  fromHex,
  makeVkey,
  readAuditContent,
  signCheckpoint,
  toHex,
} from '@tanlian/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepKey } from '../cli/src/keys.ts'
import { createRandom } from '../gateway/simulator/random.ts'
import { ask } from '../platform/test/ask.ts'
import { startWitnessedPlatform, type WitnessedPlatform } from './witness-parts.ts'

/** `npm run test:long` sets 30. */
const ROUNDS = Number(process.env.WITNESS_ROUNDS ?? 2)
const SEED = Number(process.env.SEED ?? 1)
const PASSPHRASE = 'a test’s own'
const MAIN = join(import.meta.dirname, '..', 'cli', 'src', 'main.ts')

let there: WitnessedPlatform
let folder = ''
let running: ChildProcess | undefined
beforeAll(async () => {
  there = await startWitnessedPlatform()
  folder = await mkdtemp(join(tmpdir(), 'tanlian-witness-kill-'))
  await keepKey(join(folder, 'home'), 'verifier', 'documents', there.verifier.documents, PASSPHRASE, 4096)
  await writeFile(join(folder, 'passphrase'), PASSPHRASE)
}, 120_000)
afterAll(async () => {
  running?.kill('SIGKILL')
  await there?.platform.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

test(
  `R28 S29 ${ROUNDS} rounds of SIGKILL to a witness while batches come: each batch is held by exactly one of its documents`,
  async () => {
    const random = createRandom(SEED)
    await there.grow(20)
    for (let round = 0; round < ROUNDS; round++) {
      const witness = start()
      const [, tail] = await Promise.all([witness.begun, there.grow(10)])
      expect(tail).toBeUndefined()
      await pause(random.next() * 1500)
      witness.child.kill('SIGKILL')
      await witness.ended
    }
    const last = start()
    await last.through
    last.child.kill('SIGTERM')
    expect(await last.ended).toBe(0)

    // R27: nothing was ever signed for a place that something else holds.
    const kept = await readdir(join(folder, 'home', 'outbox'), { recursive: true })
    expect(kept.filter((name) => /abandoned|\.signed$/.test(name))).toEqual([])
    const held = await heldDigests()
    expect(held.sort()).toEqual(there.batches.map(({ entry }) => toHex(entry.digest)).sort())
  },
  120_000 + ROUNDS * 30_000,
)

test(
  `S9 ${ROUNDS} rounds of SIGKILL while another log shows two histories: no size is ever cosigned with two roots, and none after a greater one`,
  async () => {
    const random = createRandom(SEED + 1)
    const key = new Uint8Array(32).fill(7)
    const origin = 'other.example/log'
    const logs = join(folder, 'logs.txt')
    await writeFile(logs, `# of another operator\n${makeVkey(origin, ed25519PublicKey(key))}\n`)
    // Both histories grow by one entry a request; only until they part may either be signed.
    const histories = [createLog(), createLog()] as const
    for (let at = 0; at < 4000; at++)
      for (const [which, log] of histories.entries())
        log.append(sha256(Uint8Array.of(at >> 8, at & 255, at < 5 ? 0 : which)))
    const signed: { readonly size: number; readonly root: string }[] = []
    let size = 0
    const submit = async (url: string, which: 0 | 1, from: number, to: number) => {
      const log = histories[which]
      const path =
        from === 0 ? [] : log.consistency(from, to).map((hash) => `${Buffer.from(hash).toString('base64')}\n`)
      const note = signCheckpoint({ origin, size: to, root: log.root(to) }, key)
      const body = `old ${from}\n${path.join('')}\n${note}`
      const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body })
      const text = await answer.text()
      if (answer.status === 200) signed.push({ size: to, root: toHex(log.root(to)) })
      if (answer.status === 200) size = Math.max(size, to)
      if (answer.status === 409) size = Number(text)
      return answer.status
    }
    for (let round = 0; round <= ROUNDS; round++) {
      const witness = start(['--listen', '0', '--logs', logs])
      const url = await witness.listening
      const until = Date.now() + 300 + random.next() * 700
      const asking = (async () => {
        for (let step = 0; Date.now() < until + 200; step++) {
          const [from, to] = [size, Math.min(4000, size + 1 + Math.floor(random.next() * 3))]
          // Two at once, of which one is of the other history or of another size.
          await Promise.all([
            submit(url, 0, from, to),
            submit(url, step % 7 === 6 ? 1 : 0, from, Math.min(4000, to + 1)),
          ])
        }
      })().catch(() => undefined)
      await pause(until - Date.now())
      witness.child.kill('SIGKILL')
      await Promise.all([witness.ended, asking])
    }
    expect(signed.length).toBeGreaterThan(2)
    const roots = new Map<number, string>()
    for (const one of signed) expect(roots.get(one.size) ?? one.root).toBe(roots.set(one.size, one.root).get(one.size))
    // What was answered last stands on the disk: a start goes on from there.
    const last = start(['--listen', '0', '--logs', logs])
    const answer = await fetch(`${await last.listening}/add-checkpoint`, {
      method: 'POST',
      body: `old 0\n\n${signCheckpoint({ origin, size: 4000, root: histories[0].root() }, key)}`,
    })
    expect([409, 403]).toContain(answer.status)
    if (answer.status === 409) expect(Number(await answer.text())).toBeGreaterThanOrEqual(Math.max(...roots.keys()))
    last.child.kill('SIGTERM')
    await last.ended
  },
  120_000 + ROUNDS * 30_000,
)

/** The witness as a person starts it. */
function start(more: readonly string[] = []) {
  const { platform } = there
  const { contracts, publicRpc } = platform.instance.chain
  const flags = {
    ...{ data: join(folder, 'data'), home: join(folder, 'home'), url: platform.url },
    ...{ rpc: publicRpc ?? '', log: contracts.EvidenceLog, every: '0', poll: '1' },
  }
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const env = { ...process.env, TANLIAN_LANG: 'en', TANLIAN_PASSPHRASE_FILE: join(folder, 'passphrase') }
  const child = spawn(process.execPath, [MAIN, 'witness', 'verifier', '--jsonl', ...words, ...more], { env })
  running = child
  let said = ''
  child.stderr.on('data', (part) => {
    said = (said + String(part)).slice(-4000)
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const lines = createInterface({ input: child.stdout })
  const status = (wanted: (now: Record<string, unknown>) => boolean) =>
    new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        if (wanted(JSON.parse(line))) resolve()
      })
      child.once('close', () => reject(new Error(`the witness ended: ${said}`)))
    })
  const begun = status(() => true)
  const through = status(
    ({ size, waiting, findings }) =>
      Number(size) >= there.platform.instance.log.size && waiting === 0 && findings === 0,
  )
  const listening = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      if (line.includes('listening') && url !== undefined) resolve(url)
    })
    child.once('close', () => reject(new Error(`the witness ended: ${said}`)))
  })
  for (const one of [begun, through, listening]) one.catch(() => undefined)
  return { child, ended, begun, through, listening }
}

/** Digests that the verifier's audit documents hold, each as often as one does. */
async function heldDigests(): Promise<string[]> {
  const { json } = await ask(there.platform, 'GET', '/v1/documents?kind=audit&limit=500')
  const digests: string[] = []
  for (const { digest } of json.items) {
    const bytes = (await there.platform.instance.blocks.get(fromHex(digest))) as Uint8Array
    digests.push(...readAuditContent(decodeDocument(bytes).content).held.map(toHex))
  }
  return digests
}
