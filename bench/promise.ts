import { spawn } from 'node:child_process'

/** A promise about speed or size, printed as one line of `npm run bench`. */
export interface Promised {
  readonly name: string
  /** As it is printed: `≥ 0.9 ×`. */
  readonly goal: string
  readonly run: () => Promise<Outcome>
}

/** What was seen, or why nothing was. */
export type Outcome = { readonly figure: string; readonly met: boolean } | { readonly missing: string }

/** A program that measures one side and prints one number a line. */
export type Side = readonly [command: string, ...args: string[]]

/** Ends a side that hangs. */
const LIMIT_MS = 180_000

/** Runs sides in turn, each in its own process, and gives the median of each number that a side prints. */
export async function measure(rounds: number, sides: readonly Side[]): Promise<number[][]> {
  const seen: number[][][] = sides.map(() => [])
  for (let round = 0; round < rounds; round++)
    for (const [at, side] of sides.entries())
      for (const [place, figure] of (await runSide(side)).entries()) {
        const list = seen[at] ?? []
        list[place] ??= []
        list[place].push(figure)
      }
  return seen.map((figures) => figures.map(median))
}

/** The middle one; of an even number the upper of the two. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
}

/** A TypeScript file beside the caller, run by this Node. */
export function side(url: string, name: string, ...args: (string | number)[]): Side {
  return [process.execPath, new URL(`sides/${name}.ts`, url).pathname, ...args.map(String)]
}

/** Runs a program to its end. @returns what it printed */
export function runProgram([command, ...args]: Side, directory?: string, limitMs = LIMIT_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs })
    let printed = ''
    let complained = ''
    child.stdout.on('data', (text) => {
      printed += text
    })
    child.stderr.on('data', (text) => {
      complained += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(printed)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${complained.trim()}`))
    })
  })
}

async function runSide(program: Side): Promise<number[]> {
  return (await runProgram(program)).trim().split('\n').map(Number)
}
