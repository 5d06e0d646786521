import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Connection, connectTo } from '../connect.ts'
import { openJob } from '../import/job.ts'
import { planJob, runImport } from '../import/run.ts'
import { logDataset } from './dataset.ts'
import type { Keyring } from './keyring.ts'
import { DEMO_PARTIES, DEMO_WITNESSES, type DemoParty } from './parties.ts'
import { grantAll, isReader, logPrivacy } from './privacy.ts'
import {
  addDocumentKey,
  addFounderPerson,
  bind,
  nameFounder,
  oneAtATime,
  type Registrar,
  register,
  registered,
} from './register.ts'

/** How far the demo has come. */
export interface DemoState {
  /** Parties that are registered, of all. */
  parties: number
  readonly ofParties: number
  batches: number
  ofBatches: number
  readings: number
  ofReadings: number
  /** Tables that are logged as data sets. */
  datasets: number
}

/** What the seeding needs. */
export interface DemoOptions {
  readonly url: string
  readonly home: string
  readonly keyring: Keyring
  /** Called whenever the state has changed. */
  readonly onState: (state: DemoState) => void
  readonly signal: AbortSignal
}

const DATA = fileURLToPath(new URL('../../../data/', import.meta.url))

/**
 * Fills a platform with the demo through the same doors as anybody uses: applications, approvals, bindings, imports of the readings and
 * data sets in `data/`. Run again, it takes up what is missing and doubles nothing.
 */
export async function seedDemo(options: DemoOptions): Promise<DemoState> {
  const { home, keyring, signal } = options
  const connection = await connectTo(options.url, undefined)
  const state: DemoState = {
    parties: 0,
    ofParties: DEMO_PARTIES.length,
    batches: 0,
    ofBatches: 0,
    readings: 0,
    ofReadings: 0,
    datasets: 0,
  }
  const [regulator, platform] = DEMO_PARTIES as readonly [DemoParty, DemoParty, ...DemoParty[]]
  const regulatorId = await registered(connection, keyring, regulator.name)
  if (regulatorId === undefined)
    throw new Error('the platform was deployed with another first regulator than the one of this folder')
  await nameFounder(connection, regulator)
  const registrar: Registrar = {
    connection,
    home,
    keyring,
    regulator: regulatorId,
    regulatorName: regulator.name,
    approvals: oneAtATime(),
  }
  const told = (change: (state: DemoState) => void) => {
    change(state)
    options.onState(state)
  }
  told((now) => {
    now.parties = 1
  })
  const confirmations = oneAtATime()
  const platformId = register(registrar, platform)
  const enter = async (party: DemoParty): Promise<number> => {
    const id =
      party === regulator ? regulatorId : party === platform ? await platformId : await register(registrar, party)
    if (party !== regulator) {
      told((now) => {
        now.parties += 1
      })
    } else {
      await addDocumentKey(registrar, party, id)
      await addFounderPerson(registrar, party, id)
    }
    if (isReader(party)) await logPrivacy(connection, home, keyring, party, id)
    return id
  }
  const entered = new Map(DEMO_PARTIES.map((party) => [party.name, enter(party)]))
  const settle = async (party: DemoParty) => {
    const id = await (entered.get(party.name) as Promise<number>)
    if (party.imports.length > 0) await bind(registrar, party, id, await platformId, confirmations)
    for (const { file, description } of party.datasets) {
      if (signal.aborted) return
      await logDataset(connection, home, id, await keyring.key(party.name, 'documents'), {
        file: join(DATA, file),
        description: join(DATA, description),
      })
      told((now) => {
        now.datasets += 1
      })
    }
    if (party.privacy !== undefined) {
      // Who is to read must be named when it is sealed: so the witnesses' keys come first.
      const readers = await Promise.all(DEMO_WITNESSES.map((name) => entered.get(name) as Promise<number>))
      await grantAll(connection, keyring, party, id, readers)
    }
    for (const { file, mapping } of party.imports) await bring(options, connection, party, id, file, mapping, told)
  }
  await Promise.all(DEMO_PARTIES.map(settle))
  return state
}

/** One data set of one party. */
async function bring(
  { home, keyring, signal }: DemoOptions,
  connection: Connection,
  party: DemoParty,
  organization: number,
  file: string,
  mapping: string,
  told: (change: (state: DemoState) => void) => void,
): Promise<void> {
  const job = await openJob(join(DATA, file), join(DATA, mapping), organization, {})
  const plan = await planJob(job)
  told((now) => {
    now.ofBatches += plan.windows.length
    now.ofReadings += plan.readings
  })
  let batches = 0
  let readings = 0
  await runImport(job, plan, {
    home,
    connection,
    key: await keyring.key(party.name, 'batches'),
    stop: () => signal.aborted,
    onProgress(progress) {
      if (progress.phase !== 'sending') return
      told((now) => {
        now.batches += progress.batches - batches
        now.readings += progress.readings - readings
      })
      batches = progress.batches
      readings = progress.readings
    },
  })
}
