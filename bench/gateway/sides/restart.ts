import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/*
 * A journal with so many messages pending, left by a process that was killed: prints the milliseconds from the start of the next process to
 * its first acknowledgement, and that process's resident bytes.
 */
const folder = mkdtempSync(join(tmpdir(), 'tanlian-restart-'))
const side = (name: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`), folder, ...args], { encoding: 'utf8' })
side('pending', process.argv[2] ?? '')
const began = performance.now()
const { stdout, stderr, status } = side('reopen')
if (status !== 0) throw new Error(stderr)
const [acknowledged = '', next = '', resident = ''] = stdout.trim().split('\n')
if (Number(next) !== Number(process.argv[2]) + 2) throw new Error(`the journal has ${next} positions`)
console.log(Number(acknowledged) - (performance.timeOrigin + began))
console.log(resident)
rmSync(folder, { recursive: true })
