import type { Attempt, TransactionRecord } from './intent.ts'
import type { OutboxDesk } from './outbox.ts'
import type { Fees } from './outbox-chain.ts'

/** Sends what is signed and not mined, in the order of nonces: the same bytes (R28), or the same nonce at a greater fee once they are too old (F22). */
export async function sendSigned(desk: OutboxDesk): Promise<void> {
  for (const record of desk.open) if (record.state === 'signed') await sendOne(desk, record)
}

async function sendOne(desk: OutboxDesk, record: TransactionRecord): Promise<void> {
  const { chain, options, now, sentAtMs } = desk
  const last = record.attempts.at(-1) as Attempt
  const sentAt = sentAtMs.get(record.nonce)
  if (sentAt !== undefined && now() - sentAt < options.resendMs) return
  const isOld = sentAt !== undefined && now() - last.signedAtMs >= options.repriceMs && (await chain.knows(last.hash))
  sentAtMs.set(record.nonce, now())
  if (!isOld && (await chain.send(last.bytes)) !== 'underpriced') return
  const repriced = await reprice(desk, record)
  if (repriced !== undefined) await chain.send(repriced.bytes)
}

/** Signs the same nonce and calldata at a greater fee, and saves that before anybody sees it. */
async function reprice(desk: OutboxDesk, record: TransactionRecord): Promise<Attempt | undefined> {
  const { chain, signer, options, now } = desk
  const last = record.attempts.at(-1) as Attempt
  const fees = greater(last, await chain.fees())
  if (fees.feePerGas <= last.feePerGas || fees.feePerGas > options.maxFeePerGas) return undefined
  const call = chain.callIn(last.bytes)
  const signed = await signer.sign({ ...call, ...fees, nonce: record.nonce, gas: record.gas })
  const attempt = { ...signed, ...fees, signedAtMs: now() }
  await desk.save([{ ...record, attempts: [...record.attempts, attempt] }], [])
  return attempt
}

/** More than an eighth more in both parts, as nodes want for a replacement, and at least what is usual now. */
function greater(last: Attempt, usual: Fees): Fees {
  const more = (fee: bigint) => fee + fee / 8n + 1n
  const max = (a: bigint, b: bigint) => (a > b ? a : b)
  const feePerGas = max(more(last.feePerGas), usual.feePerGas)
  if (last.priorityFeePerGas === null) return { feePerGas, priorityFeePerGas: null }
  const priorityFeePerGas = max(more(last.priorityFeePerGas), usual.priorityFeePerGas ?? 0n)
  return { feePerGas: max(feePerGas, priorityFeePerGas), priorityFeePerGas }
}
