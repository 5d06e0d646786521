import { globSync } from 'node:fs'
import { styleText } from 'node:util'
import type { Outcome, Promised } from './promise.ts'

/*
 * Prints every promise about speed and size: name, what was seen, the goal, and whether it is met. Each `<folder>/*.bench.ts` exports
 * `promises`; arguments choose by a part of the name.
 */

const chosen = process.argv.slice(2)
const files = globSync('*/*.bench.ts', { cwd: import.meta.dirname }).sort()
let missed = 0
for (const file of files) {
  const { promises } = (await import(new URL(file, import.meta.url).href)) as { promises: readonly Promised[] }
  for (const promise of promises) {
    if (chosen.length > 0 && !chosen.some((part) => promise.name.includes(part))) continue
    const outcome = await outcomeOf(promise)
    const figure = 'missing' in outcome ? outcome.missing : outcome.figure
    const verdict = 'missing' in outcome ? 'not run' : outcome.met ? 'met' : 'missed'
    if (verdict === 'missed') missed++
    const colour = verdict === 'met' ? 'green' : verdict === 'missed' ? 'red' : 'yellow'
    console.log(
      `${promise.name.padEnd(64)} ${figure.padStart(22)}   ${promise.goal.padEnd(18)} ${styleText(colour, verdict)}`,
    )
  }
}
process.exitCode = missed === 0 ? 0 : 1

async function outcomeOf(promise: Promised): Promise<Outcome> {
  try {
    return await promise.run()
  } catch (error) {
    return { figure: error instanceof Error ? error.message : String(error), met: false }
  }
}
