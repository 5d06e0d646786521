import type { ErrorValues, Refusal } from '@tanlian/units'
import {
  type Abi,
  type Address,
  decodeErrorResult,
  decodeEventLog,
  encodeFunctionData,
  type Hex,
  toEventSelector,
} from 'viem'
import logJson from '../abi/EvidenceLog.json' with { type: 'json' }
import registryJson from '../abi/OrganizationRegistry.json' with { type: 'json' }
import { REGISTRY_ERRORS } from './errors.ts'
import type { ContractEvent } from './event.ts'

/** Interface and code of `EvidenceLog`, as compiled. */
export const LOG_CONTRACT = { abi: logJson.abi as Abi, bytecode: logJson.bytecode as Hex }
/** Interface and code of `OrganizationRegistry`, as compiled. */
export const REGISTRY_CONTRACT = { abi: registryJson.abi as Abi, bytecode: registryJson.bytecode as Hex }

const BOTH: Abi = [...LOG_CONTRACT.abi, ...REGISTRY_CONTRACT.abi]
/** By first topic, so that reading a log does not hash the signature of every event there is. */
const EVENTS = new Map(BOTH.filter((item) => item.type === 'event').map((item) => [toEventSelector(item), item]))

/** Where the two contracts are. */
export interface Contracts {
  readonly chainId: number
  readonly registry: Address
  readonly log: Address
}

/** `EntrySequenceNotNext` → `E_ENTRY_SEQUENCE_NOT_NEXT`. */
export function codeOfContractError(name: string): string {
  return `E_${name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`
}

/** What a contract said when it reverted, as a code of the table; data that is none of our errors is `E_CHAIN_REVERTED`. */
export function refusalOfRevert(data: Hex): Refusal {
  try {
    const { errorName, args } = decodeErrorResult({ abi: BOTH, data })
    const inputs = BOTH.find((item) => item.type === 'error' && item.name === errorName)
    const names = inputs !== undefined && 'inputs' in inputs ? inputs.inputs.map((input) => input.name ?? '') : []
    const values = Object.fromEntries(names.map((name, i) => [name.replace(/_$/, ''), plain(args?.[i])])) as ErrorValues
    const code = codeOfContractError(errorName)
    const said = REGISTRY_ERRORS[code as keyof typeof REGISTRY_ERRORS]?.en ?? 'The contract refuses this.'
    const list = Object.entries(values).map(([name, value]) => `${name} ${value}`)
    return { ok: false, code, message: list.length === 0 ? said : `${said} (${list.join(', ')})`, values }
  } catch {
    return {
      ok: false,
      code: 'E_CHAIN_REVERTED',
      message: `The contract reverted without a known error: ${data}.`,
      values: { data },
    }
  }
}

/** One raw log of the chain. */
export interface RawLog {
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** Reads a log of one of the two contracts; undefined for an event that this version does not know. `Appended` still lacks its signature. */
export function decodeEvent(log: RawLog): ContractEvent | undefined {
  const known = EVENTS.get(log.topics[0] ?? '0x')
  if (known === undefined) return undefined
  try {
    const decoded = decodeEventLog({
      abi: [known],
      topics: log.topics as [Hex, ...Hex[]],
      data: log.data,
      strict: true,
    })
    const name: string | undefined = decoded.eventName
    const fields = Object.fromEntries(Object.entries(decoded.args ?? {}).map(([field, value]) => [field, plain(value)]))
    const unsigned = name === 'Appended' ? { signature: null, signer: null } : {}
    return { name, ...fields, ...unsigned } as unknown as ContractEvent
  } catch {
    return undefined
  }
}

/** The first topic of an event's logs. */
export function eventTopic(name: ContractEvent['name']): Hex {
  const known = [...EVENTS].find(([, event]) => event.name === name)
  return (known as [Hex, unknown])[0]
}

/** Calldata of a function of one of the two contracts. */
export function encodeCall(method: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: BOTH, functionName: method, args })
}

/** Integers of the contracts are at most 2^53 − 1; an address is compared as lower-case text. */
function plain(value: unknown): string | number | boolean {
  if (typeof value === 'bigint') return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()
  if (typeof value === 'string') return value.toLowerCase()
  return value as number | boolean
}
