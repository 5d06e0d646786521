import { cidOf, type DocumentBlock, decodeBlock, decodeDocument } from '@tanlian/evidence'
import { DATASET_KIND, type Dataset, isFileOf, readDataset } from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import { client } from '../service.ts'

/** A data set's document as this browser read it: its bytes match its CID. */
export interface LoadedDataset {
  readonly cid: string
  readonly document: DocumentBlock
  readonly dataset: Dataset
}

/** Greatest table that is unpacked in a browser; a packed file cannot grow beyond what its document says (safety R18). */
const TEXT_MAX = 64 * 1024 * 1024

/** The description of a data set. Codes: E_TRACE_BLOCK, E_DATASET_KIND, E_DATASET_FORM. */
export async function loadDataset(cid: string): Promise<LoadedDataset> {
  const document = decodeDocument(await loadBlock(cid))
  if (document.kind !== DATASET_KIND)
    throw new TanlianError('E_DATASET_KIND', `This document is of kind ${document.kind}, not a data set.`, {
      values: { kind: document.kind },
    })
  return { cid, document, dataset: readDataset(document.content) }
}

/** The table's text, unpacked and held to the digest in the document. Codes: E_TRACE_BLOCK, E_DATASET_FILE. */
export async function loadText(dataset: Dataset): Promise<Uint8Array> {
  const packed = decodeBlock(await loadBlock(dataset.file.block.toString()))
  if (!(packed instanceof Uint8Array) || dataset.file.bytes > TEXT_MAX) throw notTheFile(dataset)
  const text = dataset.file.packing === 'gzip' ? await unpack(packed, dataset.file.bytes) : packed
  if (text === undefined || !isFileOf(dataset, text)) throw notTheFile(dataset)
  return text
}

async function loadBlock(cid: string): Promise<Uint8Array> {
  const bytes = await client.block(cid)
  if (cidOf(bytes).toString() === cid) return bytes
  throw new TanlianError(
    'E_TRACE_BLOCK',
    'The bytes that came do not match the CID. The evidence is unavailable, not refuted.',
    { values: { cid } },
  )
}

/** Undefined where more comes out than the document says. */
async function unpack(packed: Uint8Array, most: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  const stream = new Blob([packed.slice()]).stream().pipeThrough(new DecompressionStream('gzip'))
  for (let reader = stream.getReader(), part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length
    if (length > most) return undefined
    parts.push(part.value)
  }
  return new Uint8Array(await new Blob(parts.map((part) => part.slice())).arrayBuffer())
}

function notTheFile(dataset: Dataset): TanlianError {
  return new TanlianError('E_DATASET_FILE', `The file ${dataset.file.name} is not the one that the document names.`, {
    values: { name: dataset.file.name },
  })
}
