#!/usr/bin/env node
import { TanlianError } from '@tanlian/units'
import { type CommandDef, defineCommand, renderUsage, runCommand } from 'citty'
import { languageOf, openProcessOutput, usageError } from './command.ts'
import { EXIT, errorText, exitCodeOf } from './exit.ts'

const VERSION = '0.1.0'
const zh = languageOf(process.argv, process.env) === 'zh'

/** Commands by name; each is loaded only when it is used, so that `tanlian check` does not wait for a spreadsheet reader. */
const main = defineCommand({
  meta: {
    name: 'tanlian',
    version: VERSION,
    description: zh ? '碳链：每一吨都能追溯到签名的读数' : 'Tanlian: every tonne traces back to signed readings',
  },
  subCommands: {
    up: async () => (await import('./up.ts')).up,
    doctor: async () => (await import('./doctor.ts')).doctor,
    org: async () => (await import('./organization.ts')).organization,
    key: async () => (await import('./key.ts')).key,
    import: async () => (await import('./import.ts')).importCommand,
    trace: async () => (await import('./trace.ts')).trace,
    check: async () => (await import('./check.ts')).check,
    log: async () => (await import('./log.ts')).log,
    backup: async () => (await import('./backup.ts')).backup,
    restore: async () => (await import('./backup.ts')).restore,
  },
})

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await run(process.argv.slice(2))

async function run(argv: string[]): Promise<number> {
  const out = openProcessOutput(argv)
  try {
    if (argv.includes('--version') || argv[0] === '-v') {
      process.stdout.write(`${VERSION}\n`)
      return EXIT.fine
    }
    if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) {
      const [command, parent] = await find(argv.filter((item) => !item.startsWith('-')))
      process.stdout.write(`${await renderUsage(command, parent)}\n`)
      return argv.length === 0 ? EXIT.usage : EXIT.fine
    }
    await runCommand(main, { rawArgs: withVerb(argv) })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.fine
  } catch (thrown) {
    // citty's own complaints (an unknown command, a missing argument) are mistakes of usage.
    const error =
      thrown instanceof Error && thrown.name === 'CLIError'
        ? usageError(`${thrown.message}. See tanlian --help.`)
        : thrown
    out.problem(`${out.colors.red('✘')} ${errorText(error, out.language)}`)
    if (!(error instanceof TanlianError) && error instanceof Error && process.env.TANLIAN_DEBUG !== undefined) {
      out.problem(error.stack ?? '')
    }
    if (error instanceof TanlianError) out.data({ code: error.code, message: error.message, values: error.values })
    return exitCodeOf(error)
  }
}

/** `tanlian import FILE` is short for `tanlian import file FILE`. */
function withVerb(argv: string[]): string[] {
  const [noun, verb] = argv
  if (noun !== 'import' || verb === undefined || ['file', 'list', 'withdraw'].includes(verb)) return argv
  return ['import', 'file', ...argv.slice(1)]
}

/** The command that a list of words names, and the one above it. */
async function find(words: readonly string[]): Promise<[CommandDef, CommandDef | undefined]> {
  let command: CommandDef = main as CommandDef
  let parent: CommandDef | undefined
  for (const word of words) {
    const below = (command.subCommands as Record<string, CommandDef | (() => Promise<CommandDef>)> | undefined)?.[word]
    if (below === undefined) break
    parent = command
    command = typeof below === 'function' ? await below() : below
  }
  return [command, parent]
}
