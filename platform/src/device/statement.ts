import { checkEd25519, encodeBlock, fromHex, fromHex0x } from '@tanlian/evidence'

/** What a device signs to prove that it holds its key (持有证明). */
export interface KeyStatement {
  readonly organization: number
  readonly device: string
  /** Raw Ed25519 public key, hex. */
  readonly key: string
  /** The first counter that it signs. */
  readonly firstCounter: number
  /** Unix seconds. */
  readonly expires: number
}

/**
 * The signed bytes: canonical DAG-CBOR that names purpose, chain, contract, organization and device (R9). A key is enrolled once, so the key itself is
 * the nonce.
 */
export function keyStatementBytes(
  domain: { readonly chainId: number; readonly verifyingContract: `0x${string}` },
  { organization, device, key, firstCounter, expires }: KeyStatement,
): Uint8Array {
  return encodeBlock({
    format: 'tanlian/device-key/1',
    chain: domain.chainId,
    log: fromHex0x(domain.verifyingContract, 20),
    organization,
    device,
    key: fromHex(key, 32),
    firstCounter,
    expires,
  }).bytes
}

/** Whether the key named in a statement signed it; strict, as for every device key (R7). */
export function isProven(
  domain: { readonly chainId: number; readonly verifyingContract: `0x${string}` },
  statement: KeyStatement,
  signature: string,
): boolean {
  return checkEd25519(keyStatementBytes(domain, statement), fromHex(signature, 64), fromHex(statement.key, 32))
}
