import type { CID } from 'multiformats/cid'
import type { Register } from './register.ts'
import type { ReportLife } from './state.ts'

/**
 * Every document that a report's life rests on (报告卷宗): publications, samples with their chain, vouchers, assignments, plans, opinions with
 * their audits, decisions, reopenings; and the same of each report that it corrects. A register that is given these alone, in the order of the log,
 * comes to the same state of the report.
 */
export function dossierOf(register: Register, report: CID): readonly CID[] {
  const found = new Map<string, CID>()
  const add = (...cids: readonly (CID | undefined)[]) => {
    for (const cid of cids) if (cid !== undefined) found.set(cid.toString(), cid)
  }
  for (let life = register.report(report); life !== undefined; life = before(register, life)) {
    add(life.cid, life.decision?.cid, life.plan?.cid, ...life.reopenings.map(({ cid }) => cid))
    for (const subject of [life.content.methodology, ...life.content.factors]) {
      const publication = register.publication(subject)
      add(publication?.cid, publication?.retired?.cid)
    }
    for (const { origin } of life.content.inputs) {
      if (origin.kind === 'voucher') add(origin.document)
      if (origin.kind !== 'analysis') continue
      const sample = register.sample(origin.document)
      add(sample?.cid, sample?.handover?.cid, sample?.receipt?.cid, sample?.analysis?.cid)
    }
    const assignments = [life.plan, ...life.opinions].flatMap((one) =>
      one === undefined ? [] : [one.content.assignment],
    )
    for (const cid of assignments) add(cid, register.assignment(cid)?.cid)
    for (const opinion of life.opinions) add(opinion.cid, ...opinion.content.audits)
  }
  return [...found.values()]
}

function before(register: Register, { content }: ReportLife): ReportLife | undefined {
  return content.corrects === null ? undefined : register.report(content.corrects)
}
