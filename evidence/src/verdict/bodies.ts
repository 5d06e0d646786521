import { encodeBlock, equalBytes, toHex } from '../block.ts'
import { bodyDigest } from '../body.ts'
import { checkEd25519 } from '../ed25519.ts'
import { decodeFrame, type Frame, type StreamItem } from '../form.ts'
import { decodeKey } from '../key.ts'
import { isFlag, validityOf } from '../kind.ts'
import type { EvidencePackage } from '../package.ts'
import type { Evidence } from './entries.ts'
import { type StepOutcome, type Verdict, verdictError } from './form.ts'
import type { Figures } from './proofs.ts'

/** Each opened body is the one its reading commits to, and each frame that came along is its source, signed by its device where it says so. */
export function checkBodies(
  pack: EvidencePackage,
  evidence: Evidence,
  figures: Figures,
): StepOutcome & { readonly frames: Verdict['frames'] } {
  const none = { ok: null, code: 'E_VERDICT_NOT_OPENED', frames: { signed: 0, unsigned: 0, absent: 0 } }
  if (pack.question.mode === 'total' || !figures.checked || !evidence.ok || pack.bodies.length === 0) return none
  const digests = new Map(figures.leaves.map((leaf) => [`${leaf.sequence}:${toHex(leaf.key)}`, leaf.bodyDigest]))
  const blocks = new Map(pack.frames.map((block) => [block.cid.toString(), block.bytes]))
  const signedBy = new Map<string, boolean>()
  const absent = new Set<string>()
  for (const body of pack.bodies) {
    const digest = digests.get(`${body.sequence}:${toHex(body.key)}`)
    const { type, stream } = decodeKey(body.key)
    if (
      digest === undefined ||
      !isFlag(body.flag) ||
      validityOf(body.flag) !== (type & 0xff) ||
      !equalBytes(bodyDigest(body), digest)
    )
      throw verdictError(
        'E_VERDICT_BODY',
        `A body of batch ${body.sequence} is not the one that its reading commits to.`,
        { sequence: body.sequence },
      )
    if (body.source === null) continue
    const source = body.source.toString()
    const bytes = blocks.get(source)
    if (bytes === undefined) absent.add(source)
    else if (!signedBy.has(source)) {
      const frame = decodeFrame(bytes)
      const item = evidence.declared.get(stream)
      if (frame.signature !== undefined && !isSignedBy(frame, item))
        throw verdictError(
          'E_VERDICT_DEVICE_SIGNATURE',
          `The signature of a frame of batch ${body.sequence} is not by the key that its stream declares for the device.`,
          { sequence: body.sequence, stream, device: frame.device },
        )
      signedBy.set(source, frame.signature !== undefined)
    }
  }
  const signed = [...signedBy.values()].filter((one) => one).length
  const frames = { signed, unsigned: signedBy.size - signed, absent: absent.size }
  return { ok: true, values: { opened: pack.bodies.length, ...frames }, frames }
}

/** A device signs the DAG-CBOR of its frame without the signature (spec section 5); the streams block names its key. */
function isSignedBy({ signature, ...unsigned }: Frame, item: StreamItem | undefined): boolean {
  return (
    signature !== undefined &&
    item?.key instanceof Uint8Array &&
    item.device === unsigned.device &&
    checkEd25519(encodeBlock(unsigned).bytes, signature, item.key)
  )
}
