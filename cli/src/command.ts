import { TanlianError } from '@tanlian/units'
import { type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from 'citty'
import { type Language, type Output, openOutput, type Text } from './output.ts'
import { homeFolder, openSettings, type Settings } from './settings.ts'

/** What every command gets beside its own arguments. */
export interface Context {
  readonly out: Output
  readonly settings: Settings
  /** Folder of keys, signed bytes and receipts. */
  readonly home: string
  /** True where questions are answered with yes. */
  readonly yes: boolean
  /** True where a person can be asked. */
  readonly interactive: boolean
}

/** Arguments that every command takes. */
export const COMMON_ARGS = {
  json: { type: 'boolean', description: 'One JSON document on stdout' },
  jsonl: { type: 'boolean', description: 'One JSON document a line on stdout' },
  quiet: { type: 'boolean', description: 'No progress on stderr' },
  yes: { type: 'boolean', alias: 'y', description: 'Answer every question with yes' },
  lang: { type: 'string', valueHint: 'zh|en', description: 'Language (else TANLIAN_LANG, LANG)' },
  home: { type: 'string', valueHint: 'DIR', description: 'Folder of keys and receipts (else TANLIAN_HOME)' },
  config: { type: 'string', valueHint: 'FILE', description: 'Settings file (YAML)' },
} as const satisfies ArgsDef

/**
 * A command: its arguments beside the common ones, and what it does. Unknown flags are refused, so that a slip of the pen is not
 * silently passed over. Codes: E_CLI_USAGE.
 */
export function command<const T extends ArgsDef>(
  name: string,
  description: Text,
  args: T,
  run: (context: Context, args: ParsedArgs<T>) => Promise<void>,
): CommandDef {
  const all = { ...args, ...COMMON_ARGS }
  return defineCommand({
    meta: { name, description: description[languageOf(process.argv, process.env)] },
    args: all,
    async run({ args: given, rawArgs }) {
      refuseUnknown(name, all, given as Record<string, unknown>)
      await run(openContext(given as Record<string, unknown>, rawArgs), given as unknown as ParsedArgs<T>)
    },
  }) as unknown as CommandDef
}

/** A noun with its verbs. */
export function group(name: string, description: Text, subCommands: Record<string, CommandDef>): CommandDef {
  return defineCommand({ meta: { name, description: description[languageOf(process.argv, process.env)] }, subCommands })
}

/** The reader's language: `--lang`, `TANLIAN_LANG`, else `LC_ALL`, `LANG`. */
export function languageOf(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  const at = argv.indexOf('--lang')
  const flag = at >= 0 ? argv[at + 1] : argv.find((item) => item.startsWith('--lang='))?.slice('--lang='.length)
  const chosen = flag ?? environment.TANLIAN_LANG ?? environment.LC_ALL ?? environment.LANG ?? 'en'
  return chosen.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** Whether the command line asks for JSON, known before it is parsed so that an error has the right form too. */
export function formatOf(argv: readonly string[]): Output['format'] {
  if (argv.includes('--jsonl')) return 'jsonl'
  return argv.includes('--json') ? 'json' : 'text'
}

/** The streams of this process. */
export function openProcessOutput(argv: readonly string[]): Output {
  return openOutput({
    language: languageOf(argv, process.env),
    format: formatOf(argv),
    quiet: argv.includes('--quiet'),
    stdout: process.stdout,
    stderr: process.stderr,
    color: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '',
  })
}

/** A mistake in how a command was called. */
export function usageError(message: string): TanlianError {
  return new TanlianError('E_CLI_USAGE', message)
}

function openContext(given: Record<string, unknown>, rawArgs: readonly string[]): Context {
  return {
    out: openProcessOutput(rawArgs),
    settings: openSettings(given, process.env),
    home: homeFolder(given, process.env),
    yes: given.yes === true,
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  }
}

function refuseUnknown(name: string, known: ArgsDef, given: Record<string, unknown>) {
  const names = new Set(['_'])
  for (const [key, definition] of Object.entries(known)) {
    names.add(key)
    const alias = (definition as { alias?: string | string[] }).alias ?? []
    for (const other of Array.isArray(alias) ? alias : [alias]) names.add(other)
  }
  for (const key of Object.keys(given)) {
    const plain = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if (!names.has(key) && !names.has(plain))
      throw usageError(`tanlian ${name} has no flag --${plain}. See tanlian ${name} --help.`)
  }
  const positionals = Object.values(known).filter((definition) => definition.type === 'positional').length
  const extra = (given._ as string[] | undefined)?.slice(positionals) ?? []
  if (extra.length > 0)
    throw usageError(
      `tanlian ${name} does not take ${extra.map((item) => `"${item}"`).join(', ')}. See tanlian ${name} --help.`,
    )
}
