import {
  type Address,
  createLog,
  decodeEntry,
  type Entry,
  encodeEntry,
  fromHex0x,
  type LogDomain,
  leafHash,
  recoverEntrySigner,
  toHex,
  toHex0x,
} from '@tanlian/evidence'
import type {
  ChainEvent,
  ChainReader,
  ContractEvent,
  IntentRecord,
  OutboxChain,
  OutboxSigner,
  Unsigned,
} from '@tanlian/registry'
import type { Refusal } from '@tanlian/units'

type Hex = `0x${string}`

/** An entry with its signature, as the log's `append` takes it: 52 + 65 bytes. */
const RELAYED_BYTES = 117

export const LOG_CONTRACT: Address = `0x${'10'.repeat(20)}`
export const REGISTRY_CONTRACT: Address = `0x${'20'.repeat(20)}`
export const DOMAIN: LogDomain = { chainId: 31337, verifyingContract: LOG_CONTRACT }
const SENDER: Address = `0x${'5e'.repeat(20)}`
const NOBODY: Address = `0x${'00'.repeat(20)}`

/** A party as the registry knows it from the first block on. */
export interface Party {
  readonly id: number
  /** 2 platform, 3 enterprise, see `ORGANIZATION_KINDS`. */
  readonly kind: number
  /** The platform it is bound to. */
  readonly platform: number | undefined
  readonly keys: readonly { readonly address: Address; readonly from: number; readonly to: number }[]
}

interface Transaction {
  readonly hash: Hex
  readonly sender: Address
  readonly nonce: number
  readonly feePerGas: bigint
  readonly data: Hex
}

interface Block {
  readonly number: number
  readonly hash: Hex
  /** Unix seconds. */
  readonly time: number
  readonly mined: readonly (Transaction & { readonly ok: boolean })[]
  readonly events: readonly ChainEvent[]
  /** Log size after it. */
  readonly size: number
}

/** What may happen to a call of a node; thrown errors say nothing about what was done (F21). */
export type NodeFault = (what: string, when: 'before' | 'after') => void

/** A chain with the rules of both contracts, as far as entries go, and a node's view of it. */
export interface SimulatedChain {
  /** The present chain, oldest first. */
  readonly blocks: readonly Block[]
  /** Every transaction that ever reached the node, for audits (S31). */
  readonly broadcast: readonly Transaction[]
  /** Offers below this are not mined (F22). */
  leastFee: bigint
  /** The node forgets what waits. */
  dropWaiting(): void
  /** Mines what waits into one block, which may be empty. */
  mine(timeS: number): void
  /** The last `depth` blocks are replaced (F18): `back` says which of their transactions wait again; the new branch is longer by one. */
  reorganize(depth: number, timeS: number, back: () => boolean): void
  /** The last blocks, and all that waits, are forgotten: a plain kill of a development chain (R26). */
  forget(depth: number): void
  /** Another branch of the same chain, to be shown later again. */
  readonly branch: readonly Block[]
  show(branch: readonly Block[]): void
  /** Hands in entries from an account of its own: an organization, or a thief. Gives the contract's refusal, if any. */
  handIn(entries: readonly Uint8Array[]): Refusal | undefined
  outboxChain(fault: NodeFault): OutboxChain
  /** What a node tells; `lie` may alter the events it gives (F20). */
  reader(fault: NodeFault, lie?: (events: readonly ChainEvent[]) => readonly ChainEvent[]): ChainReader
  /** Root that the contract had at a size, in the present chain. */
  rootAt(size: number): Uint8Array | undefined
  entries(): readonly {
    readonly entry: Entry
    readonly signature: Uint8Array
    readonly index: number
    readonly block: number
    readonly time: number
  }[]
  keyValid(organization: number, key: Address, kind: number, sequence: number): boolean
}

