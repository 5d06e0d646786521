import type { Address, Hex } from 'viem'
import { draftOf } from './draft.ts'
import { type Edge, EMPTY_EDGE } from './edge.ts'
import type { ChainEvent } from './event.ts'
import { fold } from './fold.ts'
import type { ApplicationRow, BindingRow, Changes, HeadRow, KeyRow, OrganizationRow, RegistryRows } from './rows.ts'

/** What the chain says, folded from its events: everything but the lists of entries and roots, which only grow and are kept by the sink. */
export interface Projection {
  readonly organizations: ReadonlyMap<number, OrganizationRow>
  readonly applications: ReadonlyMap<Hex, ApplicationRow>
  readonly keys: ReadonlyMap<Address, KeyRow>
  readonly bindings: ReadonlyMap<number, BindingRow>
  /** By `headKey`. */
  readonly heads: ReadonlyMap<string, HeadRow>
  readonly edge: Edge
}

/** The projection before the first event; a successor log begins with the older log's edge. */
export function emptyProjection(edge: Edge = EMPTY_EDGE): Projection {
  return {
    organizations: new Map(),
    applications: new Map(),
    keys: new Map(),
    bindings: new Map(),
    heads: new Map(),
    edge,
  }
}

/** The projection after one more event; the given one stays as it is. */
export function applyEvent(projection: Projection, event: ChainEvent): Projection {
  return applyEvents(projection, [event]).projection
}

/**
 * The projection after some events, and the rows that they change (S29). Pure: the given one stays as it is.
 * @throws TanlianError `E_INDEX_EVENT` where an event cannot follow what was before, `E_INDEX_ROOT` where the contract's root is not the one
 * computed from the entries: the node that gave the events lies or left some out, so nothing of them is kept (S36).
 */
export function applyEvents(
  projection: Projection,
  events: readonly ChainEvent[],
): { readonly projection: Projection; readonly changes: Changes } {
  const draft = draftOf(projection)
  for (const event of events) fold(draft, event)
  return { projection: draft.projection(), changes: draft.changes() }
}

/** All rows that change in place, as a rollback writes them. */
export function registryRows(projection: Projection): RegistryRows {
  return {
    organizations: [...projection.organizations.values()],
    applications: [...projection.applications.values()],
    keys: [...projection.keys.values()],
    bindings: [...projection.bindings.values()],
    heads: [...projection.heads.values()],
  }
}
