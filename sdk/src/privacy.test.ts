import {
  addressOf,
  DOCUMENT_FORMAT,
  ENTRY_DOCUMENT,
  encodeBlock,
  PRIVACY_DOCUMENT,
  privacyContent,
  READER_KEY_DOCUMENT,
  signEntry,
} from '@tanlian/evidence'
import { expect, test } from 'vitest'
import { openClient } from './client.ts'
import { type PrivacySource, privacyRulesOf } from './privacy.ts'
import type { Gate } from './submit.ts'

const LOG = { chainId: 31_337, verifyingContract: `0x${'02'.repeat(20)}` } as const
const OWNER = new Uint8Array(32).fill(7)
const STRANGER = new Uint8Array(32).fill(8)
const RULES = [{ prefix: Uint8Array.of(4), mode: 'closed' }] as const

/** What a platform tells of an organization's choice: its first document, as it was signed. */
function told({
  kind = PRIVACY_DOCUMENT,
  organization = 5,
  key = OWNER,
  since = 1 as number | null,
} = {}): PrivacySource {
  const content = kind === PRIVACY_DOCUMENT ? privacyContent(RULES) : { keys: [] }
  const document = encodeBlock({ format: DOCUMENT_FORMAT, organization, sequence: 1, previous: null, kind, content })
  const digest = document.cid.multihash.digest
  const signature = signEntry({ kind: ENTRY_DOCUMENT, organization: 5, sequence: 1, digest }, LOG, key)
  const client = openClient({
    base: 'https://platform.example',
    fetch: async (input) =>
      String(input).endsWith('/privacy') ? Response.json({ since, rules: [] }) : new Response(document.bytes.slice()),
  })
  const gate = {
    held: async () => ({ digest, signature }),
    keyValid: async (_organization: number, account: string) => account === addressOf(OWNER),
  } as Partial<Gate> as Gate
  return { client, gate, log: LOG, organization: 5 }
}

test('a choice is what its owner signed, whatever the platform says of it; none is none', async () => {
  expect(await privacyRulesOf(told())).toEqual({ since: 1, rules: RULES })
  expect(await privacyRulesOf(told({ since: null }))).toEqual({ since: null, rules: [] })
})

test.each([
  ['signed by another', { key: STRANGER }],
  ['of another organization', { organization: 6 }],
  ['of another kind', { kind: READER_KEY_DOCUMENT }],
])('a choice %s is refused', async (_, change) => {
  await expect(privacyRulesOf(told(change))).rejects.toMatchObject({ code: 'E_PRIVACY_FORGED' })
})