/** Signs by writing the transaction down; the hash is the digest of the text. */
export const simulatedSigner: OutboxSigner = {
  address: SENDER,
  async sign(unsigned: Unsigned) {
    const bytes = textToHex(
      JSON.stringify({ data: unsigned.data, nonce: unsigned.nonce, fee: unsigned.feePerGas.toString() }),
    )
    return { bytes, hash: hashOf(bytes) }
  },
}

export function createChain(parties: readonly Party[], startS: number): SimulatedChain {
  let salt = 0
  let pool: Transaction[] = []
  const broadcast: Transaction[] = []
  const log = createLog()
  const heads = new Map<string, { sequence: number; digest: string }>()
  const keys = new Map(
    parties.flatMap(({ id, keys }) => keys.map((key) => [key.address, { ...key, organization: id }])),
  )
  const bound = new Set(parties.filter(({ platform }) => platform !== undefined).map(({ id }) => id))
  const signers = new Map<string, Address>()
  let blocks: Block[] = firstBlocks(parties, startS)

  const keyValid = (organization: number, address: Address, kind: number, sequence: number) => {
    const key = keys.get(address)
    return (
      key !== undefined && kind === 1 && key.organization === organization && sequence >= key.from && sequence <= key.to
    )
  }
  const signerOf = (entry: Entry, signature: Uint8Array, name: string): Address => {
    const known = signers.get(name) ?? recoverEntrySigner(entry, DOMAIN, signature)
    signers.set(name, known)
    return known
  }
  /** `append` of the contract on top of the present state: the entries, or why not. */
  const tried = (data: Hex): { readonly ok: true; readonly found: readonly Relayed[] } | Refusal => {
    const next = new Map<number, number>()
    const found = relayedIn(data)
    for (const [place, { entry, signature, name }] of found.entries()) {
      const { organization, kind, sequence } = entry
      const last = next.get(organization) ?? heads.get(`${organization}/${kind}`)?.sequence ?? 0
      if (!bound.has(organization)) return no('E_ENTRY_ORGANIZATION_UNBOUND', place)
      if (!keyValid(organization, signerOf(entry, signature, name), kind, sequence))
        return no('E_ENTRY_KEY_REFUSED', place)
      if (sequence !== last + 1) return no('E_ENTRY_SEQUENCE_NOT_NEXT', place)
      next.set(organization, sequence)
    }
    return { ok: true, found }
  }
  const countOf = (sender: Address) =>
    blocks.reduce((sum, { mined }) => sum + mined.filter((one) => one.sender === sender).length, 0)
  const replay = (branch: readonly Block[]) => {
    blocks = [...branch]
    log.truncate(0)
    heads.clear()
    for (const { events } of blocks)
      for (const event of events)
        if (event.name === 'Appended') {
          heads.set(`${event.organization}/${event.kind}`, { sequence: event.sequence, digest: event.digest })
          log.append(
            leafHash(
              encodeEntry({
                kind: 1,
                organization: event.organization,
                sequence: event.sequence,
                digest: fromHex0x(event.digest),
              }),
            ),
          )
        }
  }
  const mine = (timeS: number) => {
    const number = blocks.length
    const hash = hashOf(textToHex(`block ${number} ${salt++}`))
    const mined: Block['mined'][number][] = []
    const events: ChainEvent[] = []
    for (;;) {
      const next = pool.find(
        (one) =>
          one.feePerGas >= chain.leastFee &&
          one.nonce === countOf(one.sender) + mined.filter(({ sender }) => sender === one.sender).length,
      )
      if (next === undefined) break
      pool = pool.filter((one) => one.sender !== next.sender || one.nonce > next.nonce)
      const answer = tried(next.data)
      mined.push({ ...next, ok: answer.ok })
      if (!answer.ok) continue
      const place = () => ({
        block: number,
        blockHash: hash,
        time: timeS,
        transaction: next.hash,
        logIndex: events.length,
      })
      for (const { entry, signature, name } of answer.found) {
        const { kind, organization, sequence } = entry
        const digest = toHex0x(entry.digest)
        const index = log.append(leafHash(encodeEntry(entry)))
        heads.set(`${organization}/${kind}`, { sequence, digest })
        const signer = signerOf(entry, signature, name)
        events.push({
          name: 'Appended',
          kind,
          organization,
          sequence,
          digest,
          index,
          signature: toHex0x(signature),
          signer,
          ...place(),
        })
      }
      events.push({ name: 'Root', size: log.size, root: toHex0x(log.root()), ...place() })
    }
    blocks.push({ number, hash, time: timeS, mined, events, size: log.size })
  }
  const inclusionOf = (hash: Hex) => {
    for (const { number, hash: blockHash, mined } of blocks) {
      const one = mined.find((other) => other.hash === hash)
      if (one !== undefined) return { transaction: hash, block: number, blockHash, ok: one.ok }
    }
    return undefined
  }
  const offer = (one: Transaction): 'accepted' | 'underpriced' | 'refused' => {
    broadcast.push(one)
    if (one.nonce < countOf(one.sender)) return 'refused'
    const rival = pool.find((other) => other.sender === one.sender && other.nonce === one.nonce)
    if (rival !== undefined && rival.hash !== one.hash && one.feePerGas * 10n < rival.feePerGas * 11n)
      return 'underpriced'
    pool = [...pool.filter((other) => other !== rival), one]
    return 'accepted'
  }

  const chain: SimulatedChain = {
    leastFee: 1n,
    dropWaiting() {
      pool = []
    },
    get blocks() {
      return blocks
    },
    get branch() {
      return [...blocks]
    },
    broadcast,
    mine,
    reorganize(depth, timeS, back) {
      const cut = Math.max(2, blocks.length - depth)
      const gone = blocks.slice(cut)
      const waiting = pool
      replay(blocks.slice(0, cut))
      pool = [...gone.flatMap(({ mined }) => mined).filter(back), ...waiting]
      for (let i = 0; i <= gone.length; i++) mine(timeS)
    },
    forget(depth) {
      replay(blocks.slice(0, Math.max(2, blocks.length - depth)))
      pool = []
    },
    show: replay,
    handIn(entries) {
      const data = joined(entries)
      const answer = tried(data)
      const sender = toHex0x(fromHex0x(hashOf(data)).subarray(0, 20))
      offer({ hash: hashOf(textToHex(`hand ${salt++}`)), sender, nonce: countOf(sender), feePerGas: 1000n, data })
      return answer.ok ? undefined : answer
    },
    outboxChain(fault) {
      const guarded = async <T>(what: string, act: () => T): Promise<T> => {
        fault(what, 'before')
        const result = act()
        fault(what, 'after')
        return result
      }
      return {
        head: () => guarded('head', () => blocks.length - 1),
        blockHash: (number) => guarded('blockHash', () => blocks[number]?.hash),
        count: (sender) => guarded('count', () => countOf(sender)),
        inclusion: (hash) => guarded('inclusion', () => inclusionOf(hash)),
        knows: (hash) =>
          guarded('knows', () => pool.some((one) => one.hash === hash) || inclusionOf(hash) !== undefined),
        send: (bytes) => guarded('send', () => offer({ ...unsignedOf(bytes), hash: hashOf(bytes), sender: SENDER })),
        fees: () => guarded('fees', () => ({ feePerGas: 10n, priorityFeePerGas: 1n })),
        estimate: (_, call) =>
          guarded('estimate', () => {
            const answer = tried(call.data)
            return answer.ok ? { ok: true, gas: 1000n } : answer
          }),
        landed: (intent) =>
          guarded('landed', () => {
            const { entry } = relayedIn(toHex0x(intent.data))[0] as Relayed
            const digest = toHex0x(entry.digest)
            for (const { events } of blocks)
              for (const event of events)
                if (event.name === 'Appended' && event.digest === digest && event.organization === entry.organization)
                  return { transaction: event.transaction, block: event.block }
            return undefined
          }),
        callOf: (intents: readonly IntentRecord[]) => ({
          to: LOG_CONTRACT,
          data: joined(intents.map(({ data }) => data)),
        }),
        callIn: (bytes) => ({ to: LOG_CONTRACT, data: unsignedOf(bytes).data }),
      }
    },
    reader(fault, lie = (events) => events) {
      const guarded = async <T>(what: string, act: () => T): Promise<T> => {
        fault(what, 'before')
        return act()
      }
      const markOf = ({ number, hash }: Block) => ({ number, hash })
      return {
        head: () => guarded('head', () => markOf(blocks.at(-1) as Block)),
        blocks: (numbers) => guarded('blocks', () => numbers.flatMap((number) => blocks[number] ?? []).map(markOf)),
        events: (from, to) =>
          guarded('events', () => [...lie(blocks.slice(from, to + 1).flatMap(({ events }) => events))]),
      }
    },
    rootAt: (size) => (size <= log.size ? log.root(size) : undefined),
    entries: () =>
      blocks.flatMap(({ events }) =>
        events.flatMap((event) => {
          if (event.name !== 'Appended' || event.signature === null) return []
          const { organization, sequence, index, block, time } = event
          const entry: Entry = { kind: 1, organization, sequence, digest: fromHex0x(event.digest) }
          return [{ entry, signature: fromHex0x(event.signature), index, block, time }]
        }),
      ),
    keyValid,
  }
  return chain
}

