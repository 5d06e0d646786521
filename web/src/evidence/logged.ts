import { checkInclusion, type Entry, encodeEntry, equalBytes, fromHex, leafHash, toHex } from '@tanlian/evidence'
import { openChain, openRpc } from '@tanlian/sdk'
import { client, getJson, type Page } from '../service.ts'

/** A step from a signed statement to the chain: it is the one of its number, the log holds it, the log's root is the contract's. */
export interface LoggedStep {
  readonly step: 'entry' | 'log' | 'chain'
  /** Null: could not be checked. */
  readonly ok: boolean | null
  readonly values: Readonly<Record<string, string | number>>
}

/** Follows a batch or document into the log. The platform supplies bytes; every step is computed here. */
export async function checkLogged(stated: Entry): Promise<readonly LoggedStep[]> {
  const { kind, organization, sequence, digest } = stated
  const path = `/v1/organizations/${organization}/entries?kind=${kind}&after=${sequence - 1}&limit=1`
  const { items } = await getJson<Page<{ sequence: number; digest: string; index: number | null }>>(path)
  const entry = items.find((item) => item.sequence === sequence)
  const logged = entry !== undefined && entry.index !== null && equalBytes(fromHex(entry.digest, 32), digest)
  const found: LoggedStep = {
    step: 'entry',
    ok: logged ? true : entry === undefined ? false : null,
    values: { sequence },
  }
  if (!logged) return [found]
  const index = entry.index ?? 0
  const { size } = await getJson<{ size: number }>('/v1/log')
  const proof = await getJson<{ root: string; path: string[] }>(`/v1/log/proof?index=${index}&size=${size}`)
  const inside = checkInclusion({
    leaf: leafHash(encodeEntry(stated)),
    index,
    size,
    root: fromHex(proof.root, 32),
    path: proof.path.map((hash) => fromHex(hash, 32)),
  })
  return [found, { step: 'log', ok: inside.ok, values: { index, size } }, await checkChain(size, proof.root)]
}

/** Asks a chain node, not the platform; where none can be asked, nothing is claimed. */
async function checkChain(size: number, root: string): Promise<LoggedStep> {
  const where = await client.wellKnown()
  if (where.rpc === null) return { step: 'chain', ok: null, values: {} }
  try {
    const chain = openChain(openRpc({ url: where.rpc, timeoutMs: 8000, tries: 1 }), {
      chainId: where.chainId,
      evidenceLog: where.contracts.EvidenceLog,
      organizationRegistry: where.contracts.OrganizationRegistry,
    })
    await chain.checkChainId()
    const { block } = await getJson<{ block: number | null }>('/v1/log')
    const roots = await chain.roots({ fromBlock: block ?? 0, toBlock: block ?? 0 })
    const found = roots.find((one) => one.size === size)
    if (found === undefined) return { step: 'chain', ok: null, values: {} }
    return { step: 'chain', ok: toHex(found.root) === root, values: { block: block ?? 0 } }
  } catch {
    return { step: 'chain', ok: null, values: {} }
  }
}
