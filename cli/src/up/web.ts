import { spawn } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const BUILT = join(ROOT, 'web', 'dist')
/** What the pages are made from: a change in any of it makes them old. */
const SOURCES = [
  'web/src',
  'web/public',
  'web/index.html',
  'web/check.html',
  'web/package.json',
  'web/vite.config.ts',
  'sdk/src',
  'evidence/src',
  'units/src',
]
const BUILD_LIMIT_MS = 180_000

/** The folder of the built pages; builds them where they are missing or older than what they are made from. */
export async function buildPages(
  onBuild: () => void,
): Promise<{ readonly folder: string | undefined; readonly built: boolean; readonly problem?: string }> {
  const built = await modified(join(BUILT, 'index.html'))
  let newest = 0
  for (const source of SOURCES) newest = Math.max(newest, await newestBelow(join(ROOT, source)))
  if (built >= newest && built > 0) return { folder: BUILT, built: false }
  onBuild()
  // The app first: it empties the folder that the check page is then added to.
  const problem = (await runVite([])) ?? (await runVite(['--mode', 'check']))
  if (problem === undefined) return { folder: BUILT, built: true }
  // Older pages are better than none; without any the API still serves.
  return { folder: built > 0 ? BUILT : undefined, built: false, problem }
}

function runVite(flags: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error', ...flags],
      {
        cwd: join(ROOT, 'web'),
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    const parts: string[] = []
    child.stderr.on('data', (part: Buffer) => parts.push(part.toString('utf8')))
    const timer = setTimeout(() => child.kill('SIGKILL'), BUILD_LIMIT_MS)
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve(
        code === 0
          ? undefined
          : parts.join('').trim().split('\n').slice(-5).join('\n') || `vite ended with code ${code}`,
      )
    })
  })
}

async function newestBelow(path: string): Promise<number> {
  let newest = await modified(path)
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => [])
  for (const entry of entries)
    if (entry.isFile()) newest = Math.max(newest, await modified(join(entry.parentPath, entry.name)))
  return newest
}

async function modified(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs
  } catch {
    return 0
  }
}
