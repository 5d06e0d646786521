import {
  cidFromDigest,
  cidOf,
  decodeDocument,
  decodeGrant,
  ENTRY_DOCUMENT,
  type Entry,
  encodeGrant,
  fromHex,
  fromHex0x,
  type Grant,
  type LogDomain,
  PRIVACY_DOCUMENT,
  type PrivacyMode,
  type PrivacyRule,
  privacyContent,
  READER_KEY_DOCUMENT,
  type ReadersOf,
  readerKeyContent,
  readersBy,
  readPrivacyRules,
  readReaderKeys,
  recoverEntrySigner,
  recoverGrantSigner,
  signGrant,
  toHex,
  toHex0x,
} from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Client } from './client.ts'
import type { Statement } from './document.ts'
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

/** How an organization chose to keep each type, as a platform tells it. */
export interface PrivacyChoiceItem {
  /** Sequence of the document that chose; null before the first. */
  readonly since: number | null
  readonly rules: readonly { readonly type: string; readonly mode: PrivacyMode }[]
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
      `Organization ${organization} has logged no reader’s key, so it could not read what it seals. Log one with \`tanlian privacy publish\` or on its privacy page.`,
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
export async function readerKeysOf(source: PrivacySource, organization: number): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = []
  for await (const item of source.client.all<ReaderKeyItem>(`/v1/organizations/${organization}/reader-keys`)) {
    if (item.ended !== null) continue
    const content = await loggedContent(source, organization, item.since, READER_KEY_DOCUMENT)
    if (!readReaderKeys(content).some((key) => sameBytes(key, fromHex(item.key, 32))))
      throw forged(`the document that should list the key ${item.key} of organization ${organization} does not`)
    keys.push(fromHex(item.key, 32))
  }
  return keys
}

/**
 * How an organization chose to keep each type: the rules of its latest document of kind `privacy`, held to that document and its signature.
 * @returns none where it has not chosen; then all of it is open. Codes: E_PRIVACY_FORGED.
 */
export async function privacyRulesOf(
  source: PrivacySource,
): Promise<{ readonly since: number | null; readonly rules: readonly PrivacyRule[] }> {
  const { client, organization } = source
  const { since } = await client.http.json<PrivacyChoiceItem>(`/v1/organizations/${organization}/privacy`)
  if (since === null) return { since, rules: [] }
  return { since, rules: readPrivacyRules(await loggedContent(source, organization, since, PRIVACY_DOCUMENT)) }
}

/** The document that leaves an organization with exactly these readers' keys, to be logged. */
export function readerKeyStatement(keys: readonly Uint8Array[]): Statement {
  return { kind: READER_KEY_DOCUMENT, content: readerKeyContent(keys), blocks: [] }
}

/** The document by which an organization keeps its types in this way from now on, to be logged. @throws TanlianError E_PRIVACY_FORM */
export function privacyStatement(rules: readonly PrivacyRule[]): Statement {
  return { kind: PRIVACY_DOCUMENT, content: privacyContent(rules), blocks: [] }
}

/** Signs a grant of an organization and hands it to the platform (授权). @param client signed in as the owner @param key for documents */
export async function giveGrant(
  client: Client,
  log: LogDomain,
  key: Uint8Array,
  grant: Omit<Grant, 'salt'>,
): Promise<GrantItem> {
  const { organization } = grant
  const block = encodeGrant({ ...grant, salt: crypto.getRandomValues(new Uint8Array(16)) })
  return client.http.json<GrantItem>(`/v1/organizations/${organization}/grants`, {
    method: 'POST',
    json: { block: toHex(block.bytes), signature: toHex0x(signGrant(block, organization, log, key)) },
  })
}

/** The content of a document that an organization has logged, held to its own signature. Codes: E_PRIVACY_FORGED. */
async function loggedContent(
  { client, gate, log }: PrivacySource,
  organization: number,
  sequence: number,
  kind: string,
): Promise<unknown> {
  const held = await gate.held(organization, ENTRY_DOCUMENT, sequence)
  if (held === undefined) throw forged(`organization ${organization} has no document ${sequence}`)
  const entry: Entry = { kind: ENTRY_DOCUMENT, organization, sequence, digest: held.digest }
  const signer = recoverEntrySigner(entry, log, held.signature)
  const cid = cidFromDigest(held.digest)
  const bytes = await client.block(cid.toString())
  const document = decodeDocument(bytes)
  if (
    !cidOf(bytes).equals(cid) ||
    document.organization !== organization ||
    document.kind !== kind ||
    !(await gate.keyValid(organization, signer, ENTRY_DOCUMENT, sequence))
  )
    throw forged(`document ${sequence} of organization ${organization} is none of kind ${kind} that it signed`)
  return document.content
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
