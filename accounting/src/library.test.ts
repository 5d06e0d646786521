import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBlock } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { LIBRARY_FOLDER, renderLibrary } from '../../scripts/library.ts'
import { LIBRARY, loadLibrary, loadProgram } from './library.ts'

test('the library is what the YAML says', () => {
  for (const [name, text] of renderLibrary()) expect(readFileSync(join(LIBRARY_FOLDER, name), 'utf8'), name).toBe(text)
})

test('every document of the list loads by id, version and CID, and is the one that its CID names', async () => {
  expect(LIBRARY.length).toBeGreaterThan(20)
  for (const item of LIBRARY) {
    const { document, item: found } = await loadLibrary(item.cid)
    expect(found).toEqual(item)
    expect(encodeBlock(document).cid.toString()).toBe(item.cid)
    expect((await loadLibrary(item.id)).item.id).toBe(item.id)
  }
})

test('every methodology of the list is compiled with the sets that it names', async () => {
  for (const { id, kind } of LIBRARY)
    if (kind === 'methodology' || kind === 'allocation') expect((await loadProgram(id)).methodology.id).toBe(id)
})

test('what the library does not have is refused by name', async () => {
  await expect(loadLibrary('cn.unicorns')).rejects.toMatchObject({ code: 'E_LIBRARY_MISSING' })
})
