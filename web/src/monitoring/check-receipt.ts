import { checkEd25519, encodeBlock, fromHex } from '@tanlian/evidence'
import { openChain, openRpc } from '@tanlian/sdk'
import { client } from '../service.ts'
import type { Complaint, Receipt } from './record.ts'

/** Whether a receipt is signed by a key: canonical DAG-CBOR of what it promises, computed here. */
export function isReceiptSigned(receipt: Receipt, key: string): boolean {
  const { kind, organization, sequence, received, size, promise } = receipt
  const digest = fromHex(receipt.digest, 32)
  const { bytes } = encodeBlock({
    format: 'tanlian/receipt/1',
    kind,
    organization,
    sequence,
    digest,
    received,
    size,
    promise,
  })
  return receipt.key === key && checkEd25519(bytes, fromHex(receipt.signature, 64), fromHex(key, 32))
}

/** What this browser found out about a complaint. */
export interface ComplaintCheck {
  /** The receipt is the platform's own word. */
  readonly signed: boolean
  /** It promises the entry that is complained of, by the time that is named. */
  readonly promised: boolean
  /** Whether the entry is in the contract's log by now; undefined where no chain node could be asked. */
  readonly inLog: boolean | undefined
}

/** Checks a complaint: the signature here, the log at a chain node. */
export async function checkComplaint(complaint: Complaint): Promise<ComplaintCheck> {
  const where = await client.wellKnown()
  const { receipt } = complaint
  const key = typeof where.receiptKey === 'string' ? where.receiptKey : ''
  return {
    signed: isReceiptSigned(receipt, key),
    promised:
      receipt.digest === complaint.digest &&
      receipt.organization === complaint.organization &&
      receipt.sequence === complaint.sequence &&
      (receipt.received + receipt.promise) * 1000 === Date.parse(complaint.due),
    inLog: await isInLog(complaint, where),
  }
}

async function isInLog(
  { organization, kind, sequence }: Complaint,
  where: Awaited<ReturnType<typeof client.wellKnown>>,
): Promise<boolean | undefined> {
  if (where.rpc === null) return undefined
  try {
    const chain = openChain(openRpc({ url: where.rpc, timeoutMs: 8000, tries: 1 }), {
      chainId: where.chainId,
      evidenceLog: where.contracts.EvidenceLog,
      organizationRegistry: where.contracts.OrganizationRegistry,
    })
    await chain.checkChainId()
    return (await chain.head(organization, kind)).sequence >= sequence
  } catch {
    return undefined
  }
}
