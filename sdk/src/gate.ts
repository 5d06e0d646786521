import { fromHex, fromHex0x, toHex0x } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Chain } from './chain.ts'
import type { Client } from './client.ts'
import type { Receipt, SignedStatement } from './outbox.ts'
import { checkReceipt } from './receipt.ts'
import type { Gate } from './submit.ts'
import { upload } from './upload.ts'

/** Statements up to this many bytes go as one body; larger ones as a resumable upload. */
const ONE_BODY_BYTES = 4 * 1024 * 1024

/**
 * A gate through the platform's API. Whether a key is an organization's own is asked of the chain where one is given, else of the
 * platform's copy of the registry. Codes: the platform's, E_RECEIPT_INVALID.
 */
export function platformGate(
  client: Client,
  options: {
    readonly chain?: Chain
    /** The platform's receipt key where it is known beforehand. */
    readonly receiptKey?: Uint8Array
    readonly onProgress?: (sent: number, length: number) => void
  } = {},
): Gate {
  return {
    async head(organization, kind) {
      const { sequence, digest } = await client.head(organization, kind)
      return { sequence, digest: digest === null || sequence === 0 ? undefined : fromHex(digest) }
    },
    async send(statement) {
      const { car, entry } = statement
      const signature = toHex0x(statement.signature)
      const receipt =
        car.length > ONE_BODY_BYTES
          ? await upload(client.http, statement, options.onProgress)
          : entry.kind === 1
            ? await client.batch(car, signature)
            : await client.document(car, signature)
      requireSame(receipt, statement)
      checkReceipt(receipt, options.receiptKey)
      return receipt
    },
    async held(organization, kind, sequence) {
      for await (const item of client.entries(organization, kind, sequence - 1)) {
        if (item.sequence !== sequence || item.signature === null) return undefined
        return { digest: fromHex(item.digest), signature: fromHex0x(item.signature) }
      }
      return undefined
    },
    async keyValid(organization, key, kind, sequence) {
      if (options.chain !== undefined) return options.chain.keyValid(organization, key, kind, sequence)
      const purpose = kind === 1 ? 'batches' : 'documents'
      const keys = await client.keys(organization)
      return keys.some(
        (item) =>
          item.address.toLowerCase() === key &&
          item.purpose === purpose &&
          item.from <= sequence &&
          sequence <= item.to,
      )
    },
  }
}

/** A receipt must name what was sent: otherwise it is a promise about something else. */
function requireSame(receipt: Receipt, { entry, car }: SignedStatement) {
  const digest = toHex0x(entry.digest).slice(2)
  if (
    receipt.organization === entry.organization &&
    receipt.sequence === entry.sequence &&
    receipt.digest === digest &&
    receipt.size === car.length
  )
    return
  throw new TanlianError(
    'E_RECEIPT_INVALID',
    `The receipt is for sequence ${receipt.sequence}, digest ${receipt.digest}, ${receipt.size} bytes; sent was sequence ${entry.sequence}, ${digest}, ${car.length} bytes.`,
    { values: { sequence: entry.sequence, digest } },
  )
}
