#!/usr/bin/env node
import { stripVTControlCharacters } from 'node:util'
import { TanlianError } from '@tanlian/units'
import { defineCommand, runCommand } from 'citty'
import { type Command, languageOf, openProcessOutput, usageError } from './command.ts'
import { EXIT, errorText, exitCodeOf } from './exit.ts'
import { helpText, type Named } from './help.ts'

const VERSION = '0.1.0'

/** Commands by name; each is loaded only when it is used, so that `tanlian check` does not wait for a spreadsheet reader. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).up,
  gateway: async () => (await import('./gateway.ts')).gateway,
  witness: async () => (await import('./witness.ts')).witness,
  doctor: async () => (await import('./doctor.ts')).doctor,
  org: async () => (await import('./organization.ts')).organization,
  key: async () => (await import('./key.ts')).key,
  privacy: async () => (await import('./privacy.ts')).privacy,
  import: async () => (await import('./import.ts')).importCommand,
  trace: async () => (await import('./trace.ts')).trace,
  check: async () => (await import('./check.ts')).check,
  report: async () => (await import('./report.ts')).report,
  methodology: async () => (await import('./methodology.ts')).methodology,
  log: async () => (await import('./log.ts')).log,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./backup.ts')).restore,
}

const main: Command = {
  ...defineCommand({ meta: { name: 'tanlian', version: VERSION }, subCommands: COMMANDS }),
  about: {
    name: '',
    description: {
      en: `Tanlian ${VERSION}: every tonne traces back to signed readings`,
      zh: `碳链 ${VERSION}：每一吨都能追溯到签名的读数`,
    },
    args: {},
    examples: ['up --demo', 'trace city-park --type electricity --month 2017-03 --zone UTC', 'doctor'],
  },
}

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
    const asked = argv.includes('--help') || argv.includes('-h')
    const command = await find(withVerb(argv))
    const verbs = await verbsOf(command)
    // A noun without its verb has nothing to do but to say which verbs there are.
    if (asked || (verbs.length > 0 && argv.every((item) => item.startsWith('-') || item === command.about.name))) {
      process.stdout.write(`${helpText(command, verbs, languageOf(argv, process.env))}\n`)
      return asked ? EXIT.fine : EXIT.usage
    }
    await runCommand(main, { rawArgs: withVerb(argv) })
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.fine
  } catch (thrown) {
    const error =
      thrown instanceof Error && thrown.name === 'CLIError'
        ? mistake(thrown.message, (await find(withVerb(argv))).about.name)
        : thrown
    out.problem(`${out.colors.red('✘')} ${errorText(error, out.language)}`)
    if (!(error instanceof TanlianError) && error instanceof Error && process.env.TANLIAN_DEBUG !== undefined) {
      out.problem(error.stack ?? '')
    }
    if (error instanceof TanlianError) {
      const { title: _, ...values } = error.values
      out.data({ code: error.code, message: error.message, values })
    }
    return exitCodeOf(error)
  }
}

/** What citty complains of (an unknown command, a missing argument), as a mistake of usage in both languages. */
function mistake(message: string, name: string): TanlianError {
  const said = stripVTControlCharacters(message)
  const help = `tanlian ${name === '' ? '' : `${name} `}--help`
  const missing = said.match(/^Missing required (?:positional )?argument: (.*)$/)?.[1]
  if (missing !== undefined)
    return usageError({ en: `${missing} is missing. See ${help}.`, zh: `缺少 ${missing}。请用 ${help} 查看用法。` })
  const unknown = said.match(/^Unknown command (.*)$/)?.[1]
  if (unknown !== undefined)
    return usageError({
      en: `There is no command ${unknown}. See ${help}.`,
      zh: `没有 ${unknown} 命令。请用 ${help} 查看用法。`,
    })
  return usageError({ en: `${said} See ${help}.`, zh: `${said} 请用 ${help} 查看用法。` })
}

/** `tanlian import FILE` is short for `tanlian import file FILE`. */
function withVerb(argv: string[]): string[] {
  const [noun, verb] = argv
  if (noun !== 'import' || verb === undefined || ['file', 'list', 'withdraw', '--help', '-h'].includes(verb))
    return argv
  return ['import', 'file', ...argv.slice(1)]
}

/** The command that the first words of a command line name. */
async function find(argv: readonly string[]): Promise<Command> {
  let command = main
  for (const word of argv.filter((item) => !item.startsWith('-'))) {
    const below = Object.entries((command.subCommands ?? {}) as Subcommands).find(([name]) => name === word)?.[1]
    if (below === undefined) break
    command = await load(below)
  }
  return command
}

async function verbsOf(command: Command): Promise<readonly Named[]> {
  const entries = Object.entries((command.subCommands ?? {}) as Subcommands)
  return Promise.all(entries.map(async ([word, below]) => [word, await load(below)] as const))
}

type Subcommands = Readonly<Record<string, Command | (() => Promise<Command>)>>

async function load(below: Command | (() => Promise<Command>)): Promise<Command> {
  return typeof below === 'function' ? below() : below
}
