import {
  type Checkpoint,
  checkConsistency,
  EMPTY_ROOT,
  type Equivocation,
  equalBytes,
  fromHex,
  openCheckpoint,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import { base64pad } from 'multiformats/bases/base64'
import { type CosignRecord, forksLast } from './record.ts'

/** A log whose checkpoints this witness cosigns when asked. */
export interface WitnessedLog {
  /** The log's own key; its name is the origin. */
  readonly vkey: string
  readonly record: CosignRecord
  /** What else must hold of a checkpoint, where the log can be read elsewhere too. @returns whether it may be signed now @throws where it never may */
  readonly judge?: (checkpoint: Checkpoint, note: string) => Promise<boolean>
}

/** The answer of `add-checkpoint` (C2SP tlog-witness): a status of HTTP and its body, `lines` of cosignatures where it is 200. */
export type Added =
  | { readonly status: 200; readonly lines: string }
  | { readonly status: 409; readonly size: number; readonly why: string }
  | { readonly status: 400 | 403 | 404 | 422 | 503; readonly why: string }

/** Bytes that a request may have: 63 hashes and the longest note that is read. */
export const ADD_CHECKPOINT_BYTES = 32 * 1024

const PROOF_LINES = 63

/**
 * Answers one `add-checkpoint` request. Everything between the look at what was signed last and the signature is one turn of the log's record,
 * so that of two requests at once the later one meets the state that the earlier one left.
 * @param keepProof keeps on the disk that a log's key signed two roots for one size, before anything is answered
 */
export async function addCheckpoint(
  logs: readonly WitnessedLog[],
  body: Uint8Array,
  keepProof: (proof: Equivocation) => Promise<boolean>,
): Promise<Added> {
  const asked = readRequest(body)
  if (asked === undefined) return { status: 400, why: 'the request is not of the form of C2SP tlog-witness' }
  const { from, path, note } = asked
  const origin = note.slice(0, note.indexOf('\n'))
  const log = logs.find(({ vkey }) => vkey.startsWith(`${origin}+`))
  if (log === undefined) return { status: 404, why: `the log ${origin} is not one of those witnessed here` }
  const opened = openCheckpoint(note, [log.vkey])
  if (!opened.ok) return { status: opened.code === 'E_CHECKPOINT_FORM' ? 400 : 403, why: opened.message }
  const checkpoint: Checkpoint = { origin: opened.origin, size: opened.size, root: opened.root }
  if (from > checkpoint.size) return { status: 400, why: 'the old size is greater than the new one' }
  const { record } = log
  return record.inTurn(async () => {
    const { size } = checkpoint
    const last = record.last?.size ?? 0
    if (record.last !== undefined && forksLast(record, checkpoint)) {
      await keepProof({ kind: 'checkpoints', vkey: log.vkey, notes: [record.last.note, note], difference: null })
      return { status: 409, size: last, why: 'the log’s key signed two roots for this size' }
    }
    const judged = record.stopped ?? (await judge(log, checkpoint, note))
    if (typeof judged === 'string') return { status: 403, why: judged }
    if (from !== last) return { status: 409, size: last, why: `the last size cosigned is ${last}` }
    if (!grows(record, checkpoint, path)) return { status: 422, why: `the proof does not lead from ${last} to ${size}` }
    if (!judged) return { status: 503, why: 'the chain is not that far yet; ask again' }
    return { status: 200, lines: await record.sign(checkpoint, note) }
  })
}

/** Whether a checkpoint may be signed now, or why it never may. */
async function judge(log: WitnessedLog, checkpoint: Checkpoint, note: string): Promise<boolean | string> {
  try {
    return (await log.judge?.(checkpoint, note)) ?? true
  } catch (error) {
    if (error instanceof TanlianError && error.code === 'E_WITNESS_CHECKPOINT') return error.message
    throw error
  }
}

/** Whether a checkpoint goes on from the last one that was signed. From nothing it does, without a proof. */
function grows({ last }: CosignRecord, { size, root }: Checkpoint, path: readonly Uint8Array[]): boolean {
  if (size === 0) return path.length === 0 && equalBytes(root, EMPTY_ROOT)
  if (last === undefined || last.size === 0) return path.length === 0
  return checkConsistency({ from: last.size, to: size, fromRoot: fromHex(last.root), toRoot: root, path }).ok
}

interface Request {
  /** The old size. */
  readonly from: number
  readonly path: readonly Uint8Array[]
  readonly note: string
}

/** Takes a request apart: the old size, a line for each hash, an empty line, the checkpoint. */
function readRequest(body: Uint8Array): Request | undefined {
  const text = readText(body)
  const blank = text?.indexOf('\n\n') ?? -1
  if (text === undefined || blank < 0) return undefined
  const [first = '', ...hashes] = text.slice(0, blank).split('\n')
  const from = /^old (0|[1-9]\d{0,15})$/.exec(first)?.[1]
  const path = hashes.map(readHash)
  if (from === undefined || !Number.isSafeInteger(Number(from)) || path.length > PROOF_LINES) return undefined
  if (path.some((hash) => hash === undefined)) return undefined
  return { from: Number(from), path: path as Uint8Array[], note: text.slice(blank + 2) }
}

function readText(body: Uint8Array): string | undefined {
  if (body.length > ADD_CHECKPOINT_BYTES) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return undefined
  }
}

/** 32 bytes in base64, in the one form that they have: the last digit's two low bits stand for nothing. */
function readHash(line: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(line) ? base64pad.baseDecode(line) : undefined
}
