import { fromHex } from '@tanlian/evidence'
import { type AskedInput, beginReport, keepAttachment, type NewReport, reportStatement, setInputs } from '@tanlian/sdk'
import { periodWindow } from '@tanlian/units'
import { patiently } from './patience.ts'
import { inputsOf, type ReportingPlant } from './plants.ts'
import type { Desk } from './statements.ts'

/** The year that is reported. */
export const YEAR = '2025'
export const ZONE = 'Asia/Shanghai'
export const MONTHS: readonly string[] = Array.from(
  { length: 12 },
  (_, month) => `${YEAR}-${String(month + 1).padStart(2, '0')}`,
)

/**
 * Refusals that pass by themselves: a batch is on its way into the log, or not witnessed yet; or not all that was accepted is in the sums, so
 * that a total has no readings yet (E_DRAFT_INPUT) or is another by the time of the signature (E_DRAFT_STALE).
 */
const SOON: readonly string[] = [
  ...['E_DRAFT_BEHIND', 'E_DRAFT_INPUT', 'E_DRAFT_STALE', 'E_DRAFT_WITNESSES'],
  ...['E_CHAIN_UNAVAILABLE', 'E_BUSY'],
]

/** Logs the plant's document of the year (年度台账), of which what no meter measures is read off. @returns its CID */
export function logLedger(desk: Desk, plant: ReportingPlant): Promise<string> {
  return desk.log(`voucher/${YEAR}/${plant.subject}`, async () => {
    const kept = await keepAttachment(desk.client, desk.organization, `${plant.data}-${YEAR}.csv`, ledgerOf(plant))
    const { from, to } = periodWindow(YEAR, ZONE)
    const content = {
      format: 'tanlian/voucher/1',
      title: `${YEAR} 台账与检测汇总（示例） ledger and tests (seeded)`,
      period: [from, to],
      file: { digest: fromHex(kept.digest, 32), bytes: kept.bytes, media: kept.media },
    }
    return { kind: 'voucher', content, blocks: [] }
  })
}

/** Drafts, fills and submits a report of a month or the year, once. @returns its CID */
export function submitReport(
  desk: Desk,
  plant: ReportingPlant,
  period: string,
  ledger: string,
  methodology: string,
  change: {
    readonly corrects?: string
    readonly reason?: string
    readonly inputs?: (given: readonly AskedInput[]) => readonly AskedInput[]
  } = {},
): Promise<string> {
  const { corrects, reason } = change
  return desk.log(`report/${period}/${corrects ?? ''}`, async () => {
    const months = (period === YEAR ? MONTHS : [period]).map((month) => periodWindow(month, ZONE))
    const given = inputsOf(plant, months, ledger)
    const head: NewReport = {
      type: period === YEAR ? 'year' : 'month',
      subject: plant.subject,
      period,
      zone: ZONE,
      methodology,
      ...(corrects === undefined ? {} : { corrects }),
      ...(reason === undefined ? {} : { reason }),
    }
    let draft = await beginReport(desk.client, desk.organization, head)
    return patiently(SOON, async () => {
      draft = await setInputs(desk.client, draft, change.inputs?.(given) ?? given)
      return reportStatement(desk.client, draft)
    })
  })
}

/** The document's file: every value that a report reads off it. */
function ledgerOf({ subject, single, groups }: ReportingPlant): Uint8Array {
  const lines = [...single, ...Object.values(groups).flat(2)].flatMap((line) =>
    'voucher' in line ? [`${line.name},${line.voucher}`] : 'manual' in line ? [`${line.name},${line.manual}`] : [],
  )
  return new TextEncoder().encode(`${[`item of ${subject.replaceAll(',', ' ')},value`, ...lines].join('\n')}\n`)
}
