import { isNumeric, type Payload } from './payload.ts'

/** Name and data type behind an alias. */
export interface Named {
  readonly name: string
  readonly datatype: number | undefined
}

/** What became of a message in its edge node's session. */
export type Heard =
  | {
      readonly ok: true
      /** Of each metric, in its order. */
      readonly names: readonly Named[]
      /** A message before it is missing: the data is incomplete, and a birth is to be asked for. */
      readonly gap: boolean
    }
  | { readonly ok: false; readonly code: 'E_SPARKPLUG_ALIAS' | 'E_SPARKPLUG_BIRTH' }

/** The session of one edge node (边缘节点): births, aliases, sequence numbers (Sparkplug 3.0, sections 6.4.8 to 6.4.20). */
export interface Session {
  /** NBIRTH or DBIRTH: the names of all that will come. */
  birth(device: string | undefined, payload: Payload): Heard
  data(device: string | undefined, payload: Payload): Heard
  /** NDEATH; false where it is of an earlier session, by its bdSeq. */
  nodeDeath(payload: Payload): boolean
  deviceDeath(device: string, payload: Payload): void
}

const BD_SEQ = 'bdSeq'

export function openSession(): Session {
  let expected: number | undefined
  let bdSeq: string | undefined
  let names = new Map<string | undefined, ReadonlyMap<number, Named>>()

  /** True where a message is missing before this one. */
  const step = (seq: number): boolean => {
    const gap = seq !== expected
    expected = (seq + 1) % 256
    return gap
  }
  return {
    birth(device, payload) {
      const aliases = new Map<number, Named>()
      const found: Named[] = []
      for (const { name, alias, datatype } of payload.metrics) {
        if (name === undefined || (alias !== undefined && aliases.has(alias)))
          return { ok: false, code: 'E_SPARKPLUG_BIRTH' }
        const named = { name, datatype }
        found.push(named)
        if (alias !== undefined) aliases.set(alias, named)
      }
      if (device === undefined) {
        // A node's birth begins its session at 0 and ends what was known before.
        if (payload.seq !== 0) return { ok: false, code: 'E_SPARKPLUG_BIRTH' }
        names = new Map()
        bdSeq = bdSeqOf(payload)
        expected = 1
        names.set(undefined, aliases)
        return { ok: true, names: found, gap: false }
      }
      const gap = step(payload.seq)
      names.set(device, aliases)
      return { ok: true, names: found, gap }
    },
    data(device, payload) {
      const gap = step(payload.seq)
      const aliases = names.get(device)
      const found: Named[] = []
      for (const { name, alias, datatype } of payload.metrics) {
        const behind = alias === undefined ? undefined : aliases?.get(alias)
        if (behind === undefined && (name === undefined || !isNumeric(datatype)))
          return { ok: false, code: 'E_SPARKPLUG_ALIAS' }
        found.push(behind ?? { name: name as string, datatype })
      }
      return { ok: true, names: found, gap }
    },
    nodeDeath(payload) {
      if (bdSeq !== undefined && bdSeqOf(payload) !== bdSeq) return false
      expected = undefined
      names = new Map()
      return true
    },
    deviceDeath(device, payload) {
      step(payload.seq)
      names.delete(device)
    },
  }
}

function bdSeqOf({ metrics }: Payload): string | undefined {
  return metrics.find(({ name }) => name === BD_SEQ)?.value?.toString()
}
