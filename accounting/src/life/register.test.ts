import { expect, test } from 'vitest'
import { EXAMPLES } from '../../test/documents.ts'
import { createLife, ENTERPRISE, VERIFIER_A, VERIFIER_B } from '../../test/register.ts'

const DAY = 86_400

test('a report goes from measured to accepted, is locked, reopened and corrected', () => {
  const life = createLife()
  const { report, assignment, plan, audit, verifier, analysis, voucher } = life.assigned()
  const stage = () => life.register.report(report)?.stage
  expect(stage()).toBe('submitted')
  expect(life.register.verifier(report)).toMatchObject({ organization: verifier })
  const { cid: opinion } = life.opinion(report, assignment, plan, [audit], verifier)
  expect(stage()).toBe('verified')
  expect(life.decision(report, opinion).code).toBeUndefined()
  expect(stage()).toBe('accepted')
  const again = { corrects: report, reason: 'a meter was wrong' }
  expect(life.report(analysis, voucher, again).code).toBe('E_REGISTER_LOCKED')
  expect(life.reopening(report).code).toBeUndefined()
  expect(life.reopening(report).code).toBe('E_REGISTER_TWICE')
  const corrected = life.report(analysis, voucher, again)
  expect(corrected.code).toBeUndefined()
  expect(life.register.latest(ENTERPRISE, EXAMPLES.report as never)?.cid.equals(corrected.cid)).toBe(true)
  expect(life.register.report(report)?.correctedBy?.equals(corrected.cid)).toBe(true)
  expect(life.decision(report, opinion).code).toBe('E_REGISTER_STATE')
})

test('a report sent back is corrected without a reopening; an adverse one can only be rejected', () => {
  const life = createLife()
  const { report, assignment, plan, verifier, analysis, voucher } = life.assigned()
  life.opinion(report, assignment, plan, [], verifier, { outcome: 'returned' })
  expect(life.register.report(report)?.stage).toBe('returned')
  const second = life.report(analysis, voucher, { corrects: report, reason: 'as asked' }).cid
  const secondPlan = life.plan(second, assignment, verifier).cid
  const audit = life.audit(verifier).cid
  const opinion = life.opinion(second, assignment, secondPlan, [audit], verifier, { outcome: 'adverse' }).cid
  expect(life.decision(second, opinion).code).toBe('E_REGISTER_STATE')
  expect(life.decision(second, opinion, { outcome: 'rejected', reason: 'adverse' }).code).toBeUndefined()
})

type Life = ReturnType<typeof createLife>

