import { type Entry, type Equivocation, equalBytes, type LogDomain } from '@tanlian/evidence'
import { TanlianError } from '@tanlian/units'
import type { Chain, ChainBlock, RootEvent } from '../chain.ts'
import { signaturesOf } from '../entry-signatures.ts'

/** An entry of the log with its place, and the signature that brought it there. */
export interface SignedEntry extends Entry {
  readonly index: number
  readonly block: number
  /** 65 bytes. */
  readonly signature: Uint8Array
}

/** What some blocks added to the log. */
export interface LogPart {
  readonly entries: readonly SignedEntry[]
  readonly roots: readonly RootEvent[]
}

/** What a witness reads of the chain. Codes: E_CHAIN_RPC, E_CHAIN_ANSWER, E_WITNESS_DISAGREES. */
export interface LogSource {
  head(): Promise<ChainBlock>
  /** A block by number; undefined where the node does not have it. */
  block(number: number): Promise<ChainBlock | undefined>
  /** Entries and roots of blocks `from` to `to`, both included, in order. */
  part(from: number, to: number): Promise<LogPart>
  /** The contract's own word of its size and root at a block. */
  state(at: number): Promise<{ readonly size: number; readonly root: Uint8Array }>
}

/** One node as a source. */
export function chainSource(chain: Chain): LogSource {
  return {
    head: () => chain.block('latest'),
    async block(number) {
      try {
        return await chain.block(number)
      } catch (error) {
        if (error instanceof TanlianError && error.code === 'E_CHAIN_ANSWER') return undefined
        throw error
      }
    },
    async part(fromBlock, toBlock) {
      const [events, roots] = await Promise.all([
        chain.appended({ fromBlock, toBlock }),
        chain.roots({ fromBlock, toBlock }),
      ])
      const signatures = await signaturesOf(chain, events)
      const entries = events.map(({ kind, organization, sequence, digest, index, block }, at) => ({
        kind: kind as Entry['kind'],
        organization,
        sequence,
        digest,
        index,
        block,
        signature: signatures[at] as Uint8Array,
      }))
      return { entries, roots }
    },
    async state(at) {
      const [size, root] = await Promise.all([chain.size(at), chain.root(at)])
      return { size, root }
    },
  }
}

/**
 * Two nodes as one source, which says only what both say (F20). A reorganization under way looks like a lie for a moment, so the reader tries
 * again; while they differ nothing is read on.
 * @param onDouble hears of two entries, each validly signed in form, that one organization has at one place: one on either node
 */
export function agreeingSource(
  one: LogSource,
  other: LogSource,
  log: LogDomain,
  onDouble: (proof: Equivocation) => void,
): LogSource {
  return {
    async head() {
      const heads = await Promise.all([one.head(), other.head()])
      const number = Math.min(heads[0].number, heads[1].number)
      const [a, b] = await Promise.all([one.block(number), other.block(number)])
      if (a !== undefined && a.hash === b?.hash) return a
      // Two chains: what either has in its newest blocks may convict somebody.
      const parts = await Promise.all([one, other].map((node) => node.part(Math.max(0, number - LOOK_BACK), number)))
      for (const proof of doublesIn(parts as [LogPart, LogPart], log)) onDouble(proof)
      throw disagreement(`block ${number}`, number)
    },
    async block(number) {
      const [a, b] = await Promise.all([one.block(number), other.block(number)])
      if (a === undefined || b === undefined) return undefined
      if (a.hash !== b.hash) throw disagreement(`block ${number}`, number)
      return a
    },
    async part(from, to) {
      const parts = await Promise.all([one.part(from, to), other.part(from, to)])
      if (textOf(parts[0]) === textOf(parts[1])) return parts[0]
      for (const proof of doublesIn(parts, log)) onDouble(proof)
      throw disagreement(`the entries of blocks ${from} to ${to}`, to)
    },
    async state(at) {
      const [a, b] = await Promise.all([one.state(at), other.state(at)])
      if (a.size !== b.size || !equalBytes(a.root, b.root)) throw disagreement(`the log at block ${at}`, at)
      return a
    },
  }
}

/** The contradiction of two signed entries for one place; undefined where there is none. */
export function doubleOf(one: SignedEntry, other: SignedEntry, log: LogDomain): Equivocation | undefined {
  if (placeOf(one) !== placeOf(other) || equalBytes(one.digest, other.digest)) return undefined
  const entryOf = ({ kind, organization, sequence, digest }: SignedEntry) => ({ kind, organization, sequence, digest })
  return {
    kind: 'entries',
    log,
    entries: [entryOf(one), entryOf(other)],
    signatures: [one.signature, other.signature],
  }
}

/** The place of an entry in its organization's sequence, as a name. */
export function placeOf({ kind, organization, sequence }: Pick<Entry, 'kind' | 'organization' | 'sequence'>): string {
  return `${organization}/${kind}/${sequence}`
}

/** Blocks in which two chains are compared once they are seen to differ. */
const LOOK_BACK = 256

function doublesIn([one, other]: readonly [LogPart, LogPart], log: LogDomain): Equivocation[] {
  const places = new Map(one.entries.map((entry) => [placeOf(entry), entry]))
  return other.entries.flatMap((entry) => {
    const before = places.get(placeOf(entry))
    return before === undefined ? [] : (doubleOf(before, entry, log) ?? [])
  })
}

function textOf({ entries, roots }: LogPart): string {
  return JSON.stringify([
    entries.map((entry) => [placeOf(entry), entry.index, entry.block, [...entry.digest]]),
    roots.map(({ size, root, block }) => [size, block, [...root]]),
  ])
}

function disagreement(what: string, block: number): TanlianError {
  return new TanlianError(
    'E_WITNESS_DISAGREES',
    `The two nodes disagree about ${what}. Nothing is read on until they agree: find out which one is wrong.`,
    { values: { block } },
  )
}
