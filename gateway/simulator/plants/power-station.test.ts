import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeBlock } from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { readModels } from '../../src/model.ts'
import { readPlant } from '../../src/plant.ts'
import { createQuality } from '../../src/quality/stream.ts'
import { textOf } from '../instrument.ts'
import { powerStation } from './power-station.ts'

const T0 = 1_767_225_600

test('the CEMS’s minutes become the CO2 that the burned gas makes, within the scatter of the instruments', async () => {
  const models = await readModels(join(import.meta.dirname, '../../devices'))
  const plant = readPlant(await readFile(join(import.meta.dirname, 'power-station.yaml'), 'utf8'), models)
  const site = await powerStation({ fromS: T0, seed: 7 })
  const cems = site.instruments.find(({ device }) => device === 'cems')
  const quality = createQuality(plant.devices, { ...plant, holdMs: 0 })
  const masses = new Map<number, number>()
  let burned = 0
  for (let minute = 1; minute <= 3 * 60 + 2; minute++) {
    const stamp = T0 + minute * 60
    const samples = cems
      ?.show(stamp)
      .map((shown) => ({ point: shown.point, stamp, value: textOf(shown), flag: 'N' as const }))
    const message = { frame: encodeBlock(stamp).cid, receivedMs: (stamp + 1) * 1000 }
    for (const { reading } of quality.push('cems', samples ?? [], message))
      if (reading.stream === 120) masses.set(reading.start, reading.quantity)
    // The simulator's own truth: load over efficiency, times the carbon of natural gas.
    const load = site.load(stamp)
    if (minute <= 180) burned += (load / (0.3 + 0.0006 * (load - 100))) * 0.0561 * 1e3 * 60
  }
  expect([...masses.keys()]).toEqual([T0, T0 + 3600, T0 + 7200])
  const grams = [...masses.values()].reduce((sum, mass) => sum + mass, 0)
  expect(grams / burned).toBeGreaterThan(0.98)
  expect(grams / burned).toBeLessThan(1.02)
  expect(quality.questions().filter(({ rule }) => rule === 'combustion')).toEqual([])
})