/** What somebody tries, and what the register says. */
const BREACHES: readonly (readonly [string, string, (life: Life) => { readonly code: string | undefined }])[] = [
  ['rule 1: a sample is handed over twice', 'E_REGISTER_TWICE', (life) => life.handover(life.measured().sample)],
  ['rule 1: a sample is received twice', 'E_REGISTER_TWICE', (life) => life.receipt(life.measured().handover)],
  [
    'rule 1: a sample is analysed twice',
    'E_REGISTER_TWICE',
    (life) => life.analysis(life.measured().receipt, { number: 'A-2' }),
  ],
  [
    'rule 2: handed over before it was sealed',
    'E_REGISTER_TIMES',
    (life) => life.handover(life.sample().cid, { at: 31 * DAY }),
  ],
  ['rule 3: logged before it happens', 'E_REGISTER_EARLY', (life) => life.sample({ sealed: 32 * DAY })],
  [
    'rule 3: back-dated by more than 48 hours',
    'E_REGISTER_LATE',
    (life) => life.sample({ taken: 29 * DAY, sealed: 29 * DAY }),
  ],
  [
    'rule 4: an analysis number used twice',
    'E_REGISTER_NUMBER',
    (life) => {
      life.measured()
      const handover = life.handover(life.sample({ label: 'another' }).cid).cid
      return life.analysis(life.receipt(handover).cid)
    },
  ],
  [
    'a broken seal',
    'E_REGISTER_SEAL',
    (life) => {
      const handover = life.handover(life.sample().cid).cid
      return life.analysis(life.receipt(handover, { intact: false }).cid)
    },
  ],
  [
    'another laboratory receives it',
    'E_REGISTER_OWNER',
    (life) => life.receipt(life.handover(life.sample().cid).cid, {}, 10),
  ],
  ['another enterprise hands it over', 'E_REGISTER_OWNER', (life) => life.handover(life.sample().cid, {}, 8)],
  ['a handover that is not there', 'E_REGISTER_UNKNOWN', (life) => life.receipt(life.unknown)],
  [
    'a sample is cited as an analysis',
    'E_REGISTER_UNKNOWN',
    (life) => {
      const { sample, voucher } = life.measured()
      return life.report(sample, voucher)
    },
  ],
  [
    'rule 5: another organization’s analysis',
    'E_REGISTER_OWNER',
    (life) => {
      const { analysis, voucher } = life.measured()
      return life.report(analysis, voucher, {}, 8)
    },
  ],
  [
    'rule 5: an analysis of another month',
    'E_REGISTER_PERIOD',
    (life) => {
      const { voucher } = life.measured()
      const handover = life.handover(life.sample({ label: 'b', period: [40 * DAY, 41 * DAY], seal: 'b' }).cid).cid
      const analysis = life.analysis(life.receipt(handover).cid, { number: 'A-9' }).cid
      return life.report(analysis, voucher)
    },
  ],
  [
    'a methodology that nobody published',
    'E_REGISTER_METHODOLOGY',
    (life) => {
      const { analysis, voucher } = life.measured()
      return life.report(analysis, voucher, { methodology: life.unknown })
    },
  ],
  [
    'a methodology published twice',
    'E_REGISTER_STATE',
    (life) => {
      life.publish()
      return life.publish()
    },
  ],
  [
    'a second report that corrects nothing',
    'E_REGISTER_CORRECTS',
    (life) => {
      const { analysis, voucher } = life.assigned()
      return life.report(analysis, voucher)
    },
  ],
  [
    'a report that corrects one that is not there',
    'E_REGISTER_CORRECTS',
    (life) => {
      const { analysis, voucher } = life.measured()
      return life.report(analysis, voucher, { corrects: life.unknown, reason: 'a mistake' })
    },
  ],
  [
    'a period a day longer than the locked one',
    'E_REGISTER_PERIOD',
    (life) => {
      const { analysis, voucher } = life.assigned()
      return life.report(analysis, voucher, { period: [0, 32 * DAY] })
    },
  ],
  [
    'totals as of a log that is not there yet',
    'E_REGISTER_SIZE',
    (life) => {
      const { analysis, voucher } = life.measured()
      return life.report(analysis, voucher, { size: 1000 })
    },
  ],
  [
    'an enterprise gives an opinion',
    'E_REGISTER_PARTY',
    (life) => {
      const { report, assignment, plan, audit } = life.assigned()
      return life.opinion(report, assignment, plan, [audit], ENTERPRISE)
    },
  ],
  [
    'a verifier that was not drawn',
    'E_REGISTER_ASSIGNMENT',
    (life) => {
      const { report, assignment, plan, verifier } = life.assigned()
      const other = verifier === VERIFIER_A ? VERIFIER_B : VERIFIER_A
      return life.opinion(report, assignment, plan, [life.audit(other).cid], other)
    },
  ],
  [
    'S16 an opinion without an audit of every batch',
    'E_REGISTER_AUDITS',
    (life) => {
      const { report, assignment, plan, verifier } = life.assigned()
      return life.opinion(report, assignment, plan, [], verifier)
    },
  ],
  [
    'S16 an opinion on another verifier’s audits',
    'E_REGISTER_OWNER',
    (life) => {
      const { report, assignment, plan, verifier } = life.assigned()
      const other = verifier === VERIFIER_A ? VERIFIER_B : VERIFIER_A
      return life.opinion(report, assignment, plan, [life.audit(other).cid], verifier)
    },
  ],
  [
    'an unqualified opinion on other outputs',
    'E_REGISTER_OUTPUTS',
    (life) => {
      const { report, assignment, plan, verifier, audit } = life.assigned()
      return life.opinion(report, assignment, plan, [audit], verifier, { outputs: [['total', '1', 'tCO2']] })
    },
  ],
  [
    'a decision before the opinion',
    'E_REGISTER_STATE',
    (life) => {
      const { report, plan } = life.assigned()
      return life.decision(report, plan)
    },
  ],
  [
    'a sample that the verifier chose',
    'E_REGISTER_SEED',
    (life) => {
      const { analysis, voucher } = life.measured()
      const draw = life.draw().cid
      const report = life.report(analysis, voucher).cid
      const content = { ...EXAMPLES.draw, candidates: [VERIFIER_A, VERIFIER_B], excluded: [] }
      const { cid, assigned } = life.assignment(draw, content)
      const verifier = assigned.find(([enterprise]) => enterprise === ENTERPRISE)?.[1] ?? 0
      return life.plan(report, cid, verifier, { seed: new Uint8Array(32) })
    },
  ],
  ['a draw of a block that is there', 'E_REGISTER_DRAW', (life) => life.draw({ block: 90 })],
  [
    'a draw that leaves an enterprise nobody',
    'E_REGISTER_DRAW',
    (life) => life.draw({ candidates: [VERIFIER_A], previous: [[7, VERIFIER_A]] }),
  ],
  [
    'an assignment that was not drawn',
    'E_REGISTER_DRAW',
    (life) => {
      const content = { ...EXAMPLES.draw, candidates: [VERIFIER_A, VERIFIER_B], excluded: [] }
      return life.assignment(life.draw().cid, content, {
        assigned: [
          [7, VERIFIER_B],
          [8, VERIFIER_A],
        ],
      })
    },
  ],
  ['a document of another form', 'E_DOCUMENT_FORM', (life) => life.sample({ more: 1 })],
]

test.each(BREACHES)('%s: void by %s, and nothing changes', (_why, code, attempt) => {
  const life = createLife()
  expect(attempt(life).code).toBe(code)
})

test('a kind of document that has no part in a report is let by', () => {
  expect(createLife().state('certificate', 7, { any: 'thing' }).code).toBeUndefined()
})
