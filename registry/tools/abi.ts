import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { foundryBinary } from './forge.ts'

// Writes abi/*.json from the compiled contracts; with --check only compares, and ends with 1 where one is out of date.

const CONTRACTS = ['OrganizationRegistry', 'EvidenceLog']
const COMMAND = 'node registry/tools/abi.ts'
const home = join(import.meta.dirname, '..')

interface AbiItem {
  readonly type: string
  readonly name?: string
}

interface Artifact {
  readonly abi: readonly AbiItem[]
  readonly bytecode: { readonly object: string }
}

/** The text of a contract's file: interface by type and name, and the code that a deployment sends. */
function abiText(contract: string): string {
  const file = join(home, 'out', `${contract}.sol`, `${contract}.json`)
  const artifact = JSON.parse(readFileSync(file, 'utf8')) as Artifact
  const place = (item: AbiItem) => `${item.type} ${item.name ?? ''}`
  const abi = artifact.abi.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
  const lines = abi.map((item) => `    ${JSON.stringify(item)}`)
  return [
    '{',
    `  "generated": "by ${COMMAND}; do not edit",`,
    `  "contractName": "${contract}",`,
    `  "abi": [\n${lines.join(',\n')}\n  ],`,
    `  "bytecode": "${artifact.bytecode.object}"`,
    '}\n',
  ].join('\n')
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const built = spawnSync(foundryBinary('forge'), ['build', '--offline', '--skip', 'test'], {
  cwd: home,
  encoding: 'utf8',
})
if (built.status !== 0) {
  process.stderr.write(`${built.stdout}${built.stderr}`)
  process.exit(1)
}

mkdirSync(join(home, 'abi'), { recursive: true })
const checking = process.argv.includes('--check')
for (const contract of CONTRACTS) {
  const file = join(home, 'abi', `${contract}.json`)
  const text = abiText(contract)
  if (read(file) === text) continue
  if (checking) {
    console.error(`abi/${contract}.json is not what the contracts compile to; run ${COMMAND} and commit the result.`)
    process.exitCode = 1
  } else {
    writeFileSync(file, text)
    console.log(`abi/${contract}.json written`)
  }
}
