import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeDocument, fromHex, readAuditContent, toHex } from '@tanlian/evidence'
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

/** The witness as a person starts it. */
function start() {
  const { platform } = there
  const { contracts, publicRpc } = platform.instance.chain
  const flags = {
    ...{ data: join(folder, 'data'), home: join(folder, 'home'), url: platform.url },
    ...{ rpc: publicRpc ?? '', log: contracts.EvidenceLog, every: '0', poll: '1' },
  }
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const env = { ...process.env, TANLIAN_PASSPHRASE_FILE: join(folder, 'passphrase') }
  const child = spawn(process.execPath, [MAIN, 'witness', 'verifier', '--jsonl', ...words], { env })
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
  for (const one of [begun, through]) one.catch(() => undefined)
  return { child, ended, begun, through }
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
