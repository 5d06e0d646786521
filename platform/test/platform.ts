import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type Address,
  addressOf,
  type Block,
  batchCar,
  cidFromDigest,
  draftBatch,
  type Entry,
  encodeBlock,
  fromHex0x,
  type Interval,
  numberBatch,
  type Reading,
  type StreamItem,
  signEntry,
  toHex0x,
} from '@tanlian/evidence'
import { type ActMessage, type ActName, actCalldata, connect, contractReader, signAct } from '@tanlian/registry'
import { type Config, configure, type Platform, startPlatform } from '../src/index.ts'
import { erasePostgres, freePort } from '../src/postgres.ts'

/** A private key for tests, different for each name. */
export function testKey(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`platform test key ${name}`).digest())
}

export const account = (name: string): Address => toHex0x(fromHex0x(addressOf(testKey(name)), 20))
export const digestOfName = (name: string): `0x${string}` => toHex0x(createHash('sha256').update(name).digest())

/** A platform of its own with real PostgreSQL and anvil. */
export interface TestPlatform extends Platform {
  readonly config: Config
  /** Ends it, and deletes its data. */
  erase(): Promise<void>
}

export async function testConfig(more: Partial<Parameters<typeof configure>[0]> = {}): Promise<Config> {
  const dataDir = more.dataDir ?? (await mkdtemp(join(tmpdir(), 'tanlian-platform-')))
  const [port, rpcPort] = [await freePort(), await freePort()]
  const founder = {
    address: account('regulator'),
    recovery: account('regulator recovery'),
    profile: digestOfName('regulator'),
  }
  return configure({ port, rpcPort, founder, ...more, dataDir })
}

export async function startTestPlatform(more: Partial<Parameters<typeof configure>[0]> = {}): Promise<TestPlatform> {
  const config = await testConfig(more)
  const platform = await startPlatform(config, {
    fatal: (reason, cause) => {
      throw new Error(`fatal: ${reason} ${String(cause)}`)
    },
  })
  return {
    ...platform,
    config,
    erase: async () => {
      await platform.stop()
      await erasePostgres(config.dataDir)
      await rm(config.dataDir, { recursive: true, force: true })
    },
  }
}

