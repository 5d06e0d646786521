import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { gunzipSync } from 'node:zlib'
import {
  addressOf,
  batchCar,
  ENTRY_DOCUMENT,
  encodeBlock,
  encodeProfile,
  numberBatch,
  parseMapping,
  toHex0x,
  writeCar,
} from '@tanlian/evidence'
import {
  buildDataset,
  type Client,
  DATASET_KIND,
  type DatasetDescription,
  memoryOutbox,
  newPrivateKey,
  openClient,
  openSubmitter,
  platformGate,
} from '@tanlian/sdk'
import { buildBatches } from '../src/evidence/upload-build.ts'
import { openTableFile } from '../src/evidence/upload-files.ts'
import { planUpload } from '../src/evidence/upload-plan.ts'
import { type ApplicantKeys, applyFor, doAct } from '../src/organization/act.ts'

/** A registered party of the tests, with its private keys: made here, good for nothing else. */
export interface Party {
  readonly id: number
  readonly name: string
  readonly keys: ApplicantKeys
}

/** A real platform of its own process, with a regulator, a platform, and a steel plant that has uploaded a week of readings and a data set. */
export interface Service {
  readonly url: string
  readonly client: Client
  readonly regulator: Party
  readonly platform: Party
  readonly steel: Party
  /** CID of the data set that the plant logged: the EU list of the demo. */
  readonly dataset: string
  readonly stop: () => Promise<void>
}

const ROOT = join(import.meta.dirname, '../..')
const START_MS = 90_000
const STOP_MS = 20_000

