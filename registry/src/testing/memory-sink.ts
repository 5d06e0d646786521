import { TanlianError } from '@tanlian/units'
import type { ChainEvent } from '../event.ts'
import { headKey, type RegistryRows } from '../rows.ts'
import type { Advance, BlockMark, ProjectionSink } from '../sink.ts'

/** All rows of a projection, each table by its key. */
export function emptyTables() {
  return {
    organizations: new Map<number, RegistryRows['organizations'][number]>(),
    applications: new Map<string, RegistryRows['applications'][number]>(),
    keys: new Map<string, RegistryRows['keys'][number]>(),
    bindings: new Map<number, RegistryRows['bindings'][number]>(),
    heads: new Map<string, RegistryRows['heads'][number]>(),
    entries: new Map<number, Advance['changes']['entries'][number]>(),
    roots: new Map<number, Advance['changes']['roots'][number]>(),
  }
}

/** A sink in memory, with failures on demand: `fail` may throw before a step is kept or after. */
export interface MemorySink extends ProjectionSink {
  tables: ReturnType<typeof emptyTables>
  kept: ChainEvent[]
  keptMarks: BlockMark[]
  fail: (when: 'before' | 'after') => void
}

export function memorySink(): MemorySink {
  const put = (rows: RegistryRows) => {
    for (const row of rows.organizations) sink.tables.organizations.set(row.id, row)
    for (const row of rows.applications) sink.tables.applications.set(row.application, row)
    for (const row of rows.keys) sink.tables.keys.set(row.key, row)
    for (const row of rows.bindings) sink.tables.bindings.set(row.id, row)
    for (const row of rows.heads) sink.tables.heads.set(headKey(row.organization, row.kind), row)
  }
  const sink: MemorySink = {
    tables: emptyTables(),
    kept: [],
    keptMarks: [],
    fail: () => undefined,
    async *events() {
      for (let i = 0; i < sink.kept.length; i += 50) yield sink.kept.slice(i, i + 50)
    },
    marks: async () => [...sink.keptMarks],
    async advance({ from, events, changes, marks, forgetBelow }) {
      sink.fail('before')
      if (from?.hash !== sink.keptMarks.at(-1)?.hash)
        throw new TanlianError('E_INDEX_CURSOR', 'The sink stands elsewhere.')
      sink.kept.push(...events)
      put(changes)
      for (const row of changes.entries) sink.tables.entries.set(row.index, row)
      for (const row of changes.roots) sink.tables.roots.set(row.size, row)
      sink.keptMarks = [...sink.keptMarks, ...marks].filter(({ number }) => number >= forgetBelow)
      sink.fail('after')
    },
    async rollback(to, rows, older) {
      sink.fail('before')
      sink.kept = sink.kept.filter(({ block }) => block <= to.number)
      sink.keptMarks = [...older, ...sink.keptMarks.filter(({ number }) => number <= to.number)]
      const entries = [...sink.tables.entries].filter(([, { block }]) => block <= to.number)
      const roots = [...sink.tables.roots].filter(([, { block }]) => block <= to.number)
      sink.tables = { ...emptyTables(), entries: new Map(entries), roots: new Map(roots) }
      put(rows)
      sink.fail('after')
    },
  }
  return sink
}
