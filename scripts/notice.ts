import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/*
 * Writes NOTICE: every library that runs in the product or is shipped to a browser, with its licence, and the fonts and data with
 * theirs. `--check` compares instead. Read from package-lock.json, so it needs nothing but the repository.
 */

const root = join(import.meta.dirname, '..')

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The text of NOTICE as it should be. */
export function notice(): string {
  const libraries = runtimeLibraries()
  const lines = libraries.map(({ name, version, license }) => `${name} ${version} — ${license}`)
  return `Tanlian 碳链
Copyright 2026 the Tanlian authors. Apache License, Version 2.0 (see LICENSE).
Written by \`npm run notice\`; held to package-lock.json and data/ by test/notice.test.ts.

Data
${dataSets().join('\n')}

Fonts
platform/fonts/NotoSansSC.otf: Noto Sans SC, cut to GB/T 2312, for printed reports — SIL OFL 1.1 (platform/fonts/OFL.txt), © 2014-2021 Adobe.
Pages use the reader's own fonts (Noto Sans SC where installed); the browser tests use Debian's fonts-noto-cjk (SIL OFL 1.1).

Libraries at run time
${lines.join('\n')}
`
}

/** Libraries reachable from the packages' own dependencies, without development. */
export function runtimeLibraries(): { name: string; version: string; license: string }[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
  return Object.entries(lock.packages)
    .filter(
      ([path, item]) =>
        path.includes('node_modules/') && item.link !== true && item.dev !== true && item.devOptional !== true,
    )
    .map(([path, item]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: item.version ?? '',
      license: item.license ?? licenseOf(path),
    }))
    .filter(
      (item, at, all) => all.findIndex((other) => other.name === item.name && other.version === item.version) === at,
    )
    .sort((a, b) => (a.name === b.name ? a.version.localeCompare(b.version) : a.name < b.name ? -1 : 1))
}

function licenseOf(path: string): string {
  const manifest = join(root, path, 'package.json')
  if (!existsSync(manifest)) return 'unknown'
  const { license, licenses } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    license?: string | { type: string }
    licenses?: { type: string }[]
  }
  return typeof license === 'string'
    ? license
    : (license?.type ?? licenses?.map((item) => item.type).join(' OR ') ?? licenseFile(path))
}

/** By the first words of the licence itself, where the manifest names none. */
function licenseFile(path: string): string {
  const file = join(root, path, 'LICENSE')
  return existsSync(file) && /^MIT License\b/.test(readFileSync(file, 'utf8')) ? 'MIT' : 'unknown'
}

function dataSets(): string[] {
  return readdirSync(join(root, 'data'), { withFileTypes: true })
    .filter((item) => item.isDirectory())
    .map(({ name }) => {
      const readme = readFileSync(join(root, 'data', name, 'README.md'), 'utf8')
      const title = readme.match(/^# (.*)$/m)?.[1] ?? name
      const license = readme.match(/\*\*Licence\.\*\* (.*)$/m)?.[1] ?? 'unknown'
      return `data/${name}: ${title} — ${license}`
    })
    .sort()
}

if (import.meta.main) {
  const file = join(root, 'NOTICE')
  if (!process.argv.includes('--check')) writeFileSync(file, notice())
  else if (readFileSync(file, 'utf8') !== notice()) {
    console.error('NOTICE is not what package-lock.json and data/ say: run `npm run notice`')
    process.exit(1)
  }
}
