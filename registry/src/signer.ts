import { TanlianError } from '@tanlian/units'
import { type Address, type Hex, keccak256, toHex } from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { DEVELOPMENT_CHAIN_ID } from './node.ts'
import type { OutboxSigner, Unsigned } from './outbox-chain.ts'

/** The phrase that every development chain knows. */
const DEVELOPMENT_PHRASE = 'test test test test test test test test test test test junk'
const DEVELOPMENT_KEYS = 20

/** Accounts of the published test vectors of the specification. */
const VECTOR_ACCOUNTS: readonly string[] = [
  '0x466c8ea1d21a2cfac53b9c03d0542675961e9769',
  '0x35899a40a263ceae42e64e5bbe3000491790aafd',
]

/** The n-th key that the embedded chain gives money to, n from 0 to 9. Everybody knows it. */
export function developmentKey(n: number): Hex {
  const key = mnemonicToAccount(DEVELOPMENT_PHRASE, { addressIndex: n }).getHdKey().privateKey
  if (key === null) throw new TanlianError('E_SIGNER_KEY', `There is no development key ${n}.`, { values: { n } })
  return toHex(key)
}

/**
 * A key in everybody's hands is refused off the development chain (R11): as a sender, and as the key of an organization.
 * @throws TanlianError `E_SIGNER_DEVELOPMENT_KEY`
 */
export function requirePrivateKey(address: Address, chainId: number): void {
  if (chainId === DEVELOPMENT_CHAIN_ID) return
  const known = [...VECTOR_ACCOUNTS, ...developmentAccounts()]
  if (known.includes(address.toLowerCase()))
    throw new TanlianError(
      'E_SIGNER_DEVELOPMENT_KEY',
      `The key of ${address} is published. It is refused on chain ${chainId}: make one of your own.`,
      {
        values: { address, chainId },
      },
    )
}

/** Signs the platform's own transactions with one key, for one chain. */
export function chainSigner(privateKey: Hex, chainId: number): OutboxSigner {
  const account = privateKeyToAccount(privateKey)
  requirePrivateKey(account.address, chainId)
  return {
    address: account.address.toLowerCase() as Address,
    async sign({ feePerGas, priorityFeePerGas, ...transaction }: Unsigned) {
      const fees =
        priorityFeePerGas === null
          ? ({ type: 'legacy', gasPrice: feePerGas } as const)
          : ({ type: 'eip1559', maxFeePerGas: feePerGas, maxPriorityFeePerGas: priorityFeePerGas } as const)
      const bytes = await account.signTransaction({ ...transaction, ...fees, chainId })
      return { bytes, hash: keccak256(bytes) }
    },
  }
}

let accounts: readonly string[] | undefined
/** Derived once: it costs some milliseconds a key. */
function developmentAccounts(): readonly string[] {
  accounts ??= Array.from({ length: DEVELOPMENT_KEYS }, (_, addressIndex) =>
    mnemonicToAccount(DEVELOPMENT_PHRASE, { addressIndex }).address.toLowerCase(),
  )
  return accounts
}
