import { secp256k1 } from '@noble/curves/secp256k1.js'
import { toHex } from './block.ts'
import { type Address, addressOfPoint, recoverKey } from './typed-data.ts'

/** Recovers the accounts of many signatures. */
export type Recovery = (hash: Uint8Array, signature: Uint8Array, whose: string) => Address

interface KnownKey {
  readonly address: Address
  readonly point: InstanceType<typeof Point>
  uses: number
}

const { Point } = secp256k1
const { Fn } = Point
/** A table of a key's multiples is worth its 15 ms from about twenty signatures on. */
const TABLE_USES = 8

/**
 * The same answers as `recoverHash`, faster where one key signed many hashes, as a plant does its batches: from the key that signed last for
 * `whose`, the point that the signature commits to is computed by tables, and compared with it and with v. Only where it is another is the key
 * recovered from the signature.
 * @throws TanlianError E_SIGNATURE_FORM, as `recoverHash`
 */
export function createRecovery(): Recovery {
  const known = new Map<string, KnownKey>()
  return (hash, signature, whose) => {
    const key = known.get(whose)
    if (key !== undefined && commits(key.point, hash, signature)) {
      if (++key.uses === TABLE_USES) key.point.precompute(6)
      return key.address
    }
    const point = Point.fromBytes(recoverKey(hash, signature))
    const address = addressOfPoint(point.toBytes(false))
    known.set(whose, { address, point, uses: 0 })
    return address
  }
}

/** Whether R = (z·G + r·P)/s has r for its x and v for the parity of its y: then P is what the signature recovers to. */
function commits(point: KnownKey['point'], hash: Uint8Array, signature: Uint8Array): boolean {
  const v = signature[64]
  if (signature.length !== 65 || (v !== 27 && v !== 28)) return false
  const r = BigInt(`0x${toHex(signature.subarray(0, 32))}`)
  const s = BigInt(`0x${toHex(signature.subarray(32, 64))}`)
  if (r === 0n || r >= Fn.ORDER || s === 0n || s > Fn.ORDER >> 1n) return false
  const inverse = Fn.inv(s)
  const z = BigInt(`0x${toHex(hash)}`) % Fn.ORDER
  const sum = Point.BASE.multiplyUnsafe(Fn.mul(z, inverse)).add(point.multiplyUnsafe(Fn.mul(r, inverse)))
  if (sum.is0()) return false
  const { x, y } = sum.toAffine()
  // A v of 27 or 28 says that x is r itself, not r plus the order.
  return x === r && Number(y & 1n) === v - 27
}
