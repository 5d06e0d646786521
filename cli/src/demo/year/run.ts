import { loadLibrary } from '@tanlian/accounting/library'
import { type Connection, connectTo } from '../../connect.ts'
import type { Keyring } from '../keyring.ts'
import { registered } from '../register.ts'
import { analyseCoal } from './laboratory.ts'
import { REPORTING_PLANTS, type ReportingPlant } from './plants.ts'
import { publishLibrary } from './publish.ts'
import { logLedger, MONTHS, submitReport, YEAR } from './report.ts'
import { type Desk, openDesk } from './statements.ts'
import { type AnnualReport, accept, assignVerifiers, publish, SENT_BACK, verify, withSlip } from './verification.ts'

/** How far the demo's year of reports has come. */
export interface YearState {
  reports: number
  readonly ofReports: number
  verified: number
  readonly ofVerified: number
}

export interface YearOptions {
  readonly url: string
  readonly home: string
  readonly keyring: Keyring
  readonly signal: AbortSignal
  readonly onState: (state: YearState) => void
}

/** The verification bodies of the demo. */
const VERIFIERS = ['verifier', 'verifier-2'] as const
/** The plant whose coal is tested. */
const COAL = 'gas-turbine'
/** Plants that are at work on their reports at once. */
const AT_ONCE = 2

/**
 * The demo's year of reports (月度存证与年度报告), through the same doors as anybody uses. Run again, it takes up what is missing and doubles nothing.
 */
export async function runYear(options: YearOptions): Promise<YearState> {
  const connection = await connectTo(options.url, undefined)
  const state: YearState = {
    reports: 0,
    ofReports: REPORTING_PLANTS.length * (MONTHS.length + 1),
    verified: 0,
    ofVerified: REPORTING_PLANTS.length,
  }
  const desks: Desk[] = []
  const deskOf = async (party: string): Promise<Desk> => {
    const desk = await openDesk(connection, options, party, await organizationOf(connection, options.keyring, party))
    desks.push(desk)
    return desk
  }
  try {
    const regulator = await deskOf('regulator')
    await publishLibrary(regulator)
    const plants = new Map<string, Desk>()
    const open = async (party: string): Promise<Desk> => {
      const desk = await deskOf(party)
      plants.set(party, desk)
      return desk
    }
    const left = [...REPORTING_PLANTS]
    const annual: AnnualReport[] = []
    const next = async (): Promise<void> => {
      for (let plant = left.shift(); plant !== undefined && !options.signal.aborted; plant = left.shift())
        annual.push(await reportYear(await open(plant.party), plant, options, state))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, next))
    if (options.signal.aborted) return state
    await analyseCoal(plants.get(COAL) as Desk, await deskOf('laboratory'))
    if (options.signal.aborted) return state
    await verifyYear(regulator, await Promise.all(VERIFIERS.map(deskOf)), annual, options, state)
  } finally {
    for (const desk of desks) await desk.close()
  }
  return state
}

/** Twelve months and the year of one plant. */
async function reportYear(
  desk: Desk,
  plant: ReportingPlant,
  { onState }: YearOptions,
  state: YearState,
): Promise<AnnualReport> {
  const methodology = (await loadLibrary(plant.methodology)).item.cid
  await onCalendar(desk, plant)
  const ledger = await logLedger(desk, plant)
  const submit = async (period: string) => {
    const slip = period === YEAR && plant.party === SENT_BACK ? { inputs: withSlip } : {}
    const report = await submitReport(desk, plant, period, ledger, methodology, slip)
    state.reports += 1
    onState(state)
    return report
  }
  for (const month of MONTHS) await submit(month)
  return { desk, plant, ledger, methodology, report: await submit(YEAR) }
}

/** Puts a plant of the national market on the calendar, once, so that its deadlines are shown and reminded of. */
async function onCalendar(
  { client, organization }: Desk,
  { sector, subject, facts = {} }: ReportingPlant,
): Promise<void> {
  if (sector === undefined) return
  const path = `/v1/organizations/${organization}/projects`
  const { items } = await client.http.json<{ items: readonly { subject: string }[] }>(path)
  if (items.some((project) => project.subject === subject)) return
  await client.http.json(path, { method: 'POST', json: { sector, subject, facts } })
}

/** Verifiers are drawn, verify what they were given, and the regulator decides. */
async function verifyYear(
  regulator: Desk,
  verifiers: readonly Desk[],
  annual: readonly AnnualReport[],
  { signal, onState }: YearOptions,
  state: YearState,
): Promise<void> {
  const assigned = await assignVerifiers(
    regulator,
    annual.map(({ desk }) => desk.organization),
  )
  for (const report of annual) {
    if (signal.aborted) return
    const verifier = verifiers.find(({ organization }) => organization === assigned.get(report.desk.organization))
    if (verifier === undefined) throw new Error(`nobody was drawn for ${report.plant.party}`)
    const stands = await verify(verifier, report)
    await accept(regulator, stands)
    await publish(report.desk, stands)
    state.verified += 1
    onState(state)
  }
}

async function organizationOf(connection: Connection, keyring: Keyring, party: string): Promise<number> {
  const id = await registered(connection, keyring, party)
  if (id === undefined) throw new Error(`the demo's ${party} is not registered`)
  return id
}
