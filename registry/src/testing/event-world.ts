import { encodeEntry, fromHex0x, leafHash, logRoot, toHex0x } from '@tanlian/evidence'
import { type Address, type Hex, keccak256, toHex } from 'viem'
import type { ChainEvent, ContractEvent } from '../event.ts'
import type { ChainReader } from '../reader.ts'

/** Something that happens: an organization comes, asks, is bound, appends entries … What cannot happen yet does nothing. */
export type Deed =
  | { readonly deed: 'register'; readonly kind: number }
  | { readonly deed: 'request' | 'bind' | 'unbind' | 'suspend' | 'revoke'; readonly organization: number }
  | { readonly deed: 'append'; readonly organization: number; readonly count: number }

/** A chain in memory that says what the contracts would have said, block by block. */
export interface EventWorld {
  readonly mined: { readonly hash: Hex; readonly events: readonly ChainEvent[] }[]
  readonly reader: ChainReader
  mine(...deeds: readonly Deed[]): void
  /** Forgets the last n blocks and what they did. */
  forget(n: number): void
}

/** Block of the deployment in every world. */
export const WORLD_START = 3

export function eventWorld(): EventWorld {
  let salt = 0
  const mined: EventWorld['mined'] = []
  const world: EventWorld = {
    mined,
    mine(...deeds) {
      const block = mined.length
      const blockHash = keccak256(toHex(`block ${block} ${salt++}`))
      const past: ContractEvent[] = mined.flatMap(({ events }) => events)
      const before = past.length
      for (const deed of deeds) past.push(...eventsOf(deed, past))
      const place = (logIndex: number) => ({
        block,
        blockHash,
        time: 1_700_000_000 + 5 * block,
        transaction: keccak256(toHex(`${blockHash} ${logIndex}`)),
        logIndex,
      })
      mined.push({ hash: blockHash, events: past.slice(before).map((event, i) => ({ ...event, ...place(i) })) })
    },
    forget(n) {
      mined.splice(Math.max(WORLD_START + 1, mined.length - n))
    },
    reader: {
      async head() {
        const number = mined.length - 1
        return { number, hash: mined[number]?.hash ?? '0x' }
      },
      async blocks(numbers) {
        return numbers.flatMap((number) => {
          const hash = mined[number]?.hash
          return hash === undefined ? [] : [{ number, hash }]
        })
      },
      events: async (from, to) => mined.slice(from, to + 1).flatMap(({ events }) => events),
    },
  }
  for (let i = 0; i < WORLD_START; i++) world.mine()
  world.mine({ deed: 'register', kind: 1 }, { deed: 'register', kind: 2 })
  return world
}

/** The events of a deed after all that was; worked out anew from the events each time, unlike the fold that is tested with them. */
function eventsOf(deed: Deed, past: readonly ContractEvent[]): ContractEvent[] {
  const organizations = past.filter(({ name }) => name === 'Registered').length
  if (deed.deed === 'register') return registration(organizations + 1, deed.kind)
  const enterprise = deed.organization
  if (enterprise > organizations || enterprise < 3) return []
  const platform = 2
  const binding = past.findLast(
    (event) =>
      (event.name === 'BindingRequested' || event.name === 'Bound' || event.name === 'Unbound') &&
      event.enterprise === enterprise,
  )?.name
  switch (deed.deed) {
    case 'request':
      return binding === 'Bound' ? [] : [{ name: 'BindingRequested', enterprise, platform }]
    case 'bind':
      return binding === 'BindingRequested' ? [{ name: 'Bound', enterprise, platform }] : []
    case 'unbind':
      return binding === 'Bound' || binding === 'BindingRequested'
        ? [{ name: 'Unbound', enterprise, platform, by: platform, reason: digest(`because ${past.length}`) }]
        : []
    case 'suspend':
      return [{ name: 'Suspended', organization: enterprise, regulator: 1, reason: digest('why') }]
    case 'revoke':
      return [
        { name: 'KeyRevoked', organization: enterprise, key: account(`batches ${enterprise}`), purpose: 1, last: 1000 },
      ]
    case 'append':
      return appended(enterprise, deed.count, past)
  }
}

function registration(organization: number, kind: number): ContractEvent[] {
  const application = digest(`application ${organization}`)
  const profile = digest(`profile ${organization}`)
  const [key, recovery, batchKey] = [
    account(`acts ${organization}`),
    account(`recovery ${organization}`),
    account(`batches ${organization}`),
  ]
  const documentKey = account()
  const registered: ContractEvent[] = [
    { name: 'Registered', organization, kind, profile, recovery },
    { name: 'KeyAdded', organization, key, purpose: 3, from: 0, to: 0 },
  ]
  if (organization === 1) return registered
  return [
    { name: 'Applied', application, kind, profile, key, recovery, batchKey, documentKey, lapses: 2_000_000_000 },
    { name: 'Approved', application, organization, regulator: 1, reason: digest('fine') },
    ...registered,
    { name: 'KeyAdded', organization, key: batchKey, purpose: 1, from: 1, to: Number.MAX_SAFE_INTEGER },
  ]
}

function appended(organization: number, count: number, past: readonly ContractEvent[]): ContractEvent[] {
  const before = past.filter((event) => event.name === 'Appended')
  const sequence = before.filter((event) => event.organization === organization).length
  const added = Array.from({ length: count }, (_, i) => ({
    name: 'Appended' as const,
    kind: 1,
    organization,
    sequence: sequence + 1 + i,
    digest: digest(`batch ${organization} ${sequence + i} ${past.length}`),
    index: before.length + i,
    signature: null,
    signer: account(`batches ${organization}`),
  }))
  const leaves = [...before, ...added].map((one) =>
    leafHash(
      encodeEntry({ kind: 1, organization: one.organization, sequence: one.sequence, digest: fromHex0x(one.digest) }),
    ),
  )
  return count === 0 ? [] : [...added, { name: 'Root', size: leaves.length, root: toHex0x(logRoot(leaves)) }]
}

function digest(text: string): Hex {
  return keccak256(toHex(text))
}

/** An account for a name; without one, the zero address. */
function account(name?: string): Address {
  return name === undefined ? `0x${'00'.repeat(20)}` : `0x${digest(name).slice(26)}`
}
