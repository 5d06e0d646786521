import { sha256 } from '@noble/hashes/sha2.js'
import { type Block, encodeBlock, equalBytes, isEvidenceCid } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { CID } from 'multiformats/cid'

/** The kind of document that a data set is logged as. */
export const DATASET_KIND = 'dataset'

/** A text in both languages. */
export interface BothTexts {
  readonly zh: string
  readonly en: string
}

/** How a column is read: as words, as one of a few values, as a number, or as a day. */
export type ColumnSort = 'text' | 'category' | 'number' | 'date'

/** A column of a data set's table, as its publisher describes it. */
export interface DatasetColumn {
  /** As in the file's first line; `{year}` in it stands for each of `years`. */
  readonly name: string
  readonly title: BothTexts
  readonly sort: ColumnSort
  /** Of a number. */
  readonly unit: string | null
  /** One column of the file for each of these years; none for a column that has no years. */
  readonly years: readonly number[]
  /** What values and marks in the column mean; a value that is not here is shown as it is. */
  readonly values: Readonly<Record<string, BothTexts>>
}

/** What a publisher says about a data set: enough to show it to people, with where it is from and on which terms. */
export interface DatasetDescription {
  readonly title: BothTexts
  readonly about: BothTexts
  readonly source: BothTexts
  readonly licence: string
  readonly columns: readonly DatasetColumn[]
}

/** The file itself: comma-separated UTF-8 text, packed or not, in a block of its own. */
export interface DatasetFile {
  readonly name: string
  readonly media: 'text/csv'
  readonly packing: 'gzip' | 'none'
  /** Of the unpacked text. */
  readonly sha256: Uint8Array
  readonly bytes: number
  /** The block that holds the packed bytes as one byte string. */
  readonly block: CID
}

/** Content of a document of kind {@link DATASET_KIND}. */
export interface Dataset extends DatasetDescription {
  readonly file: DatasetFile
}

/** The content of a data set's document and the block with its file. @param packed the bytes as they travel @param text the same, unpacked */
export function buildDataset(
  description: DatasetDescription,
  file: {
    readonly name: string
    readonly packing: 'gzip' | 'none'
    readonly packed: Uint8Array
    readonly text: Uint8Array
  },
): { readonly content: Dataset; readonly block: Block } {
  const block = encodeBlock(file.packed)
  const { title, about, source, licence, columns } = description
  const { name, packing, text } = file
  const content = readDataset({
    title,
    about,
    source,
    licence,
    columns,
    file: { name, media: 'text/csv', packing, sha256: sha256(text), bytes: text.length, block: block.cid },
  })
  return { content, block }
}

/** Reads the content of a data set's document. @throws TanlianError E_DATASET_FORM */
export function readDataset(content: unknown): Dataset {
  const map = mapOf('content', content, ['title', 'about', 'source', 'licence', 'columns', 'file'])
  for (const field of ['title', 'about', 'source'] as const) requireTexts(field, map[field])
  requireText('licence', map.licence)
  if (!Array.isArray(map.columns) || map.columns.length === 0) throw formError('columns', 'is no list of columns')
  for (const [at, column] of map.columns.entries()) requireColumn(`columns/${at}`, column)
  const file = mapOf('file', map.file, ['name', 'media', 'packing', 'sha256', 'bytes', 'block'])
  requireText('file/name', file.name)
  if (file.media !== 'text/csv') throw formError('file/media', 'is not text/csv')
  if (file.packing !== 'gzip' && file.packing !== 'none') throw formError('file/packing', 'is neither gzip nor none')
  if (!(file.sha256 instanceof Uint8Array && file.sha256.length === 32))
    throw formError('file/sha256', 'is not 32 bytes')
  if (!Number.isSafeInteger(file.bytes) || Number(file.bytes) < 0) throw formError('file/bytes', 'is no length')
  if (!isEvidenceCid(file.block)) throw formError('file/block', 'is no CID')
  return map as unknown as Dataset
}

/** True where the unpacked text is the one that the document names. */
export function isFileOf(dataset: Dataset, text: Uint8Array): boolean {
  return text.length === dataset.file.bytes && equalBytes(sha256(text), dataset.file.sha256)
}

const SORTS: readonly unknown[] = ['text', 'category', 'number', 'date'] satisfies readonly ColumnSort[]

function requireColumn(place: string, value: unknown): void {
  const column = mapOf(place, value, ['name', 'title', 'sort', 'unit', 'years', 'values'])
  requireText(`${place}/name`, column.name)
  requireTexts(`${place}/title`, column.title)
  if (!SORTS.includes(column.sort)) throw formError(`${place}/sort`, 'is unknown')
  if (column.unit !== null) requireText(`${place}/unit`, column.unit)
  if (!Array.isArray(column.years) || !column.years.every(Number.isSafeInteger))
    throw formError(`${place}/years`, 'is no list of years')
  if (typeof column.values !== 'object' || column.values === null) throw formError(`${place}/values`, 'is no map')
  for (const [name, texts] of Object.entries(column.values)) requireTexts(`${place}/values/${name}`, texts)
}

function requireTexts(place: string, value: unknown): void {
  const { zh, en } = mapOf(place, value, ['zh', 'en'])
  requireText(`${place}/zh`, zh)
  requireText(`${place}/en`, en)
}

function requireText(place: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw formError(place, 'is no text')
}

/** The fields of a map that has exactly these. */
function mapOf(place: string, value: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw formError(place, 'is no map')
  const map = value as Record<string, unknown>
  for (const name of names) if (!Object.hasOwn(map, name)) throw formError(`${place}/${name}`, 'is missing')
  for (const name of Object.keys(map)) if (!names.includes(name)) throw formError(`${place}/${name}`, 'is one too many')
  return map
}

function formError(place: string, why: string): TanlianError {
  return new TanlianError('E_DATASET_FORM', `In the description of the data set, ${place} ${why}.`, {
    values: { place, why },
  })
}
