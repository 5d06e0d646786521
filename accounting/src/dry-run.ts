import { TanlianError } from '@tanlian/units'
import { calculate, shownTexts } from './calculate.ts'
import type { Example } from './methodology.ts'
import type { Program } from './program.ts'

/** What came of one worked example (算例). */
export interface ExampleRun {
  readonly example: Example
  /** Equations that show something else than the example says. */
  readonly differences: readonly { readonly equation: string; readonly said: string; readonly shown: string }[]
  /** Why it could not be run at all. */
  readonly refused: TanlianError | undefined
}

/** A methodology tried on its own examples (试算): it may be published where every one holds to the last digit. */
export interface DryRun {
  readonly ok: boolean
  readonly runs: readonly ExampleRun[]
}

/** Runs every worked example of a methodology; one without examples is not ready. */
export function dryRun(program: Program): DryRun {
  const runs = program.methodology.examples.map((example) => runExample(program, example))
  const ok =
    runs.length > 0 && runs.every(({ differences, refused }) => differences.length === 0 && refused === undefined)
  return { ok, runs }
}

/** What an example shows; rows are separated by one space. @throws what `calculate` throws, E_EXPRESSION_NAME */
export function showExample(program: Program, { data, shows }: Example): ReadonlyMap<string, string> {
  const outcome = calculate(program, data)
  return new Map([...shows.keys()].map((equation) => [equation, shownTexts(outcome, equation).join(' ')]))
}

function runExample(program: Program, example: Example): ExampleRun {
  try {
    const found = showExample(program, example)
    const differences = [...example.shows]
      .map(([equation, said]) => ({ equation, said, shown: found.get(equation) ?? '' }))
      .filter(({ said, shown }) => said !== shown)
    return { example, differences, refused: undefined }
  } catch (error) {
    if (!(error instanceof TanlianError)) throw error
    return { example, differences: [], refused: error }
  }
}
