import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { expect, test } from 'vitest'

/** The arrows of ARCHITECTURE.md: which of our packages each package may import. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  units: [],
  evidence: ['units'],
  accounting: ['units', 'evidence'],
  registry: ['units', 'evidence'],
  platform: ['units', 'evidence', 'accounting', 'registry'],
  sdk: ['units', 'evidence'],
  gateway: ['units', 'evidence', 'sdk'],
  cli: ['sdk', 'units', 'evidence', 'accounting'],
  web: ['sdk', 'units', 'evidence', 'accounting'],
}
/** The core takes clock, randomness, files and network as arguments. */
const PURE = ['units', 'evidence', 'accounting']

const root = join(import.meta.dirname, '..')

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules') && !name.includes(`${sep}dist${sep}`))
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((match) => match[1] as string)
}

test('no import points against the arrows of ARCHITECTURE.md', () => {
  const against: string[] = []
  let seen = 0
  for (const [name, allowed] of Object.entries(ARROWS))
    for (const file of sources(`${name}/src`))
      for (const target of importsOf(file)) {
        seen++
        const own = target.match(/^@tanlian\/([a-z]+)/)?.[1]
        if (own !== undefined && own !== name && !allowed.includes(own)) against.push(`${file} imports ${target}`)
        if (
          target.startsWith('../../') &&
          Object.keys(ARROWS).some((other) => other !== name && target.includes(`/${other}/src`))
        )
          against.push(`${file} imports ${target}`)
      }
  expect(seen).toBeGreaterThan(100)
  expect(against).toEqual([])
})

test('the declared dependencies are the arrows', () => {
  for (const [name, allowed] of Object.entries(ARROWS)) {
    const manifest = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>
    }
    const own = Object.keys(manifest.dependencies ?? {}).flatMap(
      (item) => item.match(/^@tanlian\/([a-z]+)$/)?.[1] ?? [],
    )
    expect(new Set(own), name).toEqual(new Set(allowed))
  }
})

test('the core imports nothing of Node', () => {
  const impure = PURE.flatMap((name) =>
    sources(`${name}/src`)
      .filter((file) => !file.endsWith('.test.ts'))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => target.startsWith('node:'))
          .map((target) => `${file} imports ${target}`),
      ),
  )
  expect(impure).toEqual([])
})
