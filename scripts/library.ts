/**
 * Writes accounting/src/library from the YAML files of accounting/{methodologies,allocation,factors,checks}: `node scripts/library.ts`; with
 * `--check` it only compares, and exits 1 where the library is not what the files say.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readChecks, readFactors, readMethodology } from '../accounting/src/index.ts'

const accounting = join(import.meta.dirname, '..', 'accounting')
/** Where the library is. */
export const LIBRARY_FOLDER = join(accounting, 'src', 'library')
const HEAD = '// Made by `npm run library` from accounting/{methodologies,allocation,factors,checks}; do not edit.\n'

const FOLDERS = ['methodologies', 'allocation', 'factors', 'checks'] as const

/** The files of the library, by name, as the YAML says them. */
export function renderLibrary(): ReadonlyMap<string, string> {
  const items = FOLDERS.flatMap((folder) =>
    readdirSync(join(accounting, folder))
      .sort()
      .map((name) => itemOf(folder, readFileSync(join(accounting, folder, name), 'utf8'))),
  )
  const catalogue = items.map(({ item }) => item)
  const loaders = items.map(
    ({ item, file }) =>
      `  '${item.id}@${item.version}': () => import('./documents/${file}', { with: { type: 'json' } }),\n`,
  )
  return new Map([
    ['catalogue.json', `${JSON.stringify(catalogue, null, 2)}\n`],
    [
      'loaders.ts',
      `${HEAD}
/** How each document is loaded, by id and version. */
export const LOADERS: Readonly<
  Record<string, () => Promise<{ readonly default: { readonly yaml: string; readonly document: unknown } }>>
> = {
${loaders.join('')}}
`,
    ],
    ...items.map(
      ({ file, yaml, document }) => [`documents/${file}`, `${JSON.stringify({ yaml, document })}\n`] as const,
    ),
  ])
}

function itemOf(folder: (typeof FOLDERS)[number], yaml: string) {
  const document: unknown = parse(yaml, { schema: 'failsafe' })
  const made =
    folder === 'factors'
      ? readFactors(document)
      : folder === 'checks'
        ? readChecks(document)
        : readMethodology(document)
  const { id, version, name, cid } = made
  const own = 'sector' in made ? { sector: made.sector } : {}
  const used = 'parameters' in made ? made.parameters.flatMap(({ factor }) => factor?.set ?? []) : []
  const kind = folder === 'methodologies' ? 'methodology' : folder
  const item = { id, version, kind, cid: cid.toString(), ...own, name, sets: [...new Set(used)].sort() }
  return { item, file: `${id}-${version}.json`, yaml, document }
}

if (import.meta.main) {
  const files = renderLibrary()
  if (!process.argv.includes('--check')) {
    rmSync(join(LIBRARY_FOLDER, 'documents'), { recursive: true, force: true })
    mkdirSync(join(LIBRARY_FOLDER, 'documents'), { recursive: true })
    for (const [name, text] of files) writeFileSync(join(LIBRARY_FOLDER, name), text)
  } else
    for (const [name, text] of files)
      if (readFileSync(join(LIBRARY_FOLDER, name), 'utf8') !== text) {
        console.error(`accounting/src/library/${name} is not what the YAML says. Run: npm run library`)
        process.exit(1)
      }
}
