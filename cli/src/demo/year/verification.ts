import { type AskedInput, askStatement, publishReport } from '@tanlian/sdk'
import { periodWindow } from '@tanlian/units'
import { patiently } from './patience.ts'
import type { ReportingPlant } from './plants.ts'
import { submitReport, YEAR, ZONE } from './report.ts'
import type { Desk } from './statements.ts'

/** A plant's annual report that is to be verified. */
export interface AnnualReport {
  readonly desk: Desk
  readonly plant: ReportingPlant
  readonly ledger: string
  readonly methodology: string
  /** CID. */
  readonly report: string
}

/** The plant whose first report is sent back: a slip of ten times in a document's figure. */
export const SENT_BACK = 'cement'
const SLIP = { name: 'substituteUsed', value: '50000.00' }
const SAMPLE = 20
/** Blocks ahead of which a draw is announced: the announcement must be in the log before, also where batches queue for it. */
const BLOCKS = '15'

/** The inputs of the report that is sent back: its first row has a nought too many. */
export function withSlip(inputs: readonly AskedInput[]): readonly AskedInput[] {
  return inputs.map((input) => (input.name === SLIP.name && input.row === 0 ? { ...input, value: SLIP.value } : input))
}

/** Draws a verifier for each enterprise (随机分派): announced before the block that decides, assigned after it. @returns verifiers by enterprise */
export async function assignVerifiers(
  regulator: Desk,
  enterprises: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { client, organization } = regulator
  const draw = await regulator.log(`draw/${YEAR}`, () => {
    const { from, to } = periodWindow(YEAR, ZONE)
    const query = new URLSearchParams({ from: String(from), to: String(to), due: String(dueDate()), blocks: BLOCKS })
    for (const enterprise of enterprises) query.append('enterprise', String(enterprise))
    return askStatement(client, 'draw', `/v1/organizations/${organization}/draw-content?${query}`)
  })
  await regulator.log(`assignment/${draw}`, () =>
    patiently(['E_DRAW_EARLY', 'E_NOT_FOUND'], () =>
      askStatement(client, 'assignment', `/v1/draws/${draw}/assignment-content`),
    ),
  )
  const { items } = await client.http.json<{ items: readonly Draw[] }>('/v1/draws')
  const assigned = items.find(({ cid }) => cid === draw)?.assignment?.assigned ?? []
  return new Map(assigned.map(({ enterprise, verifier }) => [enterprise, verifier]))
}

interface Draw {
  readonly cid: string
  readonly assignment: {
    readonly assigned: readonly { readonly enterprise: number; readonly verifier: number }[]
  } | null
}

/** Verifies one annual report (核查): sample, opinion; one of them is sent back, corrected, and verified again. @returns the report that stands */
export async function verify(verifier: Desk, annual: AnnualReport): Promise<string> {
  const { desk, plant, ledger, methodology, report } = annual
  await plan(verifier, report)
  if (plant.party !== SENT_BACK) {
    await opine(
      verifier,
      report,
      'unqualified',
      'Recomputed from proven totals; the sample and the ledger agree. 复算一致，抽样与台账相符。',
    )
    return report
  }
  await questionSlip(verifier, desk, report)
  await opine(
    verifier,
    report,
    'returned',
    'January’s carbide slag is ten times the ledger’s. 一月电石渣为台账的十倍，退回更正。',
  )
  const corrected = await submitReport(desk, plant, YEAR, ledger, methodology, {
    corrects: report,
    reason: '一月电石渣录入多一位，已按台账更正 January’s carbide slag corrected to the ledger',
  })
  await plan(verifier, corrected)
  await opine(verifier, corrected, 'unqualified', 'The corrected figure is the ledger’s. 更正后与台账一致。')
  return corrected
}

/** The regulator accepts a verified report (采信). */
export async function accept(regulator: Desk, report: string): Promise<void> {
  const { client, organization } = regulator
  await regulator.log(`decision/${report}`, () =>
    askStatement(client, 'decision', `/v1/organizations/${organization}/reviews/${report}/decision-content`, {
      outcome: 'accepted',
    }),
  )
}

/**
 * The enterprise lets everybody do its accepted report again (公开复算): what it sealed stays sealed, and whoever reads the report still needs to believe
 * nobody. The platform keeps the first word, so that it may be said again.
 */
export async function publish({ client, organization }: Desk, report: string): Promise<void> {
  await publishReport(client, organization, report)
}

async function plan(verifier: Desk, report: string): Promise<void> {
  const { client, organization } = verifier
  const path = `/v1/organizations/${organization}/verifications/${report}/plan-content?size=${SAMPLE}`
  await verifier.log(`plan/${report}`, () =>
    patiently(['E_PLAN_EARLY'], () => askStatement(client, 'sampling-plan', path)),
  )
}

/** An opinion waits until the verifier's own witness has logged its audits of every batch below. */
async function opine(
  verifier: Desk,
  report: string,
  outcome: 'unqualified' | 'returned',
  statement: string,
): Promise<void> {
  const { client, organization } = verifier
  await verifier.log(`opinion/${report}`, () =>
    patiently(['E_OPINION_AUDITS', 'E_OPINION_PLAN'], () =>
      askStatement(client, 'opinion', `/v1/organizations/${organization}/verifications/${report}/opinion-content`, {
        outcome,
        statement,
      }),
    ),
  )
}

/** The verifier asks on the very row, the enterprise answers; once. */
async function questionSlip(verifier: Desk, enterprise: Desk, report: string): Promise<void> {
  const path = (desk: Desk) => `/v1/organizations/${desk.organization}/verifications/${report}`
  const { findings } = await verifier.client.http.json<{ findings: readonly { id: string; state: string }[] }>(
    path(verifier),
  )
  let [finding] = findings
  if (finding === undefined) {
    const { items } = await verifier.client.http.json<{ items: readonly { id: string; state: string }[] }>(
      `${path(verifier)}/findings`,
      {
        method: 'POST',
        json: {
          subject: `input/substitutes/0/${SLIP.name}`,
          severity: 'hold',
          words: '台账为 5,000.00 t，报告为 50,000.00 t，请说明。The ledger says 5,000.00 t, the report 50,000.00 t.',
        },
      },
    )
    finding = items[0]
  }
  if (finding?.state !== 'open') return
  await enterprise.client.http.json(`${path(enterprise)}/findings/${finding.id}/messages`, {
    method: 'POST',
    json: { kind: 'answer', words: '录入时多了一位，将更正。A slip of one nought; it will be corrected.' },
  })
}

/** Half a year from today. */
function dueDate(): number {
  return Math.floor(Date.now() / 1000) + 183 * 86_400
}
