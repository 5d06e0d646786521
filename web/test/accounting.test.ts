import { join } from 'node:path'
import { build, type Rolldown } from 'vite'
import { afterAll, expect, test } from 'vitest'
import { figures } from './accounting-figures.ts'
import { closeBrowser, openWindow } from './browser.ts'

afterAll(closeBrowser)

/** The figures' code as one script, with all that it imports. */
async function script(): Promise<string> {
  const entry = join(import.meta.dirname, 'accounting-figures.ts')
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry, formats: ['iife'], name: 'accounting' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput[]
  const [chunk, ...more] = built.flatMap(({ output }) => output).filter(({ type }) => type === 'chunk')
  if (chunk?.type !== 'chunk' || more.length > 0) throw new Error('the script is not one chunk')
  return chunk.code
}

test('S15 methodologies, traces and seeded draws are the same to the last digit in the browser', async () => {
  const [code, here] = await Promise.all([script(), figures()])
  const window = await openWindow({ url: 'http://localhost' })
  const there = await window.page.evaluate<readonly string[]>(`${code}\naccounting.figures()`)
  await window.close()
  expect(here.length).toBeGreaterThan(20)
  expect(here.filter((line) => line.includes(' false '))).toEqual([])
  expect(there).toEqual(here)
})
