import { encodeBlock } from '@tanlian/evidence'
import type { CID } from 'multiformats/cid'
import { createRegister, drawVerifiers, type RegisterFacts, readDocumentContent, samplingSeed } from '../src/index.ts'
import { cidOfText, EXAMPLES } from './documents.ts'

const DAY = 86_400
export const ENTERPRISE = 7
export const [VERIFIER_A, VERIFIER_B] = [21, 22]
const PARTIES: Readonly<Record<number, string>> = {
  1: 'regulator',
  2: 'regulator',
  7: 'enterprise',
  8: 'enterprise',
  9: 'laboratory',
  10: 'laboratory',
  21: 'verifier',
  22: 'verifier',
}
const BATCH = 'ab'.repeat(32)
/** What a test's log had as root at every size. */
export const ROOT = new Uint8Array(32).fill(5)

type Content = Record<string, unknown>

/** A log of documents in the making: every step of a report's life, each with the change that a test makes to it. */
export function createLife(
  facts: RegisterFacts = { batchesOf: () => [BATCH], rootAt: () => ROOT, sizeAfter: () => 50 },
) {
  const register = createRegister(facts)
  let index = 40
  const clock = { time: 31 * DAY, block: 90 }

  /** States a document now. @returns its CID and what the register says of it */
  const state = (kind: string, organization: number, content: Content) => {
    const { cid } = encodeBlock({ kind, organization, index, content })
    const facts = { kind, organization, party: PARTIES[organization] ?? 'other', cid, content, ...clock, index }
    const checked = register.check(facts)
    const answer = register.apply(facts)
    if (JSON.stringify(checked) !== JSON.stringify(answer)) throw new Error('check and apply differ')
    if (answer.ok) index++
    return { cid, code: answer.ok ? undefined : answer.code }
  }

  const steps = {
    publish: (change: Content = {}) => state('methodology', 2, { ...EXAMPLES.methodology, ...change }),
    sample: (change: Content = {}) => {
      clock.time = 31 * DAY + 3600
      return state('sample', ENTERPRISE, { ...EXAMPLES.sample, ...change })
    },
    handover: (sample: CID, change: Content = {}, by = ENTERPRISE) => {
      clock.time = 32 * DAY + 3600
      return state('handover', by, { ...EXAMPLES.handover, sample, ...change })
    },
    receipt: (handover: CID, change: Content = {}, by = 9) => {
      clock.time = 33 * DAY + 3600
      return state('receipt', by, { ...EXAMPLES.receipt, handover, ...change })
    },
    analysis: (receipt: CID, change: Content = {}, by = 9) => {
      clock.time = 34 * DAY + 3600
      return state('analysis', by, { ...EXAMPLES.analysis, receipt, ...change })
    },
    voucher: () => state('voucher', ENTERPRISE, EXAMPLES.voucher),
    report: (analysis: CID, voucher: CID, change: Content = {}, by = ENTERPRISE) => {
      const inputs = (EXAMPLES.report.inputs as readonly { name: string; origin: object }[]).map((input) => {
        const document = { coalCarbon: analysis, coalNcv: voucher }[input.name]
        return document === undefined ? input : { ...input, origin: { ...input.origin, document } }
      })
      return state('report', by, { ...EXAMPLES.report, inputs, ...change })
    },
    draw: (change: Content = {}) =>
      state('draw', 1, { ...EXAMPLES.draw, candidates: [VERIFIER_A, VERIFIER_B], excluded: [], ...change }),
    assignment: (draw: CID, content: Content, change: Content = {}) => {
      clock.block = 101
      const read = readDocumentContent('draw', content)
      if (read.kind !== 'draw') throw new Error('no draw')
      const assigned = drawVerifiers(ROOT, read.content)
      return { ...state('assignment', 1, { ...EXAMPLES.assignment, draw, root: ROOT, assigned, ...change }), assigned }
    },
    plan: (report: CID, assignment: CID, by: number, change: Content = {}) =>
      state('sampling-plan', by, {
        ...EXAMPLES['sampling-plan'],
        report,
        assignment,
        seed: samplingSeed(ROOT, assignment),
        ...change,
      }),
    audit: (by: number, held = [BATCH]) =>
      state('audit', by, {
        log: index,
        held: held.map((hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))),
        failed: [],
        unavailable: [],
      }),
    opinion: (report: CID, assignment: CID, plan: CID, audits: readonly CID[], by: number, change: Content = {}) =>
      state('opinion', by, { ...EXAMPLES.opinion, report, assignment, plan, audits, ...change }),
    decision: (report: CID, opinion: CID, change: Content = {}, by = 2) =>
      state('decision', by, { ...EXAMPLES.decision, report, opinion, ...change }),
    reopening: (report: CID) => state('reopening', 1, { ...EXAMPLES.reopening, report }),
  }

  /** Everything up to the laboratory's analysis and a voucher. */
  const measured = () => {
    steps.publish()
    const sample = steps.sample().cid
    const handover = steps.handover(sample).cid
    const receipt = steps.receipt(handover).cid
    const analysis = steps.analysis(receipt).cid
    return { sample, handover, receipt, analysis, voucher: steps.voucher().cid }
  }

  /** Everything up to a sampling plan of the verifier that was drawn. */
  const assigned = () => {
    const made = measured()
    const content = { ...EXAMPLES.draw, candidates: [VERIFIER_A, VERIFIER_B], excluded: [] }
    const draw = steps.draw().cid
    const report = steps.report(made.analysis, made.voucher).cid
    const { cid: assignment, assigned: pairs } = steps.assignment(draw, content)
    const verifier = pairs.find(([enterprise]) => enterprise === ENTERPRISE)?.[1] ?? 0
    const plan = steps.plan(report, assignment, verifier).cid
    const audit = steps.audit(verifier).cid
    return { ...made, draw, report, assignment, verifier, plan, audit }
  }

  return { register, clock, state, ...steps, measured, assigned, unknown: cidOfText('nowhere') }
}
