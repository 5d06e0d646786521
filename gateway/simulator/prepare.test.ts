import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readModels } from '../src/model.ts'
import { readPlant } from '../src/plant.ts'
import { preparePlant } from './prepare.ts'

test('a prepared plant keeps each type as it was told, digits and all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tanlian-prepare-'))
  try {
    const given = { plant: 'power-station', folder, organization: 4, platform: 'http://localhost:1' } as const
    const file = await preparePlant({ ...given, port: async () => 5020, privacy: { all: 'shared', '04': 'open' } })
    const models = await readModels(join(import.meta.dirname, '../devices'))
    const { privacy } = readPlant(await readFile(file, 'utf8'), models, folder)
    expect(privacy).toEqual([
      { prefix: new Uint8Array(0), mode: 'shared' },
      { prefix: new Uint8Array([4]), mode: 'open' },
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
