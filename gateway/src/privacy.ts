import { type Draft, type LogDomain, PRIVACY_MODES, type PrivacyRule, sealDraft } from '@tanlian/evidence'
import { type Client, type Gate, openClient, openReaders, signIn } from '@tanlian/sdk'
import { choice, entries, type Place, refused } from './document.ts'

/**
 * Reads how the readings of each type are kept (数据隐私): bytes of a type as hex, and `open`, `shared` or `closed`; `all` for every type that no
 * other line names.
 * @throws TanlianError E_PLANT
 */
export function readPrivacy(place: Place | undefined): readonly PrivacyRule[] {
  if (place === undefined) return []
  return entries(place).map(([name, item]) => {
    if (name !== 'all' && !/^(?:[0-9a-f]{2}){1,3}$/.test(name))
      throw refused(item, `stands at ${name}, which is neither all nor one to three bytes of a type`)
    const prefix = name === 'all' ? new Uint8Array(0) : new Uint8Array(Buffer.from(name, 'hex'))
    return { prefix, mode: choice(item, PRIVACY_MODES) }
  })
}

/**
 * Seals a window's draft right before it is numbered (加密): the readers are asked for each time, so that a grant which was ended meanwhile names
 * nobody any more. Until then the window lies in the plant, as its own journal does.
 */
export async function sealWindow(
  draft: Draft,
  rules: readonly PrivacyRule[],
  to: {
    readonly client: Client
    readonly gate: Gate
    readonly log: LogDomain
    readonly organization: number
    readonly key: Uint8Array
  },
  random: (length: number) => Uint8Array,
): Promise<Draft> {
  if (rules.every(({ mode }) => mode === 'open')) return draft
  const { gate, log, organization } = to
  const { token } = await signIn(to.client, organization, to.key)
  const client = openClient({
    base: to.client.http.base,
    headers: () => ({ authorization: `Bearer ${token}` }),
    tries: 1,
  })
  const readersOf = await openReaders({ client, gate, log, organization }, rules)
  return readersOf === undefined ? draft : sealDraft(draft, organization, readersOf, random)
}
