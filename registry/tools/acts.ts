import { readFile, writeFile } from 'node:fs/promises'

const SOURCE = new URL('../src/acts.ts', import.meta.url)
const COPY = new URL('../../sdk/src/acts.generated.ts', import.meta.url)

/** The sdk's copy of the table of acts: the sdk must not import the registry. */
export async function actsForSdk(): Promise<string> {
  const header = '// Generated from registry/src/acts.ts by `node registry/tools/acts.ts`. Change it there.\n'
  return header + (await readFile(SOURCE, 'utf8'))
}

if (import.meta.main) {
  const wanted = await actsForSdk()
  if (process.argv.includes('--check')) {
    const have = await readFile(COPY, 'utf8').catch(() => undefined)
    if (have !== wanted) {
      console.error(
        'sdk/src/acts.generated.ts is not what registry/src/acts.ts makes. Run: node registry/tools/acts.ts',
      )
      process.exit(1)
    }
  } else await writeFile(COPY, wanted)
}
