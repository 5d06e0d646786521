import { equalBytes, toHex } from '../block.ts'
import { bodyDigest } from '../body.ts'
import { signingOf } from '../device-key.ts'
import { decodeFrame } from '../form.ts'
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
  const opened = new Map<string, ReturnType<typeof open>>()
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
    if (bytes === undefined) {
      absent.add(source)
      continue
    }
    const place = `${body.sequence}:${source}`
    const { signing, device } = opened.get(place) ?? open(evidence, bytes, body.sequence)
    opened.set(place, { signing, device })
    const values = { sequence: body.sequence, stream, device }
    if (signing === 'ended')
      throw verdictError(
        'E_VERDICT_DEVICE_KEY',
        `A frame of batch ${body.sequence} is signed by a key of ${device} that was not good for its counter any more.`,
        values,
      )
    // A device writes for its own streams alone.
    if (signing === 'broken' || (signing === 'signed' && evidence.declared.get(stream)?.device !== device))
      throw verdictError(
        'E_VERDICT_DEVICE_SIGNATURE',
        `The signature of a frame of batch ${body.sequence} is not by a key that is declared for its device.`,
        values,
      )
    signedBy.set(source, signing === 'signed')
  }
  const signed = [...signedBy.values()].filter((one) => one).length
  const frames = { signed, unsigned: signedBy.size - signed, absent: absent.size }
  return { ok: true, values: { opened: pack.bodies.length, ...frames }, frames }
}

function open({ keys }: Extract<Evidence, { ok: true }>, bytes: Uint8Array, sequence: number) {
  const frame = decodeFrame(bytes)
  return { signing: signingOf(keys, frame, sequence).state, device: frame.device }
}
