import type { Address, Hex } from 'viem'
import type { Edge } from './edge.ts'
import type { Projection } from './projection.ts'
import type {
  ApplicationRow,
  BindingRow,
  Changes,
  EntryRow,
  HeadRow,
  KeyRow,
  OrganizationRow,
  RootRow,
} from './rows.ts'

/** A table under change: the first write copies it, so that the projection it came from stays as it is. */
export interface Table<K, R> {
  readonly rows: ReadonlyMap<K, R>
  put(key: K, row: R): void
  changed(): R[]
}

/** A projection under change. */
export interface Draft {
  readonly organizations: Table<number, OrganizationRow>
  readonly applications: Table<Hex, ApplicationRow>
  readonly keys: Table<Address, KeyRow>
  readonly bindings: Table<number, BindingRow>
  readonly heads: Table<string, HeadRow>
  readonly entries: EntryRow[]
  readonly roots: RootRow[]
  edge: Edge
  projection(): Projection
  changes(): Changes
}

/** Begins to change a projection. */
export function draftOf(before: Projection): Draft {
  return {
    organizations: tableOf(before.organizations),
    applications: tableOf(before.applications),
    keys: tableOf(before.keys),
    bindings: tableOf(before.bindings),
    heads: tableOf(before.heads),
    entries: [],
    roots: [],
    edge: before.edge,
    projection() {
      return {
        organizations: this.organizations.rows,
        applications: this.applications.rows,
        keys: this.keys.rows,
        bindings: this.bindings.rows,
        heads: this.heads.rows,
        edge: this.edge,
      }
    },
    changes() {
      return {
        organizations: this.organizations.changed(),
        applications: this.applications.changed(),
        keys: this.keys.changed(),
        bindings: this.bindings.changed(),
        heads: this.heads.changed(),
        entries: this.entries,
        roots: this.roots,
      }
    },
  }
}

function tableOf<K, R>(before: ReadonlyMap<K, R>): Table<K, R> {
  let rows: Map<K, R> | undefined
  const touched = new Set<K>()
  return {
    get rows() {
      return rows ?? before
    },
    put(key, row) {
      rows ??= new Map(before)
      rows.set(key, row)
      touched.add(key)
    },
    changed: () => [...touched].map((key) => rows?.get(key) as R),
  }
}
