import { ENTRY_DOCUMENT } from '@tanlian/evidence'
import { type LoggedStatement, logStatement, openSubmitter, platformGate, type Statement } from '@tanlian/sdk'
import { browserOutbox } from '../evidence/browser-outbox.ts'
import type { OpenKey } from '../organization/unlock.tsx'
import { client } from '../service.ts'

/**
 * Signs a statement in this browser and logs it. The signed bytes are kept here from before they are sent until their receipt is here; what an
 * earlier visit left without one is sent first (safety R27, R28).
 */
export async function signStatement(key: OpenKey, statement: Statement, note: string): Promise<LoggedStatement> {
  const { organization } = key
  if (organization === undefined) throw new Error('the key is of no organization')
  const { chainId, contracts } = await client.wellKnown()
  const submitter = openSubmitter({
    gate: platformGate(client),
    outbox: browserOutbox(),
    log: { chainId, verifyingContract: contracts.EvidenceLog },
    organization,
    kind: ENTRY_DOCUMENT,
    key: key.privateKey,
  })
  await submitter.resume()
  return logStatement(submitter, organization, statement, note)
}
