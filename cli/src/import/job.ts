import { createHash } from 'node:crypto'
import { encodeBlock, type Mapping, parseMapping, type StreamItem, streamsOf, toHex } from '@tanlian/evidence'
import { hashFile, openSource, readWanted, type SourceOptions, type TableSource } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import { parse } from 'yaml'

/** One file with its mapping, for one organization: what an import is about. */
export interface ImportJob {
  /** The same file, mapping and organization always have the same id: so an import that runs twice doubles nothing. */
  readonly id: string
  readonly organization: number
  /** Name of the file, without its folder. */
  readonly name: string
  /** SHA-256 of the file. */
  readonly file: Uint8Array
  readonly mapping: Mapping
  /** SHA-256 of the mapping's data, whatever its YAML looks like. */
  readonly mappingDigest: Uint8Array
  readonly streams: readonly StreamItem[]
  readonly source: TableSource
}

/** Reads mapping and file. Codes: E_FILE_MISSING, E_MAPPING, E_IMPORT_MAPPING, E_IMPORT_FILE_KIND. */
export async function openJob(
  path: string,
  mappingPath: string,
  organization: number,
  options: SourceOptions,
): Promise<ImportJob> {
  const data = parseYaml(new TextDecoder().decode(await readWanted(mappingPath)), mappingPath)
  const mapping = parseMapping(data)
  const file = await hashFile(path)
  const mappingDigest = new Uint8Array(
    createHash('sha256')
      .update(encodeBlock(plainData(data)).bytes)
      .digest(),
  )
  const id = createHash('sha256')
    .update('tanlian/import/1')
    .update(String(organization))
    .update('\0')
    .update(file)
    .update(mappingDigest)
  return {
    id: toHex(new Uint8Array(id.digest()).subarray(0, 16)),
    organization,
    name: path.split(/[\\/]/).at(-1) ?? path,
    file,
    mapping,
    mappingDigest,
    streams: streamsOf(mapping),
    source: await openSource(path, options),
  }
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 })
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new TanlianError('E_IMPORT_MAPPING', `The mapping ${path} is not YAML: ${why}.`, {
      values: { path, why },
      cause,
    })
  }
}

/** YAML's data as a block takes it: a number that is no whole number of 0 … 2^53 − 1 is written as text, null stays. */
function plainData(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainData)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainData(item)]))
  }
  if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= 0)) return String(value)
  return value
}
