import { writtenText } from '../methodology/figure.ts'
import type { Estimate } from './record.ts'

/** How a position comes out: a range lies on both sides of zero while something is unknown. */
export type Standing = 'surplus' | 'deficit' | 'even' | 'open'

/** The expected surplus as people read it, with its sign and unit; a range where the rule gives one. */
export function surplusOf({ lines }: Estimate): { readonly standing: Standing; readonly text: string } | undefined {
  const least = lines.find(({ name }) => name === 'surplus')
  if (least === undefined) return undefined
  const most = lines.find(({ name }) => name === 'surplusMost') ?? least
  const [low, high] = [signOf(least.value), signOf(most.value)]
  const standing = low > 0 ? 'surplus' : high < 0 ? 'deficit' : low === 0 && high === 0 ? 'even' : 'open'
  const texts = [...new Set([least.value, most.value])].map(signed)
  return { standing, text: `${texts.join(' … ')} ${least.unit}` }
}

function signOf(value: string): number {
  return value.startsWith('-') ? (/[1-9]/.test(value) ? -1 : 0) : /[1-9]/.test(value) ? 1 : 0
}

/** A minus is a minus and a plus is said, so that nobody reads a deficit for a surplus. */
function signed(value: string): string {
  const text = writtenText(value.replace('-', ''))
  const sign = signOf(value)
  return sign < 0 ? `−${text}` : sign > 0 ? `+${text}` : text
}
