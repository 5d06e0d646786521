import { type Entry, encodeEntry, fromHex0x, toHex0x } from '@tanlian/evidence'
import {
  type Address,
  createPublicClient,
  decodeFunctionData,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  http,
  type PublicClient,
} from 'viem'
import { ACTS, type ActMessage, type ActName, actHash } from './acts.ts'
import { type Contracts, encodeCall, LOG_CONTRACT, REGISTRY_CONTRACT } from './contract.ts'

/** A connection to one node: requests of the same turn travel together; no request is repeated behind our back. */
export function connect(url: string, options: { readonly timeoutMs?: number } = {}): PublicClient {
  const transport = http(url, { batch: { batchSize: 100 }, retryCount: 0, timeout: options.timeoutMs ?? 15_000 })
  return createPublicClient({ transport, cacheTime: 0 })
}

/** An entry and its 65-byte signature, as the log takes them. */
export interface SignedEntry {
  readonly entry: Entry
  readonly signature: Uint8Array
}

/** An organization as the registry holds it. */
export interface OrganizationView {
  readonly kind: number
  readonly suspended: boolean
  /** 0: none. */
  readonly platform: number
  readonly requested: number
  readonly recovery: Address
  readonly profile: Hex
}

/** A key as the registry holds it. */
export interface KeyView {
  readonly organization: number
  readonly purpose: number
  readonly from: number
  readonly to: number
  readonly active: boolean
}

/** What the contracts say, read at the newest block unless `block` names another that the node still has the state of. */
export interface ContractReader {
  root(block?: number): Promise<Uint8Array>
  size(block?: number): Promise<number>
  edge(block?: number): Promise<Uint8Array[]>
  head(organization: number, kind: 1 | 2): Promise<{ sequence: number; digest: Uint8Array }>
  keyValid(organization: number, key: Address, kind: 1 | 2, sequence: number): Promise<boolean>
  /** 0: an entry may be appended now; 1: the key is not valid; 2: suspended; 3: a batch, and not bound. */
  entryRefusal(organization: number, key: Address, kind: 1 | 2, sequence: number): Promise<number>
  isBound(organization: number): Promise<boolean>
  /** Undefined: there is no such organization, or key. */
  organization(id: number): Promise<OrganizationView | undefined>
  key(key: Address): Promise<KeyView | undefined>
  keysOf(organization: number): Promise<Address[]>
  nonceOf(signer: Address): Promise<number>
  /** The greatest id. */
  organizations(): Promise<number>
  /** The log that the registry names, and the registry that the log names. */
  logOfRegistry(): Promise<Address>
  registryOfLog(): Promise<Address>
}

/** The typed views of the two contracts. A node that fails or a call that reverts rejects with viem's error. */
export function contractReader(client: PublicClient, { registry, log }: Omit<Contracts, 'chainId'>): ContractReader {
  const call = async (
    contract: 'log' | 'registry',
    functionName: string,
    args: readonly unknown[] = [],
    block?: number,
  ) => {
    const { abi } = contract === 'log' ? LOG_CONTRACT : REGISTRY_CONTRACT
    const data = encodeFunctionData({ abi, functionName, args })
    const at = block === undefined ? 'latest' : (`0x${block.toString(16)}` as const)
    const request = { to: contract === 'log' ? log : registry, data }
    const answer = await client.request({ method: 'eth_call', params: [request, at] })
    return decodeFunctionResult({ abi, functionName, data: answer }) as unknown
  }
  const number = async (...args: Parameters<typeof call>) => Number(await call(...args))
  const address = async (...args: Parameters<typeof call>) => ((await call(...args)) as string).toLowerCase() as Address
  return {
    root: async (block) => fromHex0x((await call('log', 'root', [], block)) as Hex),
    size: (block) => number('log', 'size', [], block),
    edge: async (block) => ((await call('log', 'edge', [], block)) as Hex[]).map((hash) => fromHex0x(hash)),
    async head(organization, kind) {
      const [sequence, digest] = (await call('log', 'head', [BigInt(organization), kind])) as [bigint, Hex]
      return { sequence: Number(sequence), digest: fromHex0x(digest) }
    },
    keyValid: async (...args) => (await call('registry', 'keyValid', args)) as boolean,
    entryRefusal: (...args) => number('registry', 'entryRefusal', args),
    isBound: async (organization) => (await call('registry', 'isBound', [organization])) as boolean,
    async organization(id) {
      const found = (await call('registry', 'organizationOf', [id])) as Struct<OrganizationView>
      return found.kind === 0
        ? undefined
        : {
            kind: found.kind,
            suspended: found.suspended,
            platform: Number(found.platform),
            requested: Number(found.requested),
            recovery: found.recovery.toLowerCase() as Address,
            profile: found.profile,
          }
    },
    async key(key) {
      const { organization, purpose, from, to, active } = (await call('registry', 'keyOf', [key])) as Struct<KeyView>
      if (purpose === 0) return undefined
      return { organization: Number(organization), purpose, from: Number(from), to: Number(to), active }
    },
    async keysOf(organization) {
      const keys = (await call('registry', 'keysOf', [organization])) as Address[]
      return keys.map((key) => key.toLowerCase() as Address)
    },
    nonceOf: (signer) => number('registry', 'nonceOf', [signer]),
    organizations: () => number('registry', 'organizations'),
    logOfRegistry: () => address('registry', 'log'),
    registryOfLog: () => address('log', 'registry'),
  }
}

