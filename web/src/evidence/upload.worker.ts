import {
  batchCar,
  fromHex,
  type Mapping,
  numberBatch,
  parseMapping,
  type ReadersOf,
  sealDraft,
  toHex,
} from '@tanlian/evidence'
import {
  openClient,
  openReaders,
  openSubmitter,
  type PrivacySource,
  platformGate,
  privacyRulesOf,
  signIn,
} from '@tanlian/sdk'
import { refusalOf, TanlianError } from '@tanlian/units'
import { inStore } from '../database.ts'
import { browserOutbox } from './browser-outbox.ts'
import { buildBatches } from './upload-build.ts'
import { openTableFile, type TableFile } from './upload-files.ts'
import { type Plan, planUpload } from './upload-plan.ts'

/** What the worker is asked. The private key lives in the worker's memory for the time of sending and is never stored. */
export type UploadOrder =
  | { readonly order: 'open'; readonly file: File }
  | { readonly order: 'plan'; readonly mapping: unknown }
  | {
      readonly order: 'send'
      readonly organization: number
      readonly key: Uint8Array
      readonly origin: string
      /** Sequence of the choice of privacy that the person was told of; null where there is none. */
      readonly choice: number | null
    }

/** What it tells. */
export type UploadNews =
  | {
      readonly news: 'opened'
      readonly columns: readonly string[]
      readonly sample: readonly (readonly string[])[]
      readonly protocol: string
    }
  | { readonly news: 'progress'; readonly done: number; readonly of: number; readonly what: 'reading' | 'sending' }
  | { readonly news: 'planned'; readonly plan: Plan }
  | {
      readonly news: 'batch'
      readonly window: string
      readonly sequence: number
      readonly digest: string
      readonly readings: number
    }
  | { readonly news: 'sent'; readonly batches: number; readonly earlier: number }
  | { readonly news: 'failed'; readonly code: string; readonly message: string }

/** How far an import has come; the same file, mapping and organization are the same import. */
interface ImportRecord {
  readonly id: string
  readonly done: readonly string[]
}

const SAMPLE = 12
let file: File | undefined
let mapping: Mapping | undefined
let mappingText = ''
let plan: Plan | undefined

const tell = (news: UploadNews) => postMessage(news)

addEventListener('message', async ({ data }: MessageEvent<UploadOrder>) => {
  try {
    if (data.order === 'open') await open(data.file)
    else if (data.order === 'plan') await check(data.mapping)
    else await send(data)
  } catch (error) {
    if (error instanceof TanlianError) {
      const { code, message } = refusalOf(error)
      tell({ news: 'failed', code, message })
    } else
      tell({ news: 'failed', code: 'E_UPLOAD_FILE', message: error instanceof Error ? error.message : String(error) })
  }
})

async function open(given: File): Promise<void> {
  file = given
  const table = await openTableFile(given, () => undefined)
  const rows: (readonly string[])[] = []
  for await (const part of table.records()) {
    for (const { cells } of part) if (rows.length <= SAMPLE) rows.push(cells)
    if (rows.length > SAMPLE) break
  }
  tell({ news: 'opened', columns: rows[0] ?? [], sample: rows.slice(1), protocol: table.protocol })
}

async function check(given: unknown): Promise<void> {
  mapping = parseMapping(given)
  mappingText = JSON.stringify(given)
  plan = await planUpload(mapping, (await table('reading')).records())
  if (plan.readings === 0 && plan.badRows === 0)
    throw new TanlianError(
      'E_UPLOAD_NOTHING',
      'No row of the file gives a reading. Check the columns, the unit and the form of the time.',
    )
  tell({ news: 'planned', plan })
}

async function send({ organization, key, origin, choice }: Extract<UploadOrder, { order: 'send' }>): Promise<void> {
  if (file === undefined || mapping === undefined || plan === undefined)
    throw new TanlianError('E_UPLOAD_CHANGED', 'Nothing was checked before sending. Check the file first.')
  const client = openClient({ base: origin })
  const where = await client.wellKnown()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  const id = `${organization}:${toHex(digest)}:${mappingText}`
  const gate = platformGate(client)
  const log = { chainId: where.chainId, verifyingContract: where.contracts.EvidenceLog }
  const readersOf = await readersFor({ client, gate, log, organization }, choice, key)
  const submitter = openSubmitter({
    ...{ gate, log, organization },
    outbox: browserOutbox(),
    kind: 1,
    key,
  })
  const done = new Set(
    (await inStore<ImportRecord | undefined>('imports', 'readonly', (store) => store.get(id)))?.done ?? [],
  )
  const settle = async (window: string) => {
    done.add(window)
    await inStore('imports', 'readwrite', (store) => store.put({ id, done: [...done] } satisfies ImportRecord))
  }
  // What an earlier visit signed and did not see acknowledged goes first, byte for byte.
  for (const { note } of await submitter.resume()) if (note.startsWith(id)) await settle(note.slice(id.length + 1))
  const earlier = done.size
  const wanted = new Set(plan.windows.map(({ day }) => day).filter((day) => !done.has(day)))
  const all = plan.windows.length
  tell({ news: 'progress', done: earlier, of: all, what: 'sending' })
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const options = {
    protocol: `file/${(await table('sending')).protocol}`,
    file: digest,
    receivedS: Math.floor(Date.now() / 1000),
    random,
  }
  for await (const { window, draft: plain } of buildBatches(
    mapping,
    plan,
    wanted,
    (await table('sending')).records(),
    options,
  )) {
    const draft = readersOf === undefined ? plain : await sealDraft(plain, organization, readersOf, random)
    const receipt = await submitter.submit((sequence, previous) => {
      const { header, entry } = numberBatch(draft, { organization, sequence, previous })
      return { entry, car: batchCar(header, draft.blocks) }
    }, `${id}:${window}`)
    await settle(window)
    tell({
      news: 'batch',
      window,
      sequence: receipt.sequence,
      digest: toHex(fromHex(receipt.digest)),
      readings: draft.count,
    })
    tell({ news: 'progress', done: done.size, of: all, what: 'sending' })
  }
  key.fill(0)
  tell({ news: 'sent', batches: done.size - earlier, earlier })
}

/**
 * For whom each chunk is sealed, by the organization's own logged choice; undefined where all of it is open. Grants are told to the organization
 * alone, so its key signs in for them. Codes: E_UPLOAD_PRIVACY where the choice is no longer the one that the person was told of, E_PRIVACY_….
 */
async function readersFor(source: PrivacySource, told: number | null, key: Uint8Array): Promise<ReadersOf | undefined> {
  const { since, rules } = await privacyRulesOf(source)
  if (since !== told)
    throw new TanlianError(
      'E_UPLOAD_PRIVACY',
      'The organization changed how its types are kept after this page told you. Nothing was sent: load the page again and read who can see what you send.',
    )
  if (rules.every(({ mode }) => mode === 'open')) return undefined
  const { token } = await signIn(source.client, source.organization, key)
  const client = openClient({ base: source.client.http.base, headers: () => ({ authorization: `Bearer ${token}` }) })
  return openReaders({ ...source, client }, rules)
}

/** The file, opened anew: each pass reads it from the beginning. */
async function table(what: 'reading' | 'sending'): Promise<TableFile> {
  if (file === undefined) throw new TanlianError('E_UPLOAD_CHANGED', 'No file is open. Choose it again.')
  const { size } = file
  return openTableFile(file, (read) => what === 'reading' && tell({ news: 'progress', done: read, of: size, what }))
}
