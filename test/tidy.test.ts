import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((name) => name !== '' && existsSync(join(root, name)))
const code = tracked.filter((name) => /\.(ts|tsx|sol|css)$/.test(name) && name !== 'test/tidy.test.ts')
const text = (name: string) => readFileSync(join(root, name), 'utf8')

test('nothing is left for later in code', () => {
  const left = new RegExp(`\\b(${['TO', 'DO'].join('')}|FIX${'ME'}|XXX|HA${'CK'})\\b|not implemented`)
  expect(code.filter((name) => left.test(text(name)))).toEqual([])
})

test('no test is left out or left alone', () => {
  const tests = code.filter((name) => /\.test\.tsx?$/.test(name))
  expect(tests.length).toBeGreaterThan(10)
  expect(tests.filter((name) => /\b(test|it|describe)\.(only|skip|todo|fails)\(/.test(text(name)))).toEqual([])
})

test('no type or lint check is switched off', () => {
  expect(
    code.filter((name) => /@ts-(ignore|nocheck|expect-error)|biome-ignore|eslint-disable/.test(text(name))),
  ).toEqual([])
})

test('no file is heavier than 2 MB', () => {
  expect(tracked.filter((name) => statSync(join(root, name)).size > 2_000_000)).toEqual([])
})

test('every link of a page in the repository leads somewhere', () => {
  const broken = tracked
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) =>
      [...text(name).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map((match) => match[1] as string)
        .filter((target) => !existsSync(join(root, dirname(name), target)))
        .map((target) => `${name} → ${target}`),
    )
  expect(broken).toEqual([])
})

test('every path that the pages for readers of the code name is there', () => {
  const gone = [
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'README.md',
    ...tracked.filter((name) => /^docs\/operating\//.test(name)),
  ].flatMap((page) =>
    [
      ...text(page).matchAll(
        /`((?:units|evidence|accounting|registry|sdk|gateway|platform|cli|web|data|test|bench|docs|scripts)\/[\w./-]+)`/g,
      ),
    ]
      .map((match) => match[1] as string)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page} → ${path}`),
  )
  expect(gone).toEqual([])
})

test('every set of data says where it is from and under which licence', () => {
  const folders = new Set(tracked.flatMap((name) => name.match(/^data\/([^/]+)\//)?.[1] ?? []))
  expect(folders.size).toBeGreaterThan(4)
  for (const folder of folders) {
    const readme = text(`data/${folder}/README.md`)
    expect(readme, folder).toMatch(/\*\*Origin\.\*\*/)
    expect(readme, folder).toMatch(/\*\*Licence\.\*\*/)
  }
})