/** Relays one signed act and waits until it is read back. */
export async function act<N extends ActName>(
  { instance, config }: Pick<TestPlatform, 'instance' | 'config'>,
  name: N,
  signer: string,
  message: Omit<ActMessage<N>, 'nonce' | 'expires'>,
  newKeys: readonly string[] = [],
): Promise<void> {
  const { chain } = instance
  const contracts = { registry: chain.contracts.OrganizationRegistry, log: chain.contracts.EvidenceLog }
  const reader = contractReader(connect(config.rpcUrl ?? `http://127.0.0.1:${config.rpcPort}`), contracts)
  const nonce = await reader.nonceOf(account(signer))
  const whole = { ...message, nonce, expires: 4_000_000_000 } as ActMessage<N>
  const domain = { chainId: chain.chainId, verifyingContract: contracts.registry }
  const signatures = signAct(domain, name, whole, { acting: testKey(signer), newKeys: newKeys.map(testKey) })
  const id = `act:${signer}:${nonce}`
  await chain.outbox.submit({
    id,
    kind: 'act',
    to: contracts.registry,
    data: fromHex0x(actCalldata(name, whole, signatures)),
  })
  await until(`${name} by ${signer}`, async () => {
    const intent = await instance.db
      .selectFrom('intent')
      .select(['state', 'failure', 'block'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (intent?.state === 'failed') throw new Error(`${name} by ${signer} failed: ${intent.failure}`)
    return intent?.state === 'done' && chain.block >= (intent.block ?? 0)
  })
}

const KINDS = { regulator: 1, platform: 2, enterprise: 3, verifier: 4, exchange: 5 } as const

/** Applies and is approved. @returns the organization's id */
export async function enroll(platform: TestPlatform, name: string, kind: keyof typeof KINDS): Promise<number> {
  await act(
    platform,
    'Apply',
    name,
    {
      kind: KINDS[kind],
      profile: digestOfName(name),
      key: account(name),
      recovery: account(`${name} recovery`),
      batchKey: account(`${name} batches`),
      documentKey: account(`${name} documents`),
    },
    [`${name} batches`, `${name} documents`],
  )
  const { db } = platform.instance
  const row = await db
    .selectFrom('application')
    .select('application')
    .where('key', '=', fromHex0x(account(name), 20))
    .executeTakeFirstOrThrow()
  await act(platform, 'Approve', 'regulator', {
    organization: 1,
    application: toHex0x(row.application),
    reason: digestOfName('approved'),
  })
  const done = await db
    .selectFrom('application')
    .select('organization')
    .where('application', '=', row.application)
    .executeTakeFirstOrThrow()
  return done.organization as number
}

/** A platform organization and an enterprise that is bound to it. */
export async function bindEnterprise(platform: TestPlatform, name: string, platformId: number): Promise<number> {
  const id = await enroll(platform, name, 'enterprise')
  await act(platform, 'RequestBinding', name, { organization: id, platform: platformId })
  await act(platform, 'ConfirmBinding', 'the platform', { organization: platformId, enterprise: id })
  return id
}

/** Waits for a condition, at most 20 seconds. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain for: ${what}`)
    await pause(20)
  }
}

export const ELECTRICITY = 0x020101
export const STREAMS: readonly StreamItem[] = [
  { stream: 1, type: ELECTRICITY, device: 'meter 1', interval: 900 },
  { stream: 2, type: 0x040101, device: 'stack', interval: 900 },
]

let seeds = 0

/** A signed batch: quarter hours of both streams from `from` on. */
export function makeBatch(
  { instance }: Pick<TestPlatform, 'instance'>,
  given: {
    readonly name: string
    readonly organization: number
    readonly sequence: number
    readonly previous: Uint8Array | null
    readonly from: number
    readonly readings?: number
    readonly restates?: readonly Interval[]
    readonly key?: string
  },
) {
  const { organization, sequence, previous, from, readings = 96, restates = [] } = given
  const frame: Block = encodeBlock({
    bytes: new TextEncoder().encode(`frame ${from}`),
    device: 'meter 1',
    protocol: 'test',
    received: from,
    salt: createHash('sha256').update(`frame ${from}`).digest().subarray(0, 16),
  })
  const rows: Reading[] = []
  for (let at = 0; at < readings; at++)
    for (const { stream, type } of STREAMS)
      rows.push({
        type,
        stream,
        start: from + at * 900,
        seconds: 900,
        quantity: 1000 * stream + at,
        flag: 'N',
        source: frame.cid,
      })
  const seed = () => new Uint8Array(createHash('sha256').update(`seed ${seeds++}`).digest())
  const draft = draftBatch({ readings: rows, streams: [...STREAMS], seed, frames: [frame] })
  const { header, entry } = numberBatch(draft, {
    organization,
    sequence,
    previous: previous === null ? null : cidFromDigest(previous),
    restates,
  })
  const signature = signEntry(entry, instance.chain.domain, testKey(given.key ?? `${given.name} batches`))
  return { entry, header, draft, signature, car: new Uint8Array(batchCar(header, draft.blocks)) }
}

/** Hands a CAR in over HTTP. */
export async function send(
  platform: Pick<TestPlatform, 'app'>,
  given: { readonly car: Uint8Array; readonly signature: Uint8Array; readonly entry: Entry },
) {
  return platform.app.inject({
    method: 'POST',
    url: given.entry.kind === 1 ? '/v1/batches' : '/v1/documents',
    headers: {
      'content-type': 'application/vnd.ipld.car',
      'tanlian-signature': toHex0x(given.signature),
      'idempotency-key': createHash('sha256')
        .update(given.car)
        .update(given.signature)
        .update(String(seeds++))
        .digest('hex'),
    },
    payload: Buffer.from(given.car),
  })
}
