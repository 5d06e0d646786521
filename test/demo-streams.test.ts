import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { DEMO_PARTIES, type DemoParty } from '../cli/src/demo/parties.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => parse(readFileSync(join(ROOT, path), 'utf8'))

type Point = number | { readonly stream: number }
interface PlantFile {
  readonly devices: readonly { readonly points: Readonly<Record<string, Point>> }[]
  readonly derived?: readonly { readonly stream: number }[]
}

/** Streams of the tables that a party imports, and of its live plant, each with who numbers it so. */
function numbered({ imports, plant }: DemoParty): [stream: number, by: string][] {
  const tables = imports.flatMap(({ mapping }) =>
    (read(join('data', mapping)).columns as { stream: number }[]).map(({ stream }): [number, string] => [
      stream,
      mapping,
    ]),
  )
  if (plant === undefined) return tables
  const file = `gateway/simulator/plants/${plant}.yaml`
  const { devices, derived = [] } = read(file) as PlantFile
  const points = devices.flatMap((device) => Object.values(device.points))
  const live = [
    ...points.map((point) => (typeof point === 'number' ? point : point.stream)),
    ...derived.map((one) => one.stream),
  ]
  return [...tables, ...live.map((stream): [number, string] => [stream, file])]
}

// A stream never changes what it is: a second use of a number would be refused for as long as the demo runs.
test.each(DEMO_PARTIES.filter(({ kind }) => kind === 'enterprise'))(
  'in the demo, $name gives each stream a number of its own',
  (party) => {
    const all = numbered(party)
    expect(all.length).toBeGreaterThan(0)
    const twice = all.filter(([stream], at) => all.findIndex(([other]) => other === stream) < at)
    expect(twice).toEqual([])
  },
)