/** Starts the platform on free ports with the built pages, and seeds it through the same doors as everybody's. */
export async function startService(): Promise<Service> {
  const data = await mkdtemp(join(tmpdir(), 'tanlian-web-'))
  const regulatorKeys = newKeys()
  const profile = {
    kind: 'regulator',
    name: '示范监管局',
    nameEn: 'Demo regulator',
    region: null,
    industry: null,
    website: null,
    private: null,
  } as const
  const founder = join(data, 'founder.json')
  await writeFile(
    founder,
    JSON.stringify({
      address: addressOf(regulatorKeys.acts),
      recovery: regulatorKeys.recovery,
      profile: toHex0x(encodeProfile(profile).cid.multihash.digest),
    }),
  )
  const args = [
    'platform/src/main.ts',
    'serve',
    '--demo',
    '--progress',
    'json',
    '--promise',
    '1',
    '--port',
    '0',
    '--rpc-port',
    String(await freePort()),
    '--data',
    join(data, 'platform'),
    '--founder',
    founder,
    '--web',
    'web/dist',
    // Receivers of webhooks in tests are on this machine.
    '--webhook-hosts',
    '127.0.0.1',
    '--webhook-networks',
    '127.0.0.0/8',
  ]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = async () => {
    await end(child)
    await rm(data, { recursive: true, force: true })
  }
  try {
    const address = new URL(await ready(child))
    // Passkeys and the like are for a name, not for a number.
    const url = `http://localhost:${address.port}`
    const client = openClient({ base: url })
    await client.http.json('/v1/profiles', { method: 'POST', json: { profile, private: null } })
    const regulator = { id: 1, name: profile.name, keys: regulatorKeys }
    const platform = await register(client, regulator, 'platform', '示范平台', 'Demo platform')
    const steel = await register(client, regulator, 'enterprise', '示范钢铁厂', 'Demo steel plant')
    await doAct(client, 'RequestBinding', { organization: steel.id, platform: platform.id }, steel.keys.acts)
    await doAct(client, 'ConfirmBinding', { organization: platform.id, enterprise: steel.id }, platform.keys.acts)
    await upload(client, steel)
    const dataset = await publishList(client, steel)
    return { url, client, regulator, platform, steel, dataset, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A load curve of quarter hours, as a meter would write it. @param days from 2018-03-01, in Shanghai */
export function loadCurve(days: number): string {
  const rows = ['time,energy_kWh,temperature_C']
  for (let at = 0; at < days * 96; at++) {
    const time = new Date(Date.UTC(2018, 2, 1) + at * 900_000).toISOString().slice(0, 16).replace('T', ' ')
    const hour = (at % 96) / 4
    const load = 12 + 38 * Math.exp(-(((hour - 14) / 5) ** 2)) + ((at * 7919) % 97) / 40
    rows.push(`${time},${load.toFixed(2)},${(21 + 6 * Math.sin(((hour - 8) / 24) * 2 * Math.PI)).toFixed(1)}`)
  }
  return `${rows.join('\n')}\n`
}

/** The mapping that goes with {@link loadCurve}. */
export const LOAD_MAPPING = {
  format: 'tanlian/mapping/1',
  device: 'meter M-07',
  protocol: 'file/csv',
  rows: { header: 1 },
  time: { columns: ['time'], format: 'yyyy-MM-dd HH:mm', zone: 'Asia/Shanghai', stamp: 'start', interval: 900 },
  columns: [
    {
      column: 'energy_kWh',
      stream: 1,
      kind: '020100',
      name: 'main feeder',
      unit: 'kWh',
      value: 'delta',
      rounding: 'half-even',
    },
    {
      column: 'temperature_C',
      stream: 2,
      kind: '0b0100',
      name: 'hall',
      unit: '°C',
      value: 'mean',
      rounding: 'half-even',
    },
  ],
}

async function register(
  client: Client,
  regulator: Party,
  kind: 'platform' | 'enterprise',
  name: string,
  nameEn: string,
): Promise<Party> {
  const keys = newKeys()
  const hidden = { contact: '王工', phone: null, email: null, address: null, creditCode: null }
  const { application } = await applyFor(
    client,
    { kind, name, nameEn, region: '河北', industry: null, website: null },
    hidden,
    keys,
  )
  const reason = toHex0x(new Uint8Array(32))
  const job = await doAct(
    client,
    'Approve',
    { organization: regulator.id, application: application as `0x${string}`, reason },
    regulator.keys.acts,
  )
  return { id: Number(job.result?.organization), name, keys }
}

async function upload(client: Client, party: Party): Promise<void> {
  const where = await client.wellKnown()
  const mapping = parseMapping(LOAD_MAPPING)
  const file = new Blob([loadCurve(7)])
  const records = async () => (await openTableFile(file, () => undefined)).records()
  const plan = await planUpload(mapping, await records())
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
  const options = { protocol: 'file/csv', file: random(32), receivedS: Math.floor(Date.now() / 1000), random }
  const submitter = openSubmitter({
    gate: platformGate(client),
    outbox: memoryOutbox(),
    log: { chainId: where.chainId, verifyingContract: where.contracts.EvidenceLog },
    organization: party.id,
    kind: 1,
    key: party.keys.batches,
  })
  const wanted = new Set(plan.windows.map(({ day }) => day))
  for await (const { window, draft } of buildBatches(mapping, plan, wanted, await records(), options)) {
    const receipt = await submitter.submit((sequence, previous) => {
      const { header, entry } = numberBatch(draft, { organization: party.id, sequence, previous })
      return { entry, car: batchCar(header, draft.blocks) }
    }, window)
    await anchored(client, party.id, receipt.sequence)
  }
}

/** Logs the EU list of the demo's data as a data set. @returns its CID once it is on the chain */
async function publishList(client: Client, party: Party): Promise<string> {
  const where = await client.wellKnown()
  const folder = join(ROOT, 'data/eu-ets')
  const description = JSON.parse(await readFile(join(folder, 'dataset.json'), 'utf8')) as DatasetDescription
  const packed = new Uint8Array(await readFile(join(folder, 'installations.csv.gz')))
  const text = new Uint8Array(gunzipSync(packed))
  const { content, block } = buildDataset(description, { name: 'installations.csv', packing: 'gzip', packed, text })
  const submitter = openSubmitter({
    gate: platformGate(client),
    outbox: memoryOutbox(),
    log: { chainId: where.chainId, verifyingContract: where.contracts.EvidenceLog },
    organization: party.id,
    kind: ENTRY_DOCUMENT,
    key: party.keys.documents,
  })
  let cid = ''
  const { sequence } = await submitter.submit((number, previous) => {
    const fields = { organization: party.id, sequence: number, previous, kind: DATASET_KIND, content }
    const document = encodeBlock({ format: 'tanlian/document/1', ...fields })
    cid = document.cid.toString()
    const entry = {
      kind: ENTRY_DOCUMENT,
      organization: party.id,
      sequence: number,
      digest: document.cid.multihash.digest,
    } as const
    return { entry, car: writeCar(document.cid, [document, block]) }
  }, 'list')
  await anchored(client, party.id, sequence, ENTRY_DOCUMENT)
  return cid
}

/** Waits until a statement stands in the contract's log; each goes there alone, so that the log has a root before it. */
async function anchored(client: Client, organization: number, sequence: number, kind: 1 | 2 = 1): Promise<void> {
  const until = Date.now() + 30_000
  for (;;) {
    for await (const entry of client.entries(organization, kind, sequence - 1)) if (entry.index !== null) return
    if (Date.now() > until)
      throw new Error(`Statement ${sequence} of organization ${organization} did not reach the chain.`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function newKeys(): ApplicantKeys {
  return {
    acts: newPrivateKey(),
    batches: newPrivateKey(),
    documents: newPrivateKey(),
    recovery: addressOf(newPrivateKey()),
  }
}

/** The address that the platform prints once it is up. */
async function ready(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The platform has no output.')
  const limit = setTimeout(() => child.kill('SIGKILL'), START_MS)
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as { step: string; url?: string; message?: string }
      if (said.step === 'failed') throw new Error(`The platform did not start: ${said.message}`)
      if (said.step === 'ready' && said.url !== undefined) {
        child.stdout.resume()
        return said.url
      }
    }
    throw new Error(`The platform ended or was not up within ${START_MS / 1000} s.`)
  } finally {
    clearTimeout(limit)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await ended
  clearTimeout(limit)
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
