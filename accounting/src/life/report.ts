import type { Period } from '../document/read.ts'
import type { Report, ReportInput } from '../document/report.ts'
import { requirePublished } from './publication.ts'
import { type RegisterState, type ReportLife, type Rule, registerError, requireKnown, type Stated } from './state.ts'

/** A report is the first of its organization, subject, type and period, or takes the place of the latest, which is not locked. */
export const reportRule: Rule<Report> = (state, stated) => {
  const { content: report, organization, index } = stated
  const name = reportKey(organization, report)
  const latest = state.latest.get(name)
  if (String(latest?.cid ?? null) !== String(report.corrects))
    throw registerError(
      'E_REGISTER_CORRECTS',
      latest === undefined
        ? 'The report corrects another, and there is none of this subject, type and period.'
        : `There is a report ${latest.cid} of this subject, type and period; a further one corrects it.`,
      { latest: latest?.cid.toString() ?? null },
    )
  if (latest?.locked === true)
    throw registerError(
      'E_REGISTER_LOCKED',
      'The period is locked since its report was accepted; ask the regulator to reopen it.',
      {
        report: latest.cid.toString(),
      },
    )
  requireOwnPeriod(state, stated)
  if (report.size > index)
    throw registerError(
      'E_REGISTER_SIZE',
      `The totals are as of log size ${report.size}, and the log has ${index} entries.`,
      {
        size: report.size,
        index,
      },
    )
  requirePublished(state, report, latest?.content)
  for (const [input, window] of citedIn(report)) requireCited(state, organization, input, window)
  requireOnePeriod(report)
  return () => {
    const life: ReportLife = {
      ...stated,
      stage: 'submitted',
      locked: false,
      correctedBy: undefined,
      plan: undefined,
      opinions: [],
      decision: undefined,
      reopenings: [],
    }
    if (latest !== undefined) latest.correctedBy = stated.cid
    state.latest.set(name, life)
    state.reports.set(stated.cid.toString(), life)
  }
}

/** What makes two reports the same one. */
export function reportKey(
  organization: number,
  { subject, type, period }: Pick<Report, 'subject' | 'type' | 'period'>,
): string {
  return JSON.stringify([organization, subject, type, ...period])
}

/** Periods of one subject and type are the same or apart: a locked one is not got round by a second more or less. */
function requireOwnPeriod({ latest }: RegisterState, { organization, content: report }: Stated<Report>) {
  for (const { organization: other, content } of latest.values())
    if (
      other === organization &&
      content.subject === report.subject &&
      content.type === report.type &&
      String(content.period) !== String(report.period) &&
      meets(content.period, report.period)
    )
      throw registerError('E_REGISTER_PERIOD', 'The period overlaps that of another report of this subject and type.', {
        from: content.period[0],
        to: content.period[1],
      })
}

/** Inputs that name documents, each with the window that its row is about: that of the row's totals, else the report's. */
function citedIn({ inputs, period }: Report): readonly (readonly [ReportInput, Period])[] {
  const windows = new Map<string, Period>()
  for (const { group, row, origin } of inputs)
    if (origin.kind === 'total') {
      const [from, to] = windows.get(`${group} ${row}`) ?? [origin.from, origin.to]
      windows.set(`${group} ${row}`, [Math.min(from, origin.from), Math.max(to, origin.to)])
    }
  return inputs
    .filter(({ origin }) => origin.kind === 'analysis' || origin.kind === 'voucher')
    .map((input) => [input, (input.group === null ? undefined : windows.get(`${input.group} ${input.row}`)) ?? period])
}

/** Laboratory rule 5: an analysis of one's own sample, of a period that the input's meets; and one's own voucher. */
function requireCited(state: RegisterState, organization: number, { name, origin }: ReportInput, window: Period) {
  if (origin.kind !== 'analysis' && origin.kind !== 'voucher') return
  const { document } = origin
  const text = document.toString()
  const found = origin.kind === 'analysis' ? state.sampleOf.get(text) : state.vouchers.get(text)
  const cited = requireKnown(found, origin.kind, document)
  if (origin.kind === 'analysis') {
    const { analysis } = requireKnown(state.sampleOf.get(text), 'analysis', document)
    const held = requireKnown(analysis?.cid.equals(document) ? analysis : undefined, 'analysis', document)
    if (!held.content.results.some((result) => result.name === origin.result))
      throw registerError('E_REGISTER_RESULT', `The analysis has no result ${origin.result} for ${name}.`, {
        name,
        result: origin.result,
      })
  }
  if (cited.organization !== organization)
    throw registerError('E_REGISTER_OWNER', `${name} cites a document of organization ${cited.organization}.`, {
      what: origin.kind,
      organization: cited.organization,
    })
  if (!meets(cited.content.period, window))
    throw registerError('E_REGISTER_PERIOD', `${name} cites a document of another period than its own.`, {
      name,
      from: cited.content.period[0],
      to: cited.content.period[1],
    })
}

/** An analysis stands for one period: rows of different months do not share one. */
function requireOnePeriod(report: Report) {
  const used = new Map<string, string>()
  for (const [{ name, origin }, window] of citedIn(report)) {
    if (origin.kind !== 'analysis') continue
    const document = origin.document.toString()
    const earlier = used.get(document)
    if (earlier !== undefined && earlier !== String(window))
      throw registerError(
        'E_REGISTER_TWICE',
        `${name} cites an analysis that stands for another period in this report.`,
        {
          what: 'analysis',
          cid: document,
        },
      )
    used.set(document, String(window))
  }
}

function meets([from, to]: Period, [start, end]: Period): boolean {
  return from < end && start < to
}
