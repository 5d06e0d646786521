import {
  type Address,
  addressOf,
  recoverHash,
  signHash,
  type TypedDataDomain,
  type TypedField,
  type TypedValue,
  typedDataHash,
} from '@tanlian/evidence'

/** One kind of act in the registry: a flat EIP-712 struct, whose name is its purpose, and the contract's function that carries it out. */
export interface Act {
  readonly method: string
  readonly fields: readonly TypedField[]
  /** Fields that name a new key: each that is not zero signs too, after the acting key and in this order. */
  readonly newKeys: readonly string[]
  /** What a person who is about to sign it reads. */
  readonly title: { readonly en: string; readonly zh: string }
}

/**
 * Every act of `OrganizationRegistry`. `organization` is the acting organization, `nonce` the next of the signing address, `expires` the last
 * second (Unix time) at which it may be relayed; digests are SHA-256 of a block outside the chain.
 */
export const ACTS = {
  Apply: {
    method: 'submitApplication',
    fields: [
      { name: 'kind', type: 'uint8' },
      { name: 'profile', type: 'bytes32' },
      { name: 'key', type: 'address' },
      { name: 'recovery', type: 'address' },
      { name: 'batchKey', type: 'address' },
      { name: 'documentKey', type: 'address' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: ['batchKey', 'documentKey'],
    title: { en: 'Apply for registration', zh: '申请注册' },
  },
  Approve: {
    method: 'approve',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'application', type: 'bytes32' },
      { name: 'reason', type: 'bytes32' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'Approve an application', zh: '批准申请' },
  },
  Refuse: {
    method: 'refuse',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'application', type: 'bytes32' },
      { name: 'reason', type: 'bytes32' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'Refuse an application', zh: '驳回申请' },
  },
  RequestBinding: {
    method: 'requestBinding',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'platform', type: 'uint64' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'Ask to be bound to a platform', zh: '申请绑定平台' },
  },
  ConfirmBinding: {
    method: 'confirmBinding',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'enterprise', type: 'uint64' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'Confirm a binding', zh: '确认绑定' },
  },
  Unbind: {
    method: 'unbind',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'enterprise', type: 'uint64' },
      { name: 'platform', type: 'uint64' },
      { name: 'reason', type: 'bytes32' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'End a binding', zh: '解除绑定' },
  },
  AddKey: {
    method: 'addKey',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'key', type: 'address' },
      { name: 'purpose', type: 'uint8' },
      { name: 'from', type: 'uint64' },
      { name: 'to', type: 'uint64' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: ['key'],
    title: { en: 'Add a key', zh: '添加密钥' },
  },
  RotateKey: {
    method: 'rotateKey',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'oldKey', type: 'address' },
      { name: 'newKey', type: 'address' },
      { name: 'from', type: 'uint64' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: ['newKey'],
    title: { en: 'Replace a key by a new one', zh: '轮换密钥' },
  },
  RevokeKey: {
    method: 'revokeKey',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'key', type: 'address' },
      { name: 'last', type: 'uint64' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'Revoke a key', zh: '撤销密钥' },
  },
  Recover: {
    method: 'recover',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'newKey', type: 'address' },
      { name: 'newRecovery', type: 'address' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: ['newKey'],
    title: { en: 'Recover with the second key', zh: '用备用密钥找回' },
  },
  ApproveRecovery: {
    method: 'approveRecovery',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'subject', type: 'uint64' },
      { name: 'newKey', type: 'address' },
      { name: 'newRecovery', type: 'address' },
      { name: 'reason', type: 'bytes32' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: ['newKey'],
    title: { en: 'Approve the recovery of an organization', zh: '批准找回' },
  },
  ObjectRecovery: {
    method: 'objectRecovery',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'newKey', type: 'address' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'Object to a recovery', zh: '反对找回' },
  },
  Suspend: {
    method: 'suspend',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'subject', type: 'uint64' },
      { name: 'reason', type: 'bytes32' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'Suspend an organization', zh: '暂停组织' },
  },
  Reinstate: {
    method: 'reinstate',
    fields: [
      { name: 'organization', type: 'uint64' },
      { name: 'subject', type: 'uint64' },
      { name: 'reason', type: 'bytes32' },
      { name: 'nonce', type: 'uint64' },
      { name: 'expires', type: 'uint64' },
    ],
    newKeys: [],
    title: { en: 'End a suspension', zh: '恢复组织' },
  },
} as const satisfies Readonly<Record<string, Act>>

/** The name of an act, which is also the EIP-712 primary type. */
export type ActName = keyof typeof ACTS

/** The message of an act: integers as numbers, digests and addresses as 0x-hex. */
export type ActMessage<N extends ActName = ActName> = {
  readonly [F in (typeof ACTS)[N]['fields'][number] as F['name']]: F['type'] extends 'address' | 'bytes32'
    ? Address
    : number
}

/** The registry that an act is for. */
export interface RegistryDomain {
  readonly chainId: number
  readonly verifyingContract: Address
}

/** The EIP-712 domain of all acts. */
export function actDomain(registry: RegistryDomain): TypedDataDomain {
  return {
    name: 'Tanlian Organization Registry',
    version: '1',
    chainId: registry.chainId,
    verifyingContract: registry.verifyingContract,
  }
}

/**
 * The digest that an act's keys sign; for Apply it is also the application's name.
 * @throws TanlianError E_TYPED_DATA where a value does not fit its field.
 */
export function actHash<N extends ActName>(registry: RegistryDomain, name: N, message: ActMessage<N>): Uint8Array {
  return typedDataHash(actDomain(registry), name, ACTS[name].fields, message as Readonly<Record<string, TypedValue>>)
}

/** The new keys that an act names and that must sign it after the acting key, in their order. */
export function newKeysOf<N extends ActName>(name: N, message: ActMessage<N>): Address[] {
  const values = message as Readonly<Record<string, TypedValue>>
  return ACTS[name].newKeys
    .map((field) => String(values[field]).toLowerCase() as Address)
    .filter((key) => BigInt(key) !== 0n)
}

/**
 * Signs an act: 65 bytes of the acting key, then 65 of each new key. `newKeys` are the private keys of `newKeysOf`, in any order.
 * A new key whose private key is not here does not sign: whoever has it adds its 65 bytes to the end.
 * @throws TanlianError E_TYPED_DATA
 */
export function signAct<N extends ActName>(
  registry: RegistryDomain,
  name: N,
  message: ActMessage<N>,
  keys: { readonly acting: Uint8Array; readonly newKeys?: readonly Uint8Array[] },
): Uint8Array {
  const hash = actHash(registry, name, message)
  const byAddress = new Map((keys.newKeys ?? []).map((key) => [addressOf(key), key]))
  const signers = newKeysOf(name, message).map((address) => byAddress.get(address))
  const signatures = [keys.acting, ...signers.filter((key) => key !== undefined)].map((key) => signHash(hash, key))
  const bytes = new Uint8Array(65 * signatures.length)
  signatures.forEach((signature, i) => {
    bytes.set(signature, 65 * i)
  })
  return bytes
}

/** The accounts that signed an act, the acting one first. @throws TanlianError E_TYPED_DATA, E_SIGNATURE_FORM */
export function recoverActSigners<N extends ActName>(
  registry: RegistryDomain,
  name: N,
  message: ActMessage<N>,
  signatures: Uint8Array,
): Address[] {
  const hash = actHash(registry, name, message)
  const count = Math.ceil(signatures.length / 65)
  return Array.from({ length: count }, (_, i) => recoverHash(hash, signatures.subarray(65 * i, 65 * i + 65)))
}
