import { randomBytes } from 'node:crypto'
import { type Address, type Draft, fromHex, KEY_CHANGE_TYPE, type LogDomain, type StreamItem } from '@tanlian/evidence'
import { decryptKey, openChain, openClient, openRpc, platformGate, readKeystore, type StreamJson } from '@tanlian/sdk'
import { below, type FileOutbox, openFileOutbox, readIfThere, readWanted, writeDurably } from '@tanlian/sdk/node'
import { TanlianError } from '@tanlian/units'
import type { Plant } from './plant.ts'
import { sealWindow } from './privacy.ts'
import type { Reached } from './uplink.ts'

/** The way to the platform, and the outbox behind it. */
export interface Reach {
  reach(): Promise<Reached>
  /** Gives the outbox back to other processes. */
  close(): Promise<void>
}

/**
 * How the uplink reaches the platform: well-known facts, then a gate. A gateway keeps to the log that it first sent to (safety R29).
 * @param key the organization's key for batches; without it windows wait as drafts
 */
export function createReach(plant: Plant, data: string, key: Uint8Array | undefined): Reach {
  const { platform, organization } = plant
  let outbox: FileOutbox | undefined
  const reach = async (): Promise<Reached> => {
    if (key === undefined)
      throw new TanlianError('E_UPLINK_KEY', 'The plant file names no key, so closed windows wait as unsigned drafts.')
    // The uplink waits between its tries itself.
    const client = openClient({ base: platform, tries: 1 })
    const { chainId, contracts, rpc, receiptKey } = await client.wellKnown()
    const log = { chainId, verifyingContract: contracts.EvidenceLog.toLowerCase() as Address }
    await requireSameLog(data, platform, log)
    outbox ??= await openFileOutbox(data, log, organization)
    const chain =
      rpc === null
        ? undefined
        : openChain(openRpc({ url: rpc }), {
            chainId,
            evidenceLog: contracts.EvidenceLog,
            organizationRegistry: contracts.OrganizationRegistry,
          })
    const gate = platformGate(client, {
      ...(chain === undefined ? {} : { chain }),
      ...(typeof receiptKey === 'string' ? { receiptKey: fromHex(receiptKey, 32) } : {}),
    })
    const keyChanges = async () => {
      const found: StreamItem[] = []
      for await (const item of client.streams(organization)) if (item.type === KEY_CHANGE) found.push(itemOf(item))
      return found
    }
    const seal = (draft: Draft) =>
      sealWindow(draft, plant.privacy, { client, gate, log, organization, key }, (length) => randomBytes(length))
    return { gate, log, outbox, key, keyChanges, seal }
  }
  return { reach, close: async () => outbox?.close() }
}

const KEY_CHANGE = KEY_CHANGE_TYPE.toString(16).padStart(6, '0')

/** An item that changes a device's keys, as the platform's JSON has it: byte strings are hex there. */
function itemOf({ type: _, ...item }: StreamJson): StreamItem {
  const bytes = Object.entries(item).flatMap(([name, value]) =>
    ['key', 'proof', 'ends'].includes(name) && typeof value === 'string' ? [[name, fromHex(value)]] : [],
  )
  return { ...item, ...Object.fromEntries(bytes), type: KEY_CHANGE_TYPE }
}

/** Opens the key that the plant file names, from the folder that `tanlian key` keeps them in. Codes: E_FILE_MISSING, E_KEYSTORE_…. */
export async function unlockPlantKey(
  plant: Plant,
  home: string,
  passphrase: string | undefined,
): Promise<Uint8Array | undefined> {
  if (plant.key === undefined) return undefined
  const keystore = readKeystore(
    new TextDecoder().decode(await readWanted(below(home, 'keys', plant.key, 'batches.json'))),
  )
  return decryptKey(keystore, passphrase ?? '')
}

/** Another chain or log under the old address would begin a second sequence with the same key. */
async function requireSameLog(data: string, platform: string, log: LogDomain): Promise<void> {
  const path = below(data, 'platform.json')
  const now = JSON.stringify({ platform, ...log })
  const kept = await readIfThere(path)
  if (kept === undefined) await writeDurably(path, now)
  else if (new TextDecoder().decode(kept) !== now)
    throw new TanlianError(
      'E_UPLINK_LOG',
      `${platform} names log ${log.verifyingContract} on chain ${log.chainId}; this gateway has sent to another. Nothing was signed.`,
      {
        values: { platform, chainId: log.chainId, log: log.verifyingContract },
      },
    )
}
