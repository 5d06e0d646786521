import { compareKeys, decodeBlock, type Interval } from '@tanlian/evidence'

/** How a node of a proof takes part in the answer. */
export type Part = 'pruned-outside' | 'pruned-inside' | 'leaf-outside' | 'leaf-inside' | 'opened'

/** One node of a proof as it is drawn: its place, and what it says. */
export interface DrawnNode {
  readonly id: number
  readonly part: Part
  /** From the top, 0 at the root. */
  readonly depth: number
  /** Horizontal place in leaf widths; an inner node stands over the middle of its children. */
  readonly x: number
  readonly parent: number | undefined
  readonly min: Uint8Array
  readonly max: Uint8Array
  readonly count: number
  readonly quantity: number
  readonly seconds: number
}

/** A proof laid out as a tree (spec section 4), with as many columns as the proof has ends. */
export interface DrawnTree {
  readonly nodes: readonly DrawnNode[]
  readonly columns: number
  readonly depth: number
}

/** Lays out a proof that has been checked already; it draws and proves nothing. */
export function drawProof(proof: Uint8Array, intervals: readonly Interval[]): DrawnTree {
  const nodes: DrawnNode[] = []
  let columns = 0
  let depth = 0

  const place = (value: unknown, level: number, parent: number | undefined): DrawnNode => {
    depth = Math.max(depth, level)
    const id = nodes.length
    nodes.push(undefined as unknown as DrawnNode)
    const end = readEnd(value)
    let node: DrawnNode
    if (end === undefined) {
      const [left, right] = value as readonly [unknown, unknown]
      const a = place(left, level + 1, id)
      const b = place(right, level + 1, id)
      node = {
        id,
        parent,
        depth: level,
        part: 'opened',
        x: (a.x + b.x) / 2,
        min: a.min,
        max: b.max,
        count: a.count + b.count,
        quantity: a.quantity + b.quantity,
        seconds: a.seconds + b.seconds,
      }
    } else {
      const inside = intervals.some(({ lo, hi }) => compareKeys(lo, end.min) <= 0 && compareKeys(end.max, hi) <= 0)
      const sort = end.count === 1 ? 'leaf' : 'pruned'
      node = { id, parent, depth: level, part: `${sort}-${inside ? 'inside' : 'outside'}`, x: columns, ...end }
      columns += 1
    }
    nodes[id] = node
    return node
  }
  place(decodeBlock(proof), 0, undefined)
  return { nodes, columns, depth }
}

/** Key and numbers of a pruned node or a leaf; undefined for an inner node. */
function readEnd(value: unknown) {
  if (value instanceof Uint8Array) {
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
    return {
      min: value.subarray(0, 16),
      max: value.subarray(16, 32),
      count: Number(view.getBigUint64(32)),
      quantity: Number(view.getBigUint64(40)),
      seconds: Number(view.getBigUint64(48)),
    }
  }
  const parts = value as readonly unknown[]
  if (parts.length !== 4) return undefined
  const key = parts[0] as Uint8Array
  return { min: key, max: key, count: 1, quantity: parts[1] as number, seconds: parts[2] as number }
}
