import { checkInclusion, encodeEntry, fromHex, leafHash, parseCid, recoverEntrySigner } from '@tanlian/evidence'
import { openChain, openRpc } from '@tanlian/sdk'
import { chainOf } from '../evidence/run-check.ts'
import { client, getJson, type Page } from '../service.ts'
import type { LoadedDataset } from './load.ts'

/** The steps of a check of a logged document, in order. */
export const STEPS = ['bytes', 'signature', 'log', 'chain'] as const
/** What was found at a step: held, not, or not asked; with figures to show. */
export interface CheckLine {
  readonly step: (typeof STEPS)[number]
  readonly ok: boolean | null
  readonly values: Readonly<Record<string, string | number>>
}

/** An entry as the platform lists it. */
interface Entry {
  readonly sequence: number
  readonly digest: string
  readonly index: number | null
  readonly signature: string | null
}

/**
 * Holds a data set to the log in this browser: its bytes (they were checked when they came), the publisher's signature, its place under the
 * log's root, and that root and the key by the chain's own word.
 */
export async function checkDataset({ cid, document }: LoadedDataset): Promise<readonly CheckLine[]> {
  const { organization, sequence } = document
  const digest = parseCid(cid).multihash.digest
  const statement = { kind: 2, organization, sequence, digest } as const
  const bytes: CheckLine = { step: 'bytes', ok: true, values: {} }
  const [where, log, list] = await Promise.all([
    client.wellKnown(),
    client.log(),
    getJson<Page<Entry>>(`/v1/organizations/${organization}/entries?kind=2&after=${sequence - 1}&limit=1`),
  ])
  const entry = list.items.find((one) => one.sequence === sequence)
  if (entry === undefined || entry.index === null || entry.signature === null || log.block === null)
    return [bytes, ...STEPS.slice(1).map((step) => ({ step, ok: null, values: {} }))]

  const domain = { chainId: where.chainId, verifyingContract: where.contracts.EvidenceLog }
  const signer = signerOf(() => recoverEntrySigner(statement, domain, fromHex((entry.signature ?? '').slice(2))))
  const proof = await client.logProof(entry.index, log.size)
  const root = fromHex(proof.root)
  const included = checkInclusion({
    leaf: leafHash(encodeEntry(statement)),
    index: entry.index,
    size: log.size,
    root,
    path: proof.path.map((hash) => fromHex(hash)),
  })
  const inLog: CheckLine = { step: 'log', ok: included.ok, values: { index: entry.index, size: log.size } }
  const address = chainOf(where)
  const chain = address === undefined ? undefined : openChain(openRpc({ url: address.rpc, timeoutMs: 10_000 }), address)
  const block = log.block
  const word = await chain
    ?.checkChainId()
    .then(() =>
      Promise.all([
        chain.roots({ fromBlock: block, toBlock: block }),
        signer !== undefined && chain.keyValid(organization, signer, 2, sequence),
      ] as const),
    )
    // A node that cannot be reached refutes nothing.
    .catch(() => undefined)
  const published = word?.[0].find(({ size }) => size === log.size)?.root
  return [
    bytes,
    { step: 'signature', ok: signer === undefined ? false : (word?.[1] ?? null), values: { signer: signer ?? '' } },
    inLog,
    {
      step: 'chain',
      ok: word === undefined ? null : published?.every((byte, at) => byte === root[at]) === true,
      values: { size: log.size, block },
    },
  ]
}

/** Undefined where the signature is none. */
function signerOf(recover: () => `0x${string}`): `0x${string}` | undefined {
  try {
    return recover()
  } catch {
    return undefined
  }
}
