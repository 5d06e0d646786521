import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestClient, http } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startNode } from './node.ts'
import { processCommand } from './process.ts'
import { freePort } from './testing/port.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tanlian-node-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function blocks(url: string, mine = 0): Promise<number> {
  const client = createTestClient({ mode: 'anvil', transport: http(url) })
  if (mine > 0) await client.mine({ blocks: mine })
  const number = (await client.request({ method: 'eth_blockNumber' } as never)) as string
  return Number(number)
}

test('a stopped chain comes back with all its blocks, and a second start on the same state is refused', {
  timeout: 20_000,
}, async () => {
  const stateFile = join(folder, 'stop.json')
  const port = await freePort()
  const first = await startNode({ stateFile, port })
  const height = await blocks(first.url, 7)
  await expect(startNode({ stateFile: join(folder, 'other.json'), port })).rejects.toMatchObject({
    code: 'E_NODE_PORT',
  })
  await first.stop()
  expect(await first.ended).toBe(true)
  expect(await processCommand(first.pid)).toBeUndefined()
  const second = await startNode({ stateFile, port })
  expect(await blocks(second.url)).toBe(height)
  await second.stop()
})

test('half a state file, as a kill leaves it, is replaced by the last whole copy', { timeout: 20_000 }, async () => {
  const stateFile = join(folder, 'torn.json')
  const port = await freePort()
  const first = await startNode({ stateFile, port, copyEveryMs: 200 })
  await blocks(first.url, 5)
  const kept = async () => JSON.parse(await readFile(`${stateFile}.kept`, 'utf8')).blocks.length
  await expect.poll(kept, { interval: 100, timeout: 10_000 }).toBe(6)
  const killed = first.ended
  process.kill(first.pid, 'SIGKILL')
  expect(await killed).toBe(false)
  await truncate(stateFile, 1000)
  const second = await startNode({ stateFile, port })
  expect(await blocks(second.url)).toBe(5)
  await second.stop()
})

test('the chain ends, with its state saved, when its parent is killed', { timeout: 20_000 }, async () => {
  const stateFile = join(folder, 'orphan.json')
  const port = await freePort()
  const script = join(folder, 'parent.ts')
  const node = new URL('./node.ts', import.meta.url).href
  await writeFile(
    script,
    `import { startNode } from ${JSON.stringify(node)}
const node = await startNode(${JSON.stringify({ stateFile, port })})
console.log(node.pid)
setInterval(() => undefined, 1000)`,
  )
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (data: Buffer) => resolve(Number(data.toString()))),
  )
  await blocks(`http://127.0.0.1:${port}`, 3)
  await expect(startNode({ stateFile, port })).rejects.toMatchObject({ code: 'E_NODE_IN_USE' })
  parent.kill('SIGKILL')
  // The next start finds it still ending, or gone; either way it waits for it and loses nothing.
  await sleep(100)
  const next = await startNode({ stateFile, port })
  expect(next.pid).not.toBe(pid)
  expect(await processCommand(pid)).toBeUndefined()
  expect(await blocks(next.url)).toBe(3)
  await next.stop()
})
