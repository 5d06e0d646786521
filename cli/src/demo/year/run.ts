import { loadLibrary } from '@tanlian/accounting/library'
import { type Connection, connectTo } from '../../connect.ts'
import type { Keyring } from '../keyring.ts'
import { registered } from '../register.ts'
import { REPORTING_PLANTS, type ReportingPlant } from './plants.ts'
import { publishLibrary } from './publish.ts'
import { logLedger, MONTHS, submitReport, YEAR } from './report.ts'
import { type Desk, openDesk } from './statements.ts'

/** How far the demo's year of reports has come. */
export interface YearState {
  reports: number
  readonly ofReports: number
}

export interface YearOptions {
  readonly url: string
  readonly home: string
  readonly keyring: Keyring
  readonly signal: AbortSignal
  readonly onState: (state: YearState) => void
}

/** Plants that are at work on their reports at once. */
const AT_ONCE = 2

/**
 * The demo's year of reports (月度存证与年度报告), through the same doors as anybody uses. Run again, it takes up what is missing and doubles nothing.
 */
export async function runYear(options: YearOptions): Promise<YearState> {
  const connection = await connectTo(options.url, undefined)
  const state: YearState = { reports: 0, ofReports: REPORTING_PLANTS.length * (MONTHS.length + 1) }
  const desks: Desk[] = []
  const deskOf = async (party: string): Promise<Desk> => {
    const desk = await openDesk(connection, options, party, await organizationOf(connection, options.keyring, party))
    desks.push(desk)
    return desk
  }
  try {
    await publishLibrary(await deskOf('regulator'))
    const left = [...REPORTING_PLANTS]
    const next = async (): Promise<void> => {
      for (let plant = left.shift(); plant !== undefined && !options.signal.aborted; plant = left.shift())
        await reportYear(await deskOf(plant.party), plant, options, state)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, next))
  } finally {
    for (const desk of desks) await desk.close()
  }
  return state
}

/** Twelve months and the year of one plant. */
async function reportYear(
  desk: Desk,
  plant: ReportingPlant,
  { signal, onState }: YearOptions,
  state: YearState,
): Promise<void> {
  const { item } = await loadLibrary(plant.methodology)
  const ledger = await logLedger(desk, plant)
  for (const period of [...MONTHS, YEAR]) {
    if (signal.aborted) return
    await submitReport(desk, plant, period, ledger, item.cid)
    state.reports += 1
    onState(state)
  }
}

async function organizationOf(connection: Connection, keyring: Keyring, party: string): Promise<number> {
  const id = await registered(connection, keyring, party)
  if (id === undefined) throw new Error(`the demo's ${party} is not registered`)
  return id
}
