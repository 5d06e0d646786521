import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Entry, encodeEntry, fromHex } from '@tanlian/evidence'
import { type Chain, openChain, openClient, openRpc } from '@tanlian/sdk'
import { openWitness, type Witness, type WitnessOptions } from '@tanlian/sdk/witness'
import { waitingRow } from '../platform/src/chain/outbox-store.ts'
import { intentId } from '../platform/src/evidence/accept.ts'
import { makeBatch, send } from '../platform/test/batch.ts'
import { bindEnterprise, newParty, register, type TestParty } from '../platform/test/party.ts'
import { startTestPlatform, type TestPlatform } from '../platform/test/platform.ts'

/** A platform with a plant that sends batches, and a verifier that watches. */
export interface WitnessedPlatform {
  readonly platform: TestPlatform
  readonly plant: TestParty
  readonly verifier: TestParty
  /** Everything that was sent, in sequence. */
  readonly batches: ReturnType<typeof makeBatch>[]
  /** Sends so many more batches and waits until they are in the log. */
  grow(count: number): Promise<void>
  /** Brings signed entries to the contract past the platform's acceptance, as anybody may. */
  append(entries: readonly { readonly entry: Entry; readonly signature: Uint8Array }[]): Promise<void>
  /** A node's view; `rpc` stands in for the way to the node. */
  chain(rpc?: typeof fetch): Chain
}

const FROM = 1_600_000_000

export async function startWitnessedPlatform(): Promise<WitnessedPlatform> {
  const platform = await startTestPlatform()
  const market = await register(platform, newParty('platform', 'the platform'))
  const plant = await bindEnterprise(platform, 'plant', market)
  const verifier = await register(platform, newParty('verifier', 'verifier'))
  const batches: ReturnType<typeof makeBatch>[] = []
  const { chainId, contracts, publicRpc } = platform.instance.chain
  return {
    platform,
    plant,
    verifier,
    batches,
    async grow(count) {
      const { size } = platform.instance.log
      for (let at = 0; at < count; at++) {
        const sequence = batches.length + 1
        const previous = batches.at(-1)?.entry.digest ?? null
        const batch = makeBatch(platform, {
          party: plant,
          sequence,
          previous,
          from: FROM + sequence * 86_400,
          readings: 4,
        })
        const { status, text } = await send(platform, batch)
        if (status !== 201) throw new Error(text)
        batches.push(batch)
      }
      await logHolds(platform, size + count)
    },
    async append(entries) {
      const { chain, db, clock } = platform.instance
      for (const { entry, signature } of entries)
        await db
          .insertInto('intent')
          .values(
            waitingRow({
              id: intentId(entry),
              kind: 'entry',
              to: chain.domain.verifyingContract,
              data: Buffer.concat([encodeEntry(entry), signature]),
              createdAtMs: clock(),
            }),
          )
          .execute()
      chain.wake()
    },
    chain: (rpc) =>
      openChain(openRpc({ url: publicRpc ?? '', ...(rpc === undefined ? {} : { fetch: rpc }) }), {
        chainId,
        evidenceLog: contracts.EvidenceLog,
        organizationRegistry: contracts.OrganizationRegistry,
      }),
  }
}

/** Waits until the platform has read so many entries from the chain. */
export async function logHolds(platform: TestPlatform, size: number): Promise<void> {
  for (let tries = 0; platform.instance.log.size < size; tries++) {
    if (tries > 1000) throw new Error(`the log holds ${platform.instance.log.size}, not ${size}`)
    await pause(20)
  }
}

/** The verifier's witness in a folder of its own, or in one that is there. */
export async function openTestWitness(
  { platform, verifier, chain }: WitnessedPlatform,
  more: Partial<WitnessOptions> = {},
): Promise<{ readonly witness: Witness; readonly folder: string }> {
  const folder = more.folder ?? (await mkdtemp(join(tmpdir(), 'tanlian-witness-')))
  const witness = await openWitness({
    folder,
    home: join(folder, 'home'),
    organization: verifier.id,
    documentKey: verifier.documents,
    chains: [chain()],
    client: openClient({ base: platform.url }),
    vkey: platform.instance.log.vkey,
    receiptKey: fromHex(Buffer.from(platform.instance.receipts.publicKey).toString('hex')),
    gateways: [platform.url],
    everyMs: 0,
    patienceMs: 0,
    pollMs: 20,
    confirmations: 0,
    ...more,
  })
  return { witness, folder }
}

/** Lets a witness do all that there is now, and closes it. */
export async function runOnce(witness: Witness): Promise<Witness['status']> {
  try {
    await witness.run(new AbortController().signal, true)
    return witness.status
  } finally {
    await witness.close()
  }
}
