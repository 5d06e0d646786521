import {
  cidFromDigest,
  cidOf,
  decodeDocument,
  decodeGrant,
  ENTRY_DOCUMENT,
  type Entry,
  fromHex,
  fromHex0x,
  type Grant,
  type LogDomain,
  type PrivacyRule,
  READER_KEY_DOCUMENT,
  type ReadersOf,
  readersBy,
  readReaderKeys,
  recoverEntrySigner,
  recoverGrantSigner,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Client } from './client.ts'
import type { Gate } from './submit.ts'

/** A key for which others may seal, as a platform lists it. */
export interface ReaderKeyItem {
  readonly key: string
  /** Sequence of the document that listed it first. */
  readonly since: number
  readonly ended: number | null
}

/** A grant as a platform shows it to its parties. */
export interface GrantItem {
  /** Digest of its block. */
  readonly grant: string
  readonly organization: number
  readonly reader: number
  readonly access: 'read' | 'summary'
  readonly step: number
  readonly types: readonly string[]
  readonly streams: readonly number[]
  readonly from: number
  readonly to: number
  readonly block: string
  readonly signature: `0x${string}`
  readonly created: string
  readonly ended: string | null
}

/** What sealing needs to know of the world outside. */
export interface PrivacySource {
  /** Signed in as the owner: grants are shown to their parties alone. */
  readonly client: Client
  readonly gate: Gate
  readonly log: LogDomain
  readonly organization: number
}

/**
 * For whom an organization's chunks are sealed from now on (加密读者): by its rules, for its own logged readers' keys, the platform's where a
 * type is shared, and those of organizations with a grant. The platform only carries this: every grant must be signed by a documents key of the
 * owner, every key be listed by a document of its organization, or nothing is sealed.
 * @returns undefined where no rule seals anything
 * Codes: E_PRIVACY_READER where the owner has logged no key of its own, E_PRIVACY_PLATFORM, E_PRIVACY_FORGED.
 */
export async function openReaders(
  source: PrivacySource,
  rules: readonly PrivacyRule[],
): Promise<ReadersOf | undefined> {
  if (rules.every(({ mode }) => mode === 'open')) return undefined
  const { client, organization } = source
  const own = await readerKeysOf(source, organization)
  if (own.length === 0)
    throw new TanlianError(
      'E_PRIVACY_READER',
      `Organization ${organization} has logged no reader’s key, so it could not read what it seals. Log one with \`tanlian privacy publish\`.`,
      { values: { organization } },
    )
  const { readerKey } = await client.wellKnown()
  const platform = typeof readerKey === 'string' ? [fromHex(readerKey, 32)] : []
  if (platform.length === 0 && rules.some(({ mode }) => mode === 'shared'))
    throw new TanlianError('E_PRIVACY_PLATFORM', 'The platform names no key for which shared data could be sealed.')
  const grants: { grant: Grant; keys: Uint8Array[] }[] = []
  for (const grant of await grantsOf(source)) grants.push({ grant, keys: await readerKeysOf(source, grant.reader) })
  return readersBy({ rules, own, platform, grants })
}

/** The readers' keys that an organization's own logged documents list now. Codes: E_PRIVACY_FORGED. */
export async function readerKeysOf({ client, gate, log }: PrivacySource, organization: number): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = []
  for await (const item of client.all<ReaderKeyItem>(`/v1/organizations/${organization}/reader-keys`)) {
    if (item.ended !== null) continue
    const held = await gate.held(organization, ENTRY_DOCUMENT, item.since)
    if (held === undefined) throw forged(`no document of organization ${organization} lists the key ${item.key}`)
    const entry: Entry = { kind: 2, organization, sequence: item.since, digest: held.digest }
    const signer = recoverEntrySigner(entry, log, held.signature)
    const cid = cidFromDigest(held.digest)
    const bytes = await client.block(cid.toString())
    const document = decodeDocument(bytes)
    if (
      !cidOf(bytes).equals(cid) ||
      document.organization !== organization ||
      document.kind !== READER_KEY_DOCUMENT ||
      !readReaderKeys(document.content).some((key) => sameBytes(key, fromHex(item.key, 32))) ||
      !(await gate.keyValid(organization, signer, ENTRY_DOCUMENT, item.since))
    )
      throw forged(`the document that should list the key ${item.key} of organization ${organization} does not`)
    keys.push(fromHex(item.key, 32))
  }
  return keys
}

/** Grants to read that stand, each held to the owner's signature. */
async function grantsOf({ client, gate, log, organization }: PrivacySource): Promise<Grant[]> {
  const found: Grant[] = []
  const head = await gate.head(organization, ENTRY_DOCUMENT)
  for await (const item of client.all<GrantItem>(`/v1/organizations/${organization}/grants`)) {
    if (item.ended !== null || item.access !== 'read') continue
    const bytes = fromHex(item.block)
    const block = { cid: cidOf(bytes), bytes }
    const grant = decodeGrant(bytes)
    const signer = recoverGrantSigner(block, grant.organization, log, fromHex0x(item.signature, 65))
    if (
      grant.organization !== organization ||
      !(await gate.keyValid(organization, signer, ENTRY_DOCUMENT, head.sequence + 1))
    )
      throw forged(`the grant ${item.grant} is not signed by a key of organization ${organization} for documents`)
    found.push(grant)
  }
  return found
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

function forged(why: string): TanlianError {
  return new TanlianError(
    'E_PRIVACY_FORGED',
    `What the platform says of readers does not hold: ${why}. Nothing was sealed or sent.`,
    { values: { why } },
  )
}
