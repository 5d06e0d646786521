import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockFile } from './files.ts'

test('R27 a lock is waited for while its process may end, taken over once it is gone, and refused while it lives', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'tanlian-lock-')), 'lock')
  const holder = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 60_000)'])
  await writeFile(path, String(holder.pid))
  await expect(lockFile(path)).rejects.toThrow(expect.objectContaining({ code: 'E_FILE_LOCKED' }))
  const waiting = lockFile(path, 20_000)
  holder.kill('SIGKILL')
  const unlock = await waiting
  await unlock()
  await (await lockFile(path))()
})