/** A struct as viem gives it: uint64 as bigint, smaller integers as numbers. */
type Struct<T> = {
  readonly [K in keyof T]: T[K] extends number ? (K extends 'kind' | 'purpose' ? number : bigint) : T[K]
}

/** Calldata of `append`. */
export function appendCalldata(entries: readonly SignedEntry[]): Hex {
  const list = entries.map(({ entry, signature }) => ({
    kind: entry.kind,
    organization: BigInt(entry.organization),
    sequence: BigInt(entry.sequence),
    digest: toHex0x(entry.digest),
    r: toHex0x(signature.subarray(0, 32)),
    s: toHex0x(signature.subarray(32, 64)),
    v: signature[64],
  }))
  return encodeCall('append', [list])
}

/** An entry as it stands in the calldata of `append`: its 52 bytes, and the signature. */
export interface RelayedEntry {
  readonly bytes: Uint8Array
  readonly entry: Entry
  readonly signature: Uint8Array
}

/** The entries that some calldata appends; empty if it is not a call of `append`. */
export function entriesInCalldata(data: Hex): RelayedEntry[] {
  let args: readonly unknown[] | undefined
  try {
    const decoded = decodeFunctionData({ abi: LOG_CONTRACT.abi, data })
    args = decoded.functionName === 'append' ? decoded.args : undefined
  } catch {
    args = undefined
  }
  const list = (args?.[0] ?? []) as readonly {
    kind: 1 | 2
    organization: bigint
    sequence: bigint
    digest: Hex
    r: Hex
    s: Hex
    v: number
  }[]
  return list.map(({ kind, organization, sequence, digest, r, s, v }) => {
    const entry = { kind, organization: Number(organization), sequence: Number(sequence), digest: fromHex0x(digest) }
    const signature = new Uint8Array([...fromHex0x(r), ...fromHex0x(s), v])
    return { bytes: encodeEntry(entry), entry, signature }
  })
}

/** Calldata that carries out a signed act. */
export function actCalldata<N extends ActName>(name: N, message: ActMessage<N>, signatures: Uint8Array): Hex {
  return encodeCall(ACTS[name].method, [message, toHex0x(signatures)])
}

/** The digest that was signed for the act in some calldata; undefined if it is not a call of an act. */
export function digestOfActCalldata({ chainId, registry }: Contracts, data: Hex): Hex | undefined {
  let decoded: { readonly functionName: string; readonly args?: readonly unknown[] | undefined }
  try {
    decoded = decodeFunctionData({ abi: REGISTRY_CONTRACT.abi, data })
  } catch {
    return undefined
  }
  const name = (Object.keys(ACTS) as ActName[]).find((act) => ACTS[act].method === decoded.functionName)
  if (name === undefined) return undefined
  return toHex0x(actHash({ chainId, verifyingContract: registry }, name, decoded.args?.[0] as ActMessage))
}
