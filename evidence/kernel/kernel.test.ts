import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PLACE } from '../src/hasher.ts'
import { buildKernel, kernelFile, MAX_KERNEL_BYTES } from './build.ts'

test('the committed module is what its source compiles to, small enough for a browser’s main thread', async () => {
  const module = await buildKernel()
  expect(module.length).toBeLessThan(MAX_KERNEL_BYTES)
  expect(readFileSync(new URL('../src/kernel.wasm.ts', import.meta.url), 'utf8')).toBe(kernelFile(module))
}, 60_000)

test('caller and kernel have one map of memory', () => {
  const source = readFileSync(new URL('kernel.ts', import.meta.url), 'utf8')
  const map = Object.fromEntries(
    [...source.matchAll(/^const ([A-Z]+): usize = (0x[0-9a-f]+)/gm)].map(([, name, at]) => [
      name?.toLowerCase(),
      Number(at),
    ]),
  )
  expect(map).toMatchObject(PLACE)
})
