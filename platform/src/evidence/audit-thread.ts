import { parentPort } from 'node:worker_threads'
import {
  auditBatch,
  type BatchCar,
  decodeBlock,
  decodeDocument,
  decodeKey,
  decodeState,
  digestOf,
  emptyState,
  encodeState,
  holdForm,
  isEvidenceCid,
  NOTHING_SEALED,
  type Opened,
  openBatch,
  openCar,
  openReader,
  PRIVACY_DOCUMENT,
  READER_KEY_DOCUMENT,
  readAuditContent,
  readPrivacyRules,
  readReaderKeys,
  type SealedPart,
  toHex,
} from '@tanlian/evidence'
import { refusalOf, TanlianError } from '@tanlian/units'
import { requireDeviceKeys } from '../device/frame-keys.ts'
import type { SealedFact } from '../privacy/register.ts'
import { encodeTree } from './tree-file.ts'
import type { AuditAnswer, AuditQuestion } from './worker.ts'

/** The thread that audits (验算): hashing and decoding of whole batches, away from the thread that answers requests. */
parentPort?.on('message', async (question: AuditQuestion) => {
  const { answer, transfer } = await answerOpened(question)
  parentPort?.postMessage(answer, transfer)
})

type Answered = { readonly answer: AuditAnswer; readonly transfer: ArrayBuffer[] }

type BatchQuestion = Extract<AuditQuestion, { kind: 1 }>

/** The answer to one question where nothing is sealed, and the buffers that go back with it. */
export function answerOf(question: AuditQuestion): Answered {
  const { id, car } = question
  try {
    return question.kind === 1 ? auditBatchCar(question, openCar(car), NOTHING_SEALED) : auditDocumentCar(id, car)
  } catch (error) {
    return failed(id, error)
  }
}

/** The answer to one question, after its sealed blocks were opened with the platform's key. */
async function answerOpened(question: AuditQuestion): Promise<Answered> {
  if (question.kind !== 1) return answerOf(question)
  try {
    const car = openCar(question.car)
    return auditBatchCar(question, car, await openBatch(car, question.readers.map(openReader)))
  } catch (error) {
    return failed(question.id, error)
  }
}

function failed(id: number, error: unknown): Answered {
  if (error instanceof TanlianError) return refused(id, refusalOf(error))
  // Not a refusal but a fault of our own: the caller hears of it and nothing is accepted.
  return {
    answer: { id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    transfer: [],
  }
}

function auditBatchCar(question: BatchQuestion, car: BatchCar, opened: Opened): Answered {
  const { id, organization, car: bytes } = question
  const state = question.state === null ? emptyState(organization) : decodeState(question.state)
  const audited = auditBatch(state, car, opened)
  // What is sealed for others cannot be audited here; it is taken on its form, and marked.
  const held = audited.ok || audited.code !== 'E_AUDIT_SEALED' ? audited : holdForm(state, car, opened)
  if (!held.ok) return refused(id, held)
  requireDeviceKeys(state, car, held.header, opened)
  const tree = 'tree' in held ? encodeTree(held.tree) : undefined
  const blocks = blocksOf(car, bytes)
  return {
    answer: {
      id,
      ok: true,
      car: bytes,
      ...blocks,
      missing: joinDigests(held.missing.map(digestOf)),
      batch: {
        state: encodeState(held.state),
        tree,
        readings: 'tree' in held ? held.tree.leaves.count : held.count,
        index: digestOf(held.header.data).slice(),
        sealed: [...opened.parts.values()].map(factOf),
      },
    },
    transfer: [bytes.buffer, ...(tree === undefined ? [] : [tree.buffer])],
  }
}

function factOf({ cid, sort, plain, place, readers }: SealedPart): SealedFact {
  const { stream, start: first } = decodeKey(place.min)
  return {
    digest: digestOf(cid).slice(),
    sort,
    plain: digestOf(plain).slice(),
    stream,
    first,
    last: decodeKey(place.max).start,
    readers: readers.map((id) => id.slice()),
  }
}

function auditDocumentCar(id: number, bytes: Uint8Array<ArrayBuffer>): Answered {
  const car = openCar(bytes)
  const document = decodeDocument(car.header.bytes)
  if (document.kind === 'audit') readAuditContent(document.content)
  if (document.kind === READER_KEY_DOCUMENT) readReaderKeys(document.content)
  if (document.kind === PRIVACY_DOCUMENT) readPrivacyRules(document.content)
  requireReached(car)
  return {
    answer: { id, ok: true, car: bytes, ...blocksOf(car, bytes), missing: new Uint8Array(0), batch: undefined },
    transfer: [bytes.buffer],
  }
}

/** Every block of a document's CAR is named by the document, or by one that is. */
function requireReached(car: BatchCar) {
  const reached = new Set<string>([car.header.cid.toString()])
  const open = [car.header.bytes]
  for (let bytes = open.pop(); bytes !== undefined; bytes = open.pop()) {
    const stack: unknown[] = [decodeBlock(bytes)]
    for (let value = stack.pop(); value !== undefined || stack.length > 0; value = stack.pop()) {
      if (isEvidenceCid(value)) {
        const name = value.toString()
        const block = car.get(value)
        if (block !== undefined && !reached.has(name)) open.push(block)
        reached.add(name)
      } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
        // One by one: a list of millions would be too many arguments.
        for (const item of Object.values(value)) stack.push(item)
    }
  }
  const stranger = car.cids.find((cid) => !reached.has(cid.toString()))
  if (stranger !== undefined)
    throw new TanlianError('E_AUDIT_EXTRA', `Block ${stranger} is no part of the document.`, {
      values: { cid: stranger.toString() },
    })
}

/** Digests and places of the blocks within the CAR's own bytes, so that nothing is copied between the threads. */
function blocksOf(car: BatchCar, bytes: Uint8Array): { digests: Uint8Array; places: Float64Array } {
  const places = new Float64Array(2 * car.cids.length)
  for (const [at, cid] of car.cids.entries()) {
    const block = car.require(cid)
    if (block.buffer !== bytes.buffer) throw new Error(`block ${toHex(digestOf(cid))} is not a view of its CAR`)
    places[2 * at] = block.byteOffset - bytes.byteOffset
    places[2 * at + 1] = block.length
  }
  return { digests: joinDigests(car.cids.map(digestOf)), places }
}

function joinDigests(digests: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(32 * digests.length)
  for (const [at, digest] of digests.entries()) joined.set(digest, 32 * at)
  return joined
}

function refused(id: number, refusal: ReturnType<typeof refusalOf>): Answered {
  return { answer: { id, ok: false, refusal }, transfer: [] }
}
