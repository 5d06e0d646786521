import { TanlianError } from '@tanlian/units'
import { type ArgDef, type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from 'citty'
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

/** An argument of a command, its meaning in both languages. */
export type Argument = Described<ArgDef>
type Described<A> = A extends unknown
  ? Omit<A, 'description' | 'negativeDescription'> & { readonly description: Text }
  : never
export type Arguments = Readonly<Record<string, Argument>>
/** What citty reads from the command line for these arguments. */
type Given<T extends Arguments> = ParsedArgs<{ [K in keyof T]: Omit<T[K], 'description'> & ArgDef }>

/** What `--help` says of a command or a noun. */
export interface About {
  /** As it is typed after `tanlian`: empty for the program itself. */
  readonly name: string
  readonly description: Text
  readonly args: Arguments
  /** Command lines after `tanlian` that a newcomer can copy. */
  readonly examples: readonly string[]
}

/** A command that knows what to say of itself. */
export type Command = CommandDef & { readonly about: About }

/** Arguments that every command takes. */
export const COMMON_ARGS = {
  json: { type: 'boolean', description: { en: 'One JSON document on stdout', zh: '以一个 JSON 文档输出到 stdout' } },
  jsonl: {
    type: 'boolean',
    description: { en: 'One JSON document a line on stdout', zh: '每行一个 JSON 文档输出到 stdout' },
  },
  quiet: { type: 'boolean', description: { en: 'No progress on stderr', zh: '不在 stderr 显示进度' } },
  yes: { type: 'boolean', alias: 'y', description: { en: 'Answer every question with yes', zh: '对所有询问回答“是”' } },
  lang: {
    type: 'string',
    valueHint: 'zh|en',
    description: { en: 'Language (else TANLIAN_LANG, LANG)', zh: '语言（默认取 TANLIAN_LANG、LANG）' },
  },
  home: {
    type: 'string',
    valueHint: 'DIR',
    description: {
      en: 'Folder of keys and receipts (else TANLIAN_HOME)',
      zh: '密钥和回执所在目录（默认取 TANLIAN_HOME）',
    },
  },
  config: { type: 'string', valueHint: 'FILE', description: { en: 'Settings file (YAML)', zh: '配置文件（YAML）' } },
} as const satisfies Arguments

/**
 * A command: its arguments beside the common ones, and what it does. Unknown flags are refused, so that a slip of the pen is not
 * silently passed over. Codes: E_CLI_USAGE.
 */
export function command<const T extends Arguments>(
  name: string,
  description: Text,
  args: T,
  run: (context: Context, args: Given<T>) => Promise<void>,
  examples: readonly string[] = [],
): Command {
  const all: Arguments = { ...args, ...COMMON_ARGS }
  const plain = Object.fromEntries(Object.entries(all).map(([key, { description: _, ...rest }]) => [key, rest]))
  return {
    ...defineCommand({
      meta: { name },
      args: plain as ArgsDef,
      async run({ args: given, rawArgs }) {
        refuseUnknown(name, all, given as Record<string, unknown>)
        await run(openContext(given as Record<string, unknown>, rawArgs), given as unknown as Given<T>)
      },
    }),
    about: { name, description, args, examples },
  }
}

/** A noun with its verbs. */
export function group(name: string, description: Text, subCommands: Record<string, Command>): Command {
  return { ...defineCommand({ meta: { name }, subCommands }), about: { name, description, args: {}, examples: [] } }
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

/** A mistake in how a command was called, in both languages. */
export function usageError({ en, zh }: Text): TanlianError {
  return new TanlianError('E_CLI_USAGE', en, { values: { title: zh } })
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

function refuseUnknown(name: string, known: Arguments, given: Record<string, unknown>) {
  const help = `tanlian ${name} --help`
  const names = new Set(['_'])
  for (const [key, definition] of Object.entries(known)) {
    names.add(key)
    const { alias = [] } = definition as { alias?: string | string[] }
    for (const other of Array.isArray(alias) ? alias : [alias]) names.add(other)
  }
  for (const key of Object.keys(given)) {
    const plain = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if (names.has(key) || names.has(plain)) continue
    throw usageError({
      en: `tanlian ${name} has no flag --${plain}. See ${help}.`,
      zh: `tanlian ${name} 没有 --${plain} 选项。请用 ${help} 查看用法。`,
    })
  }
  const positionals = Object.values(known).filter(({ type }) => type === 'positional').length
  const extra = (given._ as string[] | undefined)?.slice(positionals) ?? []
  if (extra.length === 0) return
  const shown = extra.map((item) => `"${item}"`).join(', ')
  throw usageError({
    en: `tanlian ${name} does not take ${shown}. See ${help}.`,
    zh: `tanlian ${name} 不接受 ${shown}。请用 ${help} 查看用法。`,
  })
}
