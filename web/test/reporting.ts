import { loadLibrary } from '@tanlian/accounting/library'
import { ENTRY_DOCUMENT, encodeBlock } from '@tanlian/evidence'
import {
  type AskedInput,
  beginReport,
  logStatement,
  memoryOutbox,
  openClient,
  openSubmitter,
  platformGate,
  reportStatement,
  type Statement,
  setInputs,
  signIn,
} from '@tanlian/sdk'
import { TanlianError } from '@tanlian/units'
import type { Party, Service } from './service.ts'

/** The methodology of the tests' reports: electricity and heat that were bought. */
export const METHODOLOGY = 'energy.purchased'
/** What no meter of the plant measures. */
export const BESIDE: readonly AskedInput[] = [
  { name: 'region', group: null, row: 0, value: 'Jiangsu', origin: { kind: 'choice' } },
  { name: 'year', group: null, row: 0, value: '2023', origin: { kind: 'choice' } },
  { name: 'certified', group: null, row: 0, value: '0', origin: { kind: 'manual', reason: 'none bought' } },
  { name: 'heat', group: null, row: 0, value: '0', origin: { kind: 'manual', reason: 'no heat is bought' } },
]

/** Publishes methodologies with their factors, as the platform may. */
export async function publishMethodology(service: Service, methodologies = [METHODOLOGY]): Promise<void> {
  const items = await Promise.all(methodologies.map(async (id) => (await loadLibrary(id)).item))
  for (const id of new Set(items.flatMap((item) => [item.id, ...item.sets]))) {
    const { document, item: own } = await loadLibrary(id)
    const block = encodeBlock(document)
    const content = { format: 'tanlian/publication/1', subject: block.cid, state: 'published', reason: null }
    await log(service, service.platform, { kind: own.kind, content, blocks: [block] })
  }
}

/** The plant's report of March 2018 on the week that it has uploaded. @returns its CID */
export function submitMarch(service: Service): Promise<string> {
  return submitMonth(service, '一号厂房 hall 1', '2018-03', METHODOLOGY, BESIDE)
}

/** A report of a month: what was measured in it, and beside that what is entered. @returns its CID */
export async function submitMonth(
  service: Service,
  subject: string,
  period: string,
  methodology: string,
  entered: readonly AskedInput[],
): Promise<string> {
  const { steel, url } = service
  const { token } = await signIn(service.client, steel.id, steel.keys.acts)
  const client = openClient({ base: url, headers: () => ({ authorization: `Bearer ${token}` }) })
  const { item } = await loadLibrary(methodology)
  const begun = await beginReport(client, steel.id, {
    type: 'month',
    subject,
    period,
    zone: 'Asia/Shanghai',
    methodology: item.cid,
  })
  const measured = begun.inputs.filter(({ origin }) => origin.kind === 'total').map(({ value: _, ...input }) => input)
  const draft = await setInputs(client, begun, [...measured, ...entered])
  return log(service, steel, await soon(() => reportStatement(client, draft)))
}

async function log({ client }: Service, party: Party, statement: Statement): Promise<string> {
  const { chainId, contracts } = await client.wellKnown()
  const submitter = openSubmitter({
    gate: platformGate(client),
    outbox: memoryOutbox(),
    log: { chainId, verifyingContract: contracts.EvidenceLog },
    organization: party.id,
    kind: ENTRY_DOCUMENT,
    key: party.keys.documents,
  })
  return (await logStatement(submitter, party.id, statement, 'test')).cid.toString()
}

/** Again while what a report rests on is on its way into the log. */
async function soon<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof TanlianError) || error.code !== 'E_DRAFT_BEHIND') throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
}