interface Relayed {
  readonly entry: Entry
  readonly signature: Uint8Array
  /** The bytes as text. */
  readonly name: string
}

function relayedIn(data: Hex): Relayed[] {
  const bytes = fromHex0x(data)
  return Array.from({ length: bytes.length / RELAYED_BYTES }, (_, place) => {
    const one = bytes.subarray(place * RELAYED_BYTES, (place + 1) * RELAYED_BYTES)
    return { entry: decodeEntry(one.subarray(0, 52)), signature: one.subarray(52), name: toHex(one) }
  })
}

/** An empty block, and one in which the registry gets its parties, their keys and bindings. */
function firstBlocks(parties: readonly Party[], time: number): Block[] {
  const events: ChainEvent[] = []
  const hash = hashOf('0x01')
  const say = (event: ContractEvent) =>
    events.push({ ...event, block: 1, blockHash: hash, time, transaction: hash, logIndex: events.length })
  for (const { id, kind, platform, keys } of parties) {
    if (id > 1) {
      const application = hashOf(textToHex(`application ${id}`))
      const asked = { kind, profile: hash, key: SENDER, recovery: SENDER, batchKey: NOBODY, documentKey: NOBODY }
      say({ name: 'Applied', application, ...asked, lapses: time + 86_400 })
      say({ name: 'Approved', application, organization: id, regulator: 1, reason: hash })
    }
    say({ name: 'Registered', organization: id, kind, profile: hash, recovery: SENDER })
    for (const { address, from, to } of keys)
      say({ name: 'KeyAdded', organization: id, key: address, purpose: 1, from, to })
    if (platform === undefined) continue
    say({ name: 'BindingRequested', enterprise: id, platform })
    say({ name: 'Bound', enterprise: id, platform })
  }
  const empty: Block = { number: 0, hash: hashOf('0x00'), time, mined: [], events: [], size: 0 }
  return [empty, { number: 1, hash, time, mined: [], events, size: 0 }]
}

function no(code: string, place: number): Refusal {
  return { ok: false, code, message: code, values: { place } }
}

function joined(entries: readonly Uint8Array[]): Hex {
  return `0x${entries.map(toHex).join('')}`
}

function textToHex(text: string): Hex {
  return toHex0x(new TextEncoder().encode(text))
}

function unsignedOf(bytes: Hex): { data: Hex; nonce: number; feePerGas: bigint } {
  const { data, nonce, fee } = JSON.parse(new TextDecoder().decode(fromHex0x(bytes))) as {
    data: Hex
    nonce: number
    fee: string
  }
  return { data, nonce, feePerGas: BigInt(fee) }
}

function hashOf(bytes: Hex): Hex {
  return toHex0x(leafHash(fromHex0x(bytes)))
}
