import { addRatios, divideRatios, parseRatio, type Ratio, ratio } from '@tanlian/units'
import { parseUnit, toBase } from './kind.ts'
import type { Trace, TraceNode } from './trace.ts'

/** How good the data of a figure are (数据质量评分): 1 is proven by signed readings, 5 is somebody's word or memory. */
export interface Quality {
  /** Mean grade of the lines, by their emissions; 0 where there are none. */
  readonly score: Ratio
  readonly lines: readonly QualityLine[]
}

/** A line of emissions is as good as the worst value that it rests on. */
export interface QualityLine {
  readonly node: TraceNode
  readonly grade: number
  /** The values that have that grade. */
  readonly worst: readonly TraceNode[]
}

/** Grades of inputs by their origin. A text that picks a factor is graded by the factor. The scale is ours. */
const ORIGINS: Readonly<Record<string, number>> = { total: 1, analysis: 2, voucher: 3, choice: 1, manual: 5 }
/** Grades of factors by their confidence; a default is never as good as a measurement. */
const FACTORS: Readonly<Record<string, number>> = { V: 2, V2: 4, M: 5 }
/** Constants of nature and of the methodology. */
const CONSTANTS: Readonly<Record<string, number>> = { V: 1, V2: 3, M: 5 }
const EMISSION = /^mass\[CO2(?:e, AR[456])?\]$/

/** The data quality of an output: its total is followed down to the lines that are no sums of other emissions. */
export function qualityOf({ outputs }: Trace, output: string): Quality {
  const lines = new Map<TraceNode, QualityLine>()
  const leaves = new Map<TraceNode, ReadonlySet<TraceNode>>()
  const seen = new Set<TraceNode>()
  const descend = (node: TraceNode) => {
    if (seen.has(node)) return
    seen.add(node)
    const parts = node.inputs.filter((input) => isEmission(input) && input.inputs.length > 0)
    if (parts.length > 0) parts.forEach(descend)
    else {
      const below = [...leavesOf(node, leaves)]
      const grade = below.reduce((worst, leaf) => Math.max(worst, gradeOf(leaf)), 1)
      lines.set(node, { node, grade, worst: below.filter((leaf) => gradeOf(leaf) === grade) })
    }
  }
  outputs.get(output)?.forEach(descend)
  let [weighted, weight] = [ratio(0n), ratio(0n)]
  for (const { node, grade } of lines.values()) {
    const size = emissionOf(node)
    weight = addRatios(weight, size)
    weighted = addRatios(weighted, ratio(size.numerator * BigInt(grade), size.denominator))
  }
  return { score: weight.numerator === 0n ? weight : divideRatios(weighted, weight), lines: [...lines.values()] }
}

function leavesOf(node: TraceNode, known: Map<TraceNode, ReadonlySet<TraceNode>>): ReadonlySet<TraceNode> {
  const found = known.get(node)
  if (found !== undefined) return found
  const leaves = new Set(
    node.inputs.length === 0 || node.source !== undefined
      ? [node]
      : node.inputs.flatMap((input) => [...leavesOf(input, known)]),
  )
  known.set(node, leaves)
  return leaves
}

function gradeOf({ origin, rule, source }: TraceNode): number {
  if (origin !== undefined) return ORIGINS[origin.kind] as number
  if (rule === 'fallback' || source === undefined) return 5
  return (rule === 'constant' ? CONSTANTS : FACTORS)[source.confidence] as number
}

function isEmission({ unit }: TraceNode): boolean {
  return unit !== '' && EMISSION.test(parseUnit(unit).kind.name)
}

/** Grams, without their sign: a deduction counts as much as an emission. */
function emissionOf({ value, unit }: TraceNode): Ratio {
  const { numerator, denominator } = toBase(parseRatio(value), parseUnit(unit))
  return ratio(numerator < 0n ? -numerator : numerator, denominator)
}
